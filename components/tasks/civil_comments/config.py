"""Configuration of the toxicity task: the source of the comments and the training of the classifier. Imports no TensorFlow."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from components.tasks.base import Shards, TaskModel, Width
from components.tasks.civil_comments import statements
from data.comments.civil_comments import PUBLIC_FILES
from data.comments.column_mapping import ColumnNames, read_mapping
from data.comments.group_names import check_group_names
from data.comments.labels import read_scales
from data.delimited import NO_DELIMITER, delimiter_of
from data.opening import TextFormat, check_encoding
from data.patterns import matching
from fairgate.errors import InputError
from fairgate.quantities import Real, Whole

HUB_EMBEDDING = "https://tfhub.dev/google/nnlm-en-dim128/2"
EXERCISE_EMBEDDING = "https://tfhub.dev/google/nnlm-en-dim128/1"  # of the published exercise
AUTO = "auto"
TRAINING_TEXT = "training-text"
STANDARD_INPUT = "/dev/stdin"
VECTORS_ENDING = ".txt"
_OF_NETWORK = ("hidden", "learning_rate", "batch_size", "steps", "validation_share", "patience")  # alone
MAX_RATIO = 1e6  # of false positive rates; a limit above it limits nothing


class CommentsInput(TaskModel):
    """The source of the comments: files, or the generated sample.

    Attributes:
        train: CSV (Kaggle columns) or TFRecord files or globs; "-" for the standard input.
        eval: the same; empty splits `train` by its `split` column or by a seeded hash of the text.
        eval_fraction: share of the texts that a hashed split gives to eval.
        columns: known column -> the column of the files that holds it, {text: comment, label: rating, female: Female}; of labels
            also several, {label: [toxic, insult]}; of a feature a column that holds names of its groups, {gender: sex}.
        ignored_columns: columns of the files that are not read, or not the known ones that they are almost called like.
        label_thresholds: label column of the files -> the least fraction that is positive, 0.5 for the others; a comment is
            positive where any label is.
        label_scales: label column of the files that holds ratings -> the least and the most toxic rating, {rating: [1, 5]}; a
            threshold is then a share of the scale.
        group_names: feature -> value of its column -> the group that it means, or "none", {gender: {M: male}}.
        delimiter: what separates the cells of CSV files, "," ";" "tab" or "|"; "" to detect it in each.
        encoding: of CSV files, as Python calls it; "" for UTF-8. A byte-order mark takes precedence.
        max_malformed_fraction: share of malformed rows above which the run stops; fewer are set aside and counted.
        validation_fraction: share of all rows (of the train rows, where eval files or a column `split` are given) that become the
            split "validation", taken from train by the hash that chooses
            eval; there is none where train has fewer than 20,000 rows.
        shared_texts: what happens to rows of train or validation with the text of a row of eval, up to case, white space and
            Unicode's forms: remove them, keep them, or refuse the files. All of this is counted.
        tag_identities: tag by a list of words the identity features of which a file has no column.
        shards: number of files of each split, at most one per example; None for files of 8 MiB. It changes no result.
        sample: generate the comments instead; no file and no network is needed.
        sample_train_rows, sample_eval_rows: the size of the generated sample.
    """

    train: tuple[str, ...] = ()
    eval: tuple[str, ...] = ()
    eval_fraction: Real = Field(default=0.25, gt=0, lt=1)
    columns: dict[str, str | tuple[str, ...]] = Field(default={})
    ignored_columns: tuple[str, ...] = ()
    label_thresholds: dict[str, Annotated[Real, Field(gt=0, le=1)]] = Field(default={})
    label_scales: dict[str, tuple[Real, Real]] = Field(default={})
    group_names: dict[str, dict[str, str]] = Field(default={})
    delimiter: str = ""
    encoding: str = ""
    max_malformed_fraction: Real = Field(default=0.01, ge=0, le=1)
    validation_fraction: Real = Field(default=0.1, ge=0, lt=0.5)
    shared_texts: Literal["remove", "keep", "refuse"] = "remove"
    tag_identities: bool = False
    shards: Shards = None
    sample: bool = False
    sample_train_rows: Whole = Field(default=40_000, ge=1000, le=10_000_000)
    sample_eval_rows: Whole = Field(default=20_000, ge=1000, le=10_000_000)

    @model_validator(mode="after")
    def _one_source(self) -> "CommentsInput":
        if self.sample and (self.train or self.eval):
            raise ValueError("sample generates the comments: give no train or eval files with it")
        if self.eval and not self.train:
            raise ValueError("eval files need train files beside them: --train FILES")
        return self

    @field_validator("train", "eval")
    @classmethod
    def _named(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Refuse an empty name, and read "-" as the standard input."""
        if not all(map(str.strip, names)):
            raise ValueError(f"a name is empty, perhaps of a variable that is not set; name a file: --{info.field_name} FILE")
        return tuple(STANDARD_INPUT if name == "-" else name for name in names)

    @field_validator("columns")
    @classmethod
    def _readable(cls, columns: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
        _refuse(read_mapping, columns)
        return columns

    @field_validator("label_scales")
    @classmethod
    def _known_scales(cls, scales: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        _refuse(read_scales, scales)
        return scales

    @field_validator("group_names")
    @classmethod
    def _known_groups(cls, names: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        _refuse(check_group_names, names)
        return names

    @model_validator(mode="after")
    def _read_or_ignored(self) -> "CommentsInput":
        for name in set(self.ignored_columns).intersection(self.column_names.renamed()):
            raise ValueError(f"the column {name!r} is both read and ignored; take it out of columns or of ignored_columns")
        return self

    @property
    def column_names(self) -> ColumnNames:
        """Return what is said about the columns of the files."""
        return replace(
            read_mapping(self.columns),
            ignored=self.ignored_columns,
            thresholds=self.label_thresholds,
            groups=self.group_names,
            scales=read_scales(self.label_scales),
        )

    @field_validator("delimiter", "encoding")
    @classmethod
    def _known_format(cls, written: str, info: ValidationInfo) -> str:
        try:
            (delimiter_of if info.field_name == "delimiter" else check_encoding)(written)
        except InputError as error:
            raise ValueError(str(error)) from None
        if written == NO_DELIMITER:
            raise ValueError("a text without columns has no labels; give a table")
        return written

    @property
    def text_format(self) -> TextFormat:
        """Return how the text of the files is read."""
        return TextFormat(delimiter_of(self.delimiter), self.encoding)

    @property
    def generated(self) -> bool:
        """Return whether the comments are the generated sample."""
        return self.sample

    @property
    def published_files(self) -> bool:
        """Return whether train and eval have the names of the public files, raw or processed."""
        public = {
            split: {Path(PUBLIC_FILES[f"{split}{form}"]).name for form in ("", "_processed")} for split in ("train", "eval")
        }
        given = {"train": self.train, "eval": self.eval}
        return all(len(given[split]) == 1 and Path(given[split][0]).name in public[split] for split in public)

    def known_statements(self) -> Mapping[str, Any]:
        """Return what is published of the comments: of the sample and of the public files; nothing of others."""
        return statements.GENERATED if self.sample else statements.of_files((*self.train, *self.eval))

    def files_read(self) -> list[Path]:
        """Return the files that the patterns name."""
        return [file.absolute() for pattern in (*self.train, *self.eval) for file in matching(pattern)]

    def missing_inputs(self) -> list[str]:
        """Return a problem with its remedy if no source is given or a file does not exist."""
        if self.sample:
            return []
        if not self.train:
            return ["No comments to work on. Give --train FILES (CSV or TFRecord), or --sample to generate some without files."]
        absent = [pattern for pattern in (*self.train, *self.eval) if not matching(pattern)]
        return [
            f"{pattern}: no such file; give an existing file, or a glob in quotes such as 'folder/*.csv'." for pattern in absent
        ]


def _refuse(check: Callable[[Any], object], value: object) -> None:
    """Raise what is wrong with a value as pydantic expects it."""
    try:
        check(value)
    except InputError as error:
        raise ValueError(str(error)) from None


def unloadable(handle: str, reason: str) -> InputError:
    """Return the error of a text embedding that cannot be loaded."""
    return InputError(
        f"text embedding {handle!r} cannot be loaded ({reason}); give the folder of a SavedModel or a TF-Hub address that this "
        "machine can reach (--set training.embedding=FOLDER), or have one built from the training text "
        "(--set training.embedding=training-text)"
    )


class TargetRate(TaskModel):
    """An operating point by its false positive rate.

    Attributes:
        target_fpr: share of the negatives that may be called positive.
    """

    target_fpr: Real = Field(gt=0, lt=1)


class CommentsTraining(TaskModel):
    """The classifier and its training.

    Attributes:
        model: "ngrams", hashed words and characters in a logistic regression, or "dnn", the published network on a frozen text
            embedding.
        embedding: of the network: "auto" (built from the training text for the sample, HUB_EMBEDDING otherwise),
            "training-text", a TF-Hub handle, the folder of a SavedModel str[N] -> float32[N, d], or a text file of word vectors
            in GloVe form. Beside n-grams a further block of features, "auto" or "" for none.
        operating_point: of n-grams, what the decision threshold of 0.5 means: "balanced" error rates, a target_fpr, or "max_f1".
        strength: of n-grams, by how much a harmless comment that mentions an identity weighs more in the candidate's training;
            "auto" for the least of 1, 2, 4 and 8 that keeps the policy's ratio.
        inverse_regularisation: of n-grams, C of the logistic regression.
        ratio_limit: of n-grams, the ratio that "auto" keeps; the graph takes it from the policy.
        hidden: of the network, widths of the hidden layers.
        learning_rate, batch_size: of Adagrad; the loss is summed over the batch.
        steps: batches at most.
        validation_share: share of the training rows held back to stop early where there is no validation split; 0 trains all
            steps on all rows.
        patience: batches without a better validation loss after which training stops; the best weights are restored.
        notes: sentences that the model's metadata, verdict and report show.
    """

    model: Literal["ngrams", "dnn"] = "ngrams"
    embedding: str = AUTO
    operating_point: Literal["balanced", "max_f1"] | TargetRate = "balanced"
    strength: Literal["auto"] | Annotated[Real, Field(ge=1, le=1000)] = "auto"
    inverse_regularisation: Real = Field(default=2.0, gt=0, le=1e6)
    ratio_limit: Real = Field(default=1.25, gt=0, le=MAX_RATIO)
    hidden: tuple[Width, ...] = Field(default=(500, 100), max_length=100)
    learning_rate: Real = Field(default=0.003, gt=0, le=100)
    batch_size: Whole = Field(default=512, ge=1, le=1_000_000)
    steps: Whole = Field(default=1000, ge=1, le=10_000_000)
    validation_share: Real = Field(default=0.1, ge=0, le=0.5)
    patience: Whole = Field(default=350, ge=1, le=10_000_000)
    notes: tuple[str, ...] = ()

    @field_validator("operating_point", mode="before")
    @classmethod
    def _known_point(cls, point: object) -> object:
        if isinstance(point, (Mapping, TargetRate)) or point in ("balanced", "max_f1"):
            return point
        raise ValueError("choose balanced, max_f1, or a false positive rate as --set training.operating_point.target_fpr=0.05")

    @model_validator(mode="after")
    def _of_ngrams(self) -> "CommentsTraining":
        """Refuse options that the network would ignore."""
        if self.model == "dnn" and (names := self._chosen("operating_point", "strength")):
            raise ValueError(f"the model dnn has no {names}; remove the option, or add --set training.model=ngrams")
        return self

    def _chosen(self, *names: str) -> str:
        """Return those of the settings that have not their default, "training.hidden and training.steps"."""
        fields = type(self).model_fields
        return " and ".join(f"training.{name}" for name in names if getattr(self, name) != fields[name].default)

    def without_effect(self) -> list[str]:
        """Return a sentence with its remedy if n-grams are trained, and settings of the network are given."""
        if self.model == "dnn" or not (names := self._chosen(*_OF_NETWORK)):
            return []
        return [f"{names}: without effect on the model ngrams; leave it out, or add --set training.model=dnn."]

    @field_validator("embedding")
    @classmethod
    def _public(cls, embedding: str) -> str:
        """Refuse plain http and credentials: the address goes into reports and metadata, and its content is code."""
        address = urlsplit(embedding)
        if address.scheme == "http":
            raise ValueError("only https is allowed; give an https address or the folder of a SavedModel")
        if "@" in address.netloc:
            raise ValueError("an address with user or password is not supported; give a public one or the folder of a SavedModel")
        return embedding

    @property
    def embeds_text(self) -> bool:
        """Return whether the model uses a text embedding: the network always, n-grams where one is named."""
        return self.model == "dnn" or self.embedding not in ("", AUTO)

    def in_steps(self, steps: int | None) -> "CommentsTraining":
        """Return the same training with at most that many batches; None changes nothing."""
        return self.model_copy(update={"steps": steps}) if steps else self

    def on_generated(self, preset_keys: Collection[str]) -> "CommentsTraining":
        """Return this training for the generated sample: its own text embedding takes the place of a preset's.

        The sample needs no network, and a sentence in `notes` names the embedding that was replaced. An embedding that a file
        or an option names stays.
        """
        if "embedding" not in preset_keys or self.embedding in (AUTO, TRAINING_TEXT):
            return self
        replaced = "/".join(self.embedding.split("/")[-2:])  # of a TF-Hub handle: the name and the version
        note = f"The sample's own text embedding takes the place of {replaced}."
        return self.model_copy(update={"embedding": TRAINING_TEXT, "notes": (*self.notes, note)})

    def described(self) -> Mapping[str, str]:
        """Return model, text embedding, operating point and strength in words; `notes` where there are any."""
        described = self._described_ngrams() if self.model == "ngrams" else self._described_network()
        return {**described, "notes": " ".join(self.notes)} if self.notes else described

    def _described_ngrams(self) -> dict[str, str]:
        point = self.operating_point
        least = "auto: the least of 1, 2, 4 and 8 that keeps the policy's ratio"
        return {
            "model": f"ngrams: hashed words and characters in a logistic regression, C = {self.inverse_regularisation:g}",
            "text embedding": f"{self.embedding}, beside the n-grams" if self.embeds_text else "none",
            "operating point": f"target_fpr: {point.target_fpr:g}" if isinstance(point, TargetRate) else point,
            "strength": least if self.strength == "auto" else f"{self.strength:g}",
        }

    def _described_network(self) -> dict[str, str]:
        widths = ", ".join(map(str, self.hidden)) or "none"
        rows = (
            f"{self.validation_share:.0%} of the training rows held back to stop early" if self.validation_share else "all rows"
        )
        built = f"auto: built from the training text for the sample, otherwise {HUB_EMBEDDING}"
        return {
            "model": f"dnn: hidden layers {widths}; {self.steps:,} steps of {self.batch_size:,}, {rows}",
            "text embedding": built if self.embedding == AUTO else self.embedding,
            "operating point": "as trained with the weight label + 0.1",
            "strength": "fixed: the weights of the published exercise",
        }

    def unresolved_inputs(self) -> list[str]:
        """Return a problem with its remedy if the embedding is still to be chosen or built."""
        built = self.embedding not in (AUTO, TRAINING_TEXT) and not self.embedding.endswith(VECTORS_ENDING)
        if built or not self.embeds_text:
            return []
        remedy = "build one with `fairgate data embedding` and name its folder, or name a TF-Hub handle"
        return [f"training.embedding={self.embedding} is built on this machine, before the pipeline; {remedy}."]
