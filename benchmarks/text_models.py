"""Compare text models on comment files: the n-gram models, the network, and three that scikit-learn fits on the same rows.

    .venv/bin/python -m benchmarks.text_models FILES… [--seeds 5] [--vectors GLOVE.txt]

In: CSV files with Civil Comments' columns; those with fewer than 5,000 rows are split by several seeds. Out: a Markdown page: per
file the AUC of every model on the held-out quarter, error rates at 0.5, BPSN and BNSP AUC of the weakest group, and the outcome
of the default policy. Five minutes for 40,000 rows on two cores.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from components.modelling.feature_extraction import extract_features
from components.modelling.feature_settings import FeatureSettings
from components.modelling.ngram_classifier import NgramClassifier
from components.remedies.reweighting import candidate_weights
from components.tasks.base import Recipe
from components.tasks.civil_comments import ngrams, trainer
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.features_plan import EMBEDDER
from components.tasks.civil_comments.ngrams_trainer import classifier
from components.tasks.civil_comments.task import TASK
from data.comments.conversion import ConversionOptions, Sources, convert
from data.comments.names import IDENTITIES, LABEL, TEXT
from data.records import decode_example, read_records
from data.text import text_embedding
from fairgate.gate.decision import decide
from fairgate.measurement import Evaluation, MetricKey
from fairgate.model_facts import Remedy
from fairgate.names import BASELINE, CANDIDATE, OVERALL, REFERENCE
from fairgate.predictions import evaluate_predictions

SMALL = 5000  # rows below which one split says little
Scores = npt.NDArray[np.float64]
MODELS: Mapping[Recipe, str] = {"baseline": BASELINE, "remediated": CANDIDATE, "reference": REFERENCE}
MARGIN, RATE = 0.005, 0.35
OURS = (BASELINE, CANDIDATE, "ngrams + vectors")
HEADINGS = {
    "network": "network",
    REFERENCE: "reference",
    BASELINE: "ngrams (baseline)",
    CANDIDATE: "ngrams with remedy (candidate)",
    "ngrams + vectors": "ngrams + vectors (baseline)",
    "TF-IDF words": "TF-IDF words",
    "words + characters": "words + characters",
    "NB-SVM": "NB-SVM",
}
EXPLAINED = (
    "Held out is a quarter of the texts, chosen by a hash; a file with several seeds shows the mean over its splits.",
    "The network is `model: dnn` on an embedding built from the training text, the reference TF-IDF words in our own features.",
    "The last three are scikit-learn's, fitted on the same rows: logistic regression with C = 2 on TF-IDF words, on word",
    "1–2-grams and character 3–5-grams, and on binary word 1–2-grams scaled by their log-count ratio.",
    "BPSN and BNSP AUC are of the weakest group with 100 examples or more; – where there is none.",
    "The outcome is that of the policy on these measurements; groups for which a file has no column leave no gap in it.",
)
REQUIRED = (
    f"Required of the n-gram models: an AUC at most {MARGIN:g} below the best of the three scikit-learn models on every file,",
    f"and above it on average; of the candidate, error rates at 0.5 below {RATE:g}.\n",
)
PAGE = Path(__file__).parents[1] / "docs" / "text-models.md"


@dataclass(frozen=True, eq=False)
class HeldComments:
    """The comments of one split: texts, labels int[n], and the identities of each by feature."""

    serialized: list[bytes]
    texts: list[str]
    labels: npt.NDArray[np.int64]
    identities: Mapping[str, list[tuple[str, ...]]]

    @classmethod
    def read(cls, folder: Path, split: str) -> "HeldComments":
        """Read a split of converted comments."""
        files = sorted((folder / f"Split-{split}").glob("*.tfrecord.gz"))
        serialized = [record for file in files for record in read_records(file)]
        rows = [decode_example(record) for record in serialized]
        identities = {name: [tuple(_text(value) for value in row.get(name, ())) for row in rows] for name in IDENTITIES}
        texts = [_text(row[TEXT][0]) for row in rows]
        return cls(serialized, texts, np.array([int(row[LABEL][0]) for row in rows]), identities)


@dataclass(frozen=True)
class TextResult:
    """What was measured on one split of one file: AUC of every model, the candidate's rates at 0.5, the verdict."""

    file: str
    seed: int
    rows: int
    toxic: float
    aucs: Mapping[str, float]
    false_positive_rate: float
    false_negative_rate: float
    bpsn_auc: float
    bnsp_auc: float
    outcome: str
    summary: str
    remedy: str
    strength: float
    seconds: float


def measure(file: Path, seed: int, vectors: Path | None) -> TextResult:
    """Split a file, train every model on one part and measure all of them on the other."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        converted = convert(Sources((str(file),)), folder / "examples", options=ConversionOptions(seed=seed))
        train, held_out = (HeldComments.read(folder / "examples", split) for split in ("train", "eval"))
        scores, remedy = _ngrams(folder, held_out)
        if vectors is not None:
            embedding = text_embedding.build_from_vectors(vectors, folder / "vectors")
            scores["ngrams + vectors"] = _ngrams(folder, held_out, str(embedding), ("baseline",))[0][BASELINE]
        scores["network"] = _network(folder, train, held_out, seed)
    scores |= {name: make(train, held_out) for name, make in RIVALS.items()}
    evaluation = evaluate_predictions(
        held_out.labels,
        {name: scores[name] for name in (BASELINE, CANDIDATE, REFERENCE)},
        held_out.identities,
        auc_slices=TASK.policy.auc_slices,
    )
    evaluation = replace(evaluation, expected=IDENTITIES, absent_columns=converted.absent_columns)
    decision = decide(TASK.policy, evaluation)
    overall = evaluation.models[CANDIDATE][OVERALL]
    return TextResult(
        file.name,
        seed,
        len(train.texts) + len(held_out.texts),
        float(np.mean(np.concatenate([train.labels, held_out.labels]))),
        {name: float(roc_auc_score(held_out.labels, of_model)) for name, of_model in scores.items()},
        overall.value(MetricKey("false_positive_rate", 0.5)),
        overall.value(MetricKey("false_negative_rate", 0.5)),
        _weakest(evaluation, "bpsn_auc"),
        _weakest(evaluation, "bnsp_auc"),
        decision.outcome,
        decision.summary,
        remedy.sentence if remedy else "",
        (remedy and remedy.strength) or 1.0,
        time.monotonic() - begun,
    )


def _ngrams(
    folder: Path, held_out: HeldComments, embedding: str = "", recipes: Sequence[Recipe] = tuple(MODELS)
) -> tuple[dict[str, Scores], Remedy | None]:
    """Return the scores of the n-gram models on the held-out comments, and the remedy of the candidate."""
    features, scores, remedy = folder / ("with-vectors" if embedding else "features"), dict[str, Scores](), None
    extract(folder / "examples", features, embedding)
    for recipe in recipes:
        model = ngrams.train(features, CommentsTraining(embedding=embedding), recipe)
        remedy = model.metadata.remedy or remedy
        scores[MODELS[recipe]] = answers(classifier(features, model, embedding), held_out.serialized)
    return scores, remedy


def extract(folder: Path, features: Path, embedding: str = "") -> None:
    """Write the features of the converted comments of a folder."""
    settings = FeatureSettings(
        text=TEXT, label=LABEL, groups=dict(IDENTITIES), embedding=embedding, embedder=EMBEDDER if embedding else ""
    )
    extract_features(beam.Pipeline(argv=["--direct_running_mode=in_memory"]), str(folder), settings, features)


def answers(model: NgramClassifier, serialized: Sequence[bytes]) -> Scores:
    """Return the score of each serialized example."""
    parts = [
        model.serve(tf.constant(serialized[at : at + 1024]))["score"].numpy()[:, 0] for at in range(0, len(serialized), 1024)
    ]
    return np.asarray(np.concatenate(parts), np.float64)


def _network(folder: Path, train: HeldComments, held_out: HeldComments, seed: int) -> Scores:
    """Return the scores of the network's candidate on a text embedding that is built from the training text."""
    text_embedding.build_from_texts(train.texts, folder / "embedding")
    embedding = TextEmbedding(str(folder / "embedding"))
    vectors = {name: _embedded(embedding, comments.texts) for name, comments in (("train", train), ("eval", held_out))}
    weights = candidate_weights(train.labels, train.identities["gender"])
    order = np.random.default_rng(seed).permutation(len(train.labels))
    rows = trainer.EmbeddedComments(vectors["train"], train.labels.astype(np.float32)[:, np.newaxis], weights[:, np.newaxis])
    model, _ = trainer.train(rows.rows(order), CommentsTraining(model="dnn"), seed)
    return np.asarray(model.predict(vectors["eval"], verbose=0)[:, 0], np.float64)


def _embedded(embedding: TextEmbedding, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    parts = [embedding(tf.constant(texts[at : at + 1024])).numpy() for at in range(0, len(texts), 1024)]
    return np.concatenate(parts)


def _fitted(train: Any, labels: npt.NDArray[np.int64], held_out: Any) -> Scores:
    fitted = LogisticRegression(C=2, max_iter=1000).fit(train, labels)
    return np.asarray(fitted.decision_function(held_out), np.float64)


def _words(train: HeldComments, held_out: HeldComments) -> Scores:
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    return _fitted(vectorizer.fit_transform(train.texts), train.labels, vectorizer.transform(held_out.texts))


def _words_and_characters(train: HeldComments, held_out: HeldComments) -> Scores:
    vectorizers = [
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)),
    ]
    fitted = sparse.hstack([vectorizer.fit_transform(train.texts) for vectorizer in vectorizers]).tocsr()
    return _fitted(
        fitted, train.labels, sparse.hstack([vectorizer.transform(held_out.texts) for vectorizer in vectorizers]).tocsr()
    )


def _nb_svm(train: HeldComments, held_out: HeldComments) -> Scores:
    """Return the scores of Wang and Manning 2012: binary word 1–2-grams scaled by their log-count ratio, logistic regression."""
    vectorizer = CountVectorizer(ngram_range=(1, 2), binary=True)
    counts, others = vectorizer.fit_transform(train.texts), vectorizer.transform(held_out.texts)
    toxic, harmless = (np.asarray(counts[train.labels == label].sum(0)).ravel() + 1 for label in (1, 0))
    ratio = sparse.diags(np.log((toxic / toxic.sum()) / (harmless / harmless.sum())))
    return _fitted(counts @ ratio, train.labels, others @ ratio)


RIVALS: Mapping[str, Callable[[HeldComments, HeldComments], Scores]] = {
    "TF-IDF words": _words,
    "words + characters": _words_and_characters,
    "NB-SVM": _nb_svm,
}


def _weakest(evaluation: Evaluation, metric: str) -> float:
    """Return the least value of a metric among groups of 100 examples or more; NaN without one."""
    key, slices = MetricKey(metric), evaluation.models[CANDIDATE].values()
    return min((each.scalars[key].value for each in slices if each.n >= 100 and key in each.scalars), default=float("nan"))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def page(results: Sequence[TextResult], vectors: str) -> Iterator[str]:
    """Yield the lines of the Markdown page; `vectors` names the file of word vectors, "" for none."""
    files = {file: [each for each in results if each.file == file] for file in dict.fromkeys(each.file for each in results)}
    yield "# Text models compared\n"
    option = f" --vectors {vectors}" if vectors else ""
    yield f"Written by `.venv/bin/python -m benchmarks.text_models {' '.join(files)}{option}`.\n"
    yield from EXPLAINED
    yield "\n## AUC\n"
    models = [name for name in HEADINGS if name in results[0].aucs]
    yield from _header("file (rows, toxic; seeds)", models)
    for file, of_file in files.items():
        head = f"{file} ({of_file[0].rows:,}, {of_file[0].toxic:.2f}; {len(of_file)})"
        yield f"| {head} | {' | '.join(f'{_mean(of_file, name):.4f}' for name in models)} |"
    yield "\nThe same minus the best of the three scikit-learn models:\n"
    ours = [name for name in OURS if name in models]
    yield from _header("file", ours)
    leads = {file: _leads(of_file, ours) for file, of_file in files.items()}
    for file, lead in [*leads.items(), ("mean of the files", np.mean(list(leads.values()), axis=0))]:
        yield f"| {file} | {' | '.join(f'{value:+.4f}' for value in lead)} |"
    yield "\n## The candidate at 0.5, and the default policy\n"
    yield "| file | seed | FPR | FNR | weakest BPSN AUC | weakest BNSP AUC | strength | outcome |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for result in results:
        rates = (result.false_positive_rate, result.false_negative_rate, result.bpsn_auc, result.bnsp_auc)
        cells = " | ".join("–" if np.isnan(rate) else f"{rate:.3f}" for rate in rates)
        yield f"| {result.file} | {result.seed} | {cells} | {result.strength:g} | {result.outcome} |"
    yield "\n## What falls short\n"
    yield from REQUIRED
    yield from _shortfalls(files, leads) or ["* Nothing."]
    yield "\nWhat the remedy costs is the AUC of the candidate minus that of the baseline:\n"
    for result in results:
        if cost := result.aucs[CANDIDATE] - result.aucs[BASELINE]:
            yield f"* {result.file}, seed {result.seed}, strength {result.strength:g}: {cost:+.4f}"
    yield "\n## The verdicts, and why the remedy has its strength\n"
    for result in results:
        summary = result.summary.replace("*", "\\*")
        yield f"* {result.file}, seed {result.seed}: {summary}\n  {result.remedy}"


def _shortfalls(files: Mapping[str, Sequence[TextResult]], leads: Mapping[str, Sequence[float]]) -> list[str]:
    """Return a sentence for each requirement that a file misses; `leads` are those of `OURS`."""
    lines = [
        f"* {file}: the AUC of {HEADINGS[name]} is {-value:.4f} below the best."
        for file, lead in leads.items()
        for name, value in zip(OURS, lead, strict=False)
        if value < -MARGIN
    ]
    for file, results in files.items():
        for name in ("false_positive_rate", "false_negative_rate"):
            if (worst := max(getattr(each, name) for each in results)) >= RATE:
                lines.append(f"* {file}: {name.replace('_', ' ')} {worst:.3f}.")
    return lines


def _header(first: str, models: Sequence[str]) -> Iterator[str]:
    yield f"| {first} | {' | '.join(HEADINGS[name] for name in models)} |"
    yield f"|---{'|--:' * len(models)}|"


def _leads(results: Sequence[TextResult], models: Sequence[str]) -> list[float]:
    """Return by how much the mean AUC of each model exceeds that of the best rival."""
    return [_mean(results, name) - max(_mean(results, rival) for rival in RIVALS) for name in models]


def _mean(results: Sequence[TextResult], model: str) -> float:
    return float(np.mean([result.aucs[model] for result in results]))


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args()
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    results = []
    for file in given.files:
        with file.open("rb") as lines:
            small = sum(1 for _ in lines) < SMALL
        for seed in range(1, (given.seeds if small else 1) + 1):
            results.append(measure(file, seed, given.vectors))
            print(json.dumps(asdict(results[-1])), flush=True)
    given.to.write_text("\n".join(page(results, given.vectors.name if given.vectors else "")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
