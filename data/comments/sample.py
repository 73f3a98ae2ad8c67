"""The offline sample: generated comments in the Civil Comments schema, with a planted bias that is declared as data.

In: numbers of rows and a seed. Out: `Comment`s, canonical gzip TFRecords, or a CSV with Kaggle's columns; the same seed gives the
same bytes. The TFRecords are the splits train and eval alone: a validation split would take train rows from under the figures
that are published and compared.

Identity mentions are over-represented among toxic comments, as in the real data, though no sentence ties an identity to an
insult: a model that takes mentions for toxicity has learned `PLANTED_BIAS` and nothing else. The words stand in
`data.comments.sample_phrases`.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, count, islice
from pathlib import Path
from types import MappingProxyType
from zlib import crc32

import numpy as np
import numpy.typing as npt

from data.comments.civil_comments import IDENTITY_COLUMNS, Comment
from data.comments.examples import encode_comment
from data.comments.labels import KAGGLE_LABEL
from data.comments.names import IDENTITIES, TEXT
from data.comments.sample_sentences import Positions, pools
from data.folders import whole_folder
from data.records import even_sizes, write_split

TRAIN_ROWS = 40_000
EVAL_ROWS = 20_000

_CHUNK = 8192  # rows that are drawn together; the rows before it never depend on how many follow
_NOBODY = len(IDENTITY_COLUMNS)  # the position of "no identity" behind the identities
_TONED_SENTENCES = 3
_RATERS = 10

Flags = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mention:
    """How one identity appears in the generated comments.

    Attributes:
        share: of all comments, those whose first mention it is.
        toxic: of these, those that are written to be toxic.
        annotated: of the mentions, those that at least half of the annotators see; the others stand in the text but in no
            feature.
    """

    share: float
    toxic: float
    annotated: float = 1.0


@dataclass(frozen=True)
class Bias:
    """Every parameter of the planted bias.

    Attributes:
        toxic: of the comments without an identity, those that are written to be toxic.
        mentions: identity -> how it appears.
        second: of the comments with an identity, those that mention one more, drawn like the first; the more toxic of both
            counts.
        toxic_tones, other_tones: in comments written to be toxic and in the others, the share of sentences in each tone, in the
            order of `sample_phrases.TONES`. A comment has one to three such sentences, so the two kinds overlap.
        toxic_missed: label noise: of the comments written to be toxic, those that are labelled as not.
        other_flagged: label noise: of the others, those that are labelled as toxic.
    """

    toxic: float
    mentions: Mapping[str, Mention]
    second: float
    toxic_tones: tuple[float, ...]
    other_tones: tuple[float, ...]
    toxic_missed: float
    other_flagged: float


PLANTED_BIAS = Bias(
    toxic=0.07,
    mentions=MappingProxyType(
        {
            "male": Mention(0.105, 0.26, 0.46),
            "female": Mention(0.105, 0.28, 0.66),
            "transgender": Mention(0.040, 0.15, 0.80),
            "other_gender": Mention(0.040, 0.045, 0.90),
            "heterosexual": Mention(0.004, 0.15),
            "homosexual_gay_or_lesbian": Mention(0.020, 0.20),
            "bisexual": Mention(0.003, 0.14),
            "other_sexual_orientation": Mention(0.002, 0.12),
            "christian": Mention(0.040, 0.10),
            "jewish": Mention(0.012, 0.14),
            "muslim": Mention(0.025, 0.18),
            "hindu": Mention(0.003, 0.10),
            "buddhist": Mention(0.003, 0.10),
            "atheist": Mention(0.004, 0.10),
            "other_religion": Mention(0.003, 0.10),
            "black": Mention(0.020, 0.20),
            "white": Mention(0.030, 0.19),
            "asian": Mention(0.007, 0.11),
            "latino": Mention(0.005, 0.14),
            "other_race_or_ethnicity": Mention(0.004, 0.10),
            "physical_disability": Mention(0.003, 0.11),
            "intellectual_or_learning_disability": Mention(0.003, 0.13),
            "psychiatric_or_mental_illness": Mention(0.010, 0.16),
            "other_disability": Mention(0.002, 0.11),
        }
    ),
    second=0.15,
    toxic_tones=(0.04, 0.11, 0.19, 0.33, 0.33),
    other_tones=(0.28, 0.36, 0.22, 0.10, 0.04),
    toxic_missed=0.04,
    other_flagged=0.003,
)

_GENDER_SHARES = ", ".join(
    f"{PLANTED_BIAS.mentions[name].toxic:.1%} of those that mention {name}" for name in IDENTITIES["gender"]
)
DESCRIPTION = (
    f"Generated comments, not real ones. Planted: {PLANTED_BIAS.toxic:.1%} of the comments without an identity are written to be "
    f"toxic, but {_GENDER_SHARES}; the identity has no part in any insult. {PLANTED_BIAS.toxic_missed:.1%} of the toxic comments "
    f"are labelled as not toxic, {PLANTED_BIAS.other_flagged:.1%} of the others as toxic."
)
"""What every report says of the sample; `PLANTED_BIAS` states all of it."""


def generate(rows: int, seed: int, bias: Bias = PLANTED_BIAS) -> Iterator[Comment]:
    """Yield comments in a fixed order; a smaller number of rows is a prefix of a larger one.

    Another bias makes a control: without its `mentions`' differences nothing is left to be learned from an identity.
    """
    return islice(_comments(seed, bias), rows)


def write_sample(
    output: Path, *, train_rows: int = TRAIN_ROWS, eval_rows: int = EVAL_ROWS, seed: int, shards: int | None = None
) -> None:
    """Write the splits "train" and "eval" as canonical gzip TFRecords below `output`, each to `shards` files, or by size.

    A checksum of the text decides in which split a comment may be, so none is in both; within a split a text may occur twice,
    rarely.
    """
    eval_share = eval_rows / (train_rows + eval_rows)
    with whole_folder(output) as folder:
        for split, rows in (("train", train_rows), ("eval", eval_rows)):
            chosen = (comment for comment in _comments(seed, PLANTED_BIAS) if _split(comment.text, eval_share) == split)
            sizes = even_sizes(rows, shards) if shards else ()
            write_split(folder, split, map(encode_comment, islice(chosen, rows)), sizes)


def write_csv(output: Path, *, rows: int, seed: int) -> None:
    """Write comments with Kaggle's columns: `id`, `target`, `comment_text` and 24 identities as rater fractions.

    A fraction is 0.5 or more exactly where the comment has the label or the identity. As in the real file, most comments without
    an identity have empty identity cells: nobody annotated them.
    """
    rng = np.random.default_rng((seed, _CHUNK))
    temporary = output.with_name(f".{output.name}.partial")
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", KAGGLE_LABEL, TEXT, *IDENTITY_COLUMNS])
            for number, comment in enumerate(generate(rows, seed), start=1):
                writer.writerow([number, _fraction(rng, comment.toxic), comment.text, *_identity_cells(rng, comment)])
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)


def _split(text: str, eval_share: float) -> str:
    return "eval" if crc32(text.encode()) < eval_share * 2**32 else "train"


def _fraction(rng: np.random.Generator, agreed: bool) -> float:
    half = _RATERS // 2
    return int(rng.integers(half, _RATERS + 1) if agreed else rng.integers(0, half)) / _RATERS


def _identity_cells(rng: np.random.Generator, comment: Comment) -> list[float | str]:
    mentioned = set(chain.from_iterable(comment.identities.values()))
    if not mentioned and rng.random() < 0.75:
        return [""] * len(IDENTITY_COLUMNS)
    return [_fraction(rng, True) if name in mentioned else 0.0 for name in IDENTITY_COLUMNS]


def _comments(seed: int, bias: Bias) -> Iterator[Comment]:
    """Yield comments endlessly."""
    for number in count():
        rng = np.random.default_rng((seed, number))
        draws = _draw(rng, bias)
        seen = zip(draws.seen_first.tolist(), draws.seen_second.tolist(), strict=True)
        for text, toxic, (first, second) in zip(_texts(rng, draws), draws.toxic.tolist(), seen, strict=True):
            yield Comment(text, toxic, _features(first, second))


@dataclass(frozen=True)
class _Draws:
    """The random choices of a chunk of comments, one value per comment; identities are positions, _NOBODY for none.

    Attributes:
        first, second: the identities in the text.
        seen_first, seen_second: the same where annotators see them, else _NOBODY.
        written: whether the comment is written to be toxic.
        toxic: its label.
        tones: positions of tones [n, _TONED_SENTENCES].
    """

    first: Positions
    second: Positions
    seen_first: Positions
    seen_second: Positions
    written: Flags
    toxic: Flags
    tones: Positions


def _draw(rng: np.random.Generator, bias: Bias) -> _Draws:
    mentions = [bias.mentions[name] for name in IDENTITY_COLUMNS]
    share = np.array([mention.share for mention in mentions])
    toxic_share = np.array([*(mention.toxic for mention in mentions), bias.toxic])
    annotated = np.array([*(mention.annotated for mention in mentions), 0.0])
    first = _choose(rng, np.append(share, 1 - share.sum()), (_CHUNK,))
    other = _choose(rng, share, (_CHUNK,))
    has_second = (first != _NOBODY) & (other != first) & (rng.random(_CHUNK) < bias.second)
    second = np.where(has_second, other, _NOBODY)
    written = rng.random(_CHUNK) < np.maximum(toxic_share[first], toxic_share[second])
    noise = rng.random(_CHUNK)
    shape = (_CHUNK, _TONED_SENTENCES)
    tones = np.where(written[:, None], _choose(rng, bias.toxic_tones, shape), _choose(rng, bias.other_tones, shape))
    return _Draws(
        first=first,
        second=second,
        seen_first=np.where(rng.random(_CHUNK) < annotated[first], first, _NOBODY),
        seen_second=np.where(rng.random(_CHUNK) < annotated[second], second, _NOBODY),
        written=written,
        toxic=np.where(written, noise >= bias.toxic_missed, noise < bias.other_flagged),
        tones=tones,
    )


def _choose(rng: np.random.Generator, shares: Sequence[float] | Shares, shape: tuple[int, ...]) -> Positions:
    """Draw positions with probabilities proportional to the shares."""
    ends = np.cumsum(shares)
    positions: Positions = np.searchsorted(ends[:-1], rng.random(shape) * ends[-1], side="right")
    return positions


def _texts(rng: np.random.Generator, draws: _Draws) -> list[str]:
    """Compose one text per comment: a topic, persons, one to three sentences in a tone, a closing."""
    known = pools()
    again = rng.random(_CHUNK) < 0.5  # an identity is mentioned twice; a comment without one mentions somebody
    toned = rng.integers(1, _TONED_SENTENCES + 1, _CHUNK)
    someone = draws.first != _NOBODY
    parts = [
        known.topics[rng.integers(len(known.topics), size=_CHUNK)],
        np.where(someone | again, known.persons[draws.first], known.silence),
        np.where(someone & again, known.persons[draws.first], known.silence),
        np.where(draws.second != _NOBODY, known.persons[draws.second], known.silence),
        *(np.where(place < toned, known.tones[draws.tones[:, place]], known.silence) for place in range(_TONED_SENTENCES)),
        np.full(_CHUNK, known.closing),
    ]
    return known.texts(rng, parts)


@lru_cache(maxsize=(_NOBODY + 1) ** 2)
def _features(first: int, second: int) -> Mapping[str, tuple[str, ...]]:
    seen = {IDENTITY_COLUMNS[position] for position in (first, second) if position != _NOBODY}
    return {feature: tuple(name for name in known if name in seen) for feature, known in IDENTITIES.items()}
