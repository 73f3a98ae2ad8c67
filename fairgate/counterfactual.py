"""Write and read what the counterfactual test found: `counterfactual.json`, version 1.

The score shift of a term is how much higher a text scores with the term than with the others of its group: above 0 the term
itself makes a text look more toxic. In swaps it is score(comment) - mean score(comment with another term in the term's place),
in probes score(template with the term) - mean score(template with each term of the group). A decision flips when the two lie on
different sides of the threshold.

Numbers that are undefined are null in JSON and None here.
"""

import math
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from fairgate.errors import InputError
from fairgate.files import replace_text
from fairgate.names import place, slice_name

SCHEMA_VERSION = 1
FILE = "counterfactual.json"

TestKind = Literal["swaps", "probes"]


def _finite_or_none(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite_or_none)]


class ResultPart(BaseModel):
    """A frozen part of counterfactual.json; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FlipRate(ResultPart):
    """The share of decisions that flip at a threshold, with its Wilson interval.

    Of a comment with several swaps the share of them counts, so that a comment is one trial; the interval is then rather too wide
    than too narrow.
    """

    threshold: float
    value: float
    low: float
    high: float


class ScoreShift(ResultPart):
    """The mean shift with Student's interval of a paired difference; error and interval are null for a single text."""

    value: float
    standard_error: Number
    low: Number
    high: Number


class TermResult(ResultPart):
    """One term and model.

    Attributes:
        n: comments that were swapped, or templates.
        flips: at each threshold.
    """

    test: TestKind
    model: str
    group: str
    term: str
    n: int
    flips: tuple[FlipRate, ...]
    shift: ScoreShift

    @property
    def slice(self) -> str:
        """Return what rules call it: "swaps:gender:male"."""
        return slice_name(self.test, place(self.group, self.term))


class TermPair(ResultPart):
    """Two terms in a text embedding, over neutral templates that differ in them alone.

    Attributes:
        n: templates.
        unknown: words of the two that the embedding does not know; all numbers but n are then undefined.
        distance: mean cosine distance between the sentences with the one and the other, in [0, 2]; low, high: Student's interval.
        effect_size: of `association.association_test`, in [-2, 2]; above 0 the first term lies nearer to pleasant sentences.
        p_value: of its permutation test, two-sided; not corrected for the number of pairs.
    """

    group: str
    term: str
    other: str
    n: int
    unknown: tuple[str, ...] = ()
    distance: Number
    low: Number
    high: Number
    effect_size: Number
    p_value: Number


class SentenceScore(ResultPart):
    """A model's score of a whole sentence.

    Attributes:
        set: of sentences that differ in a word or two.
        score: null if it is not finite.
        unknown_words: share of its words that the model does not know; null where the model cannot tell.
    """

    set: str
    text: str
    model: str
    score: Number
    unknown_words: Number = None


class EmbeddingBias(ResultPart):
    """What `fairgate data embedding-bias` writes.

    Attributes:
        embedding: the handle or folder that was examined.
        confidence: level of the intervals.
        seed: of the permutations.
        pairs: every pair of terms of a group.
    """

    schema_version: Literal[1] = 1
    embedding: str
    confidence: float
    seed: int
    pairs: tuple[TermPair, ...] = ()


class CounterfactualResults(ResultPart):
    """The whole file.

    Attributes:
        confidence: level of every interval.
        seed: of the choice of comments and of the permutations.
        mentioned: "gender:male" -> distinct comments of the eval split that name the term.
        left_out: of them, those beyond the limit of comments per term.
        invalid_scores: model -> scores that were NaN or infinite; what they belong to is in no number.
        terms: one per test, model and term that has any text.
        embedding: empty when the text embedding was not examined.
        sentences: whole sentences, by set, sentence and model; absent in older files.
    """

    schema_version: Literal[1] = 1
    confidence: float
    seed: int
    mentioned: dict[str, int]
    left_out: dict[str, int]
    invalid_scores: dict[str, int]
    terms: tuple[TermResult, ...]
    embedding: tuple[TermPair, ...] = ()
    sentences: tuple[SentenceScore, ...] = ()


def write(results: CounterfactualResults, path: Path) -> None:
    """Write the file: to a temporary name, then renamed."""
    replace_text(path, results.model_dump_json(indent=1) + "\n")


def read(path: Path) -> CounterfactualResults:
    """Read the file.

    Raises:
        InputError: it is absent or no result of this version.
    """
    try:
        return CounterfactualResults.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the counterfactual test {path}: {error}. Run the pipeline again.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(
            f"{path} is no counterfactual test of version {SCHEMA_VERSION}: {key}: {first['msg']}. Run the pipeline again."
        ) from error
