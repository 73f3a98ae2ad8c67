"""Comments made of a few words and the features of them, which the tests of the n-gram models share."""

from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np

from components.modelling import feature_extraction
from components.modelling.feature_extraction import extract_features
from components.modelling.feature_settings import FeatureSettings
from components.tasks.civil_comments.features_plan import EMBEDDER
from data.comments.names import IDENTITIES, LABEL, TEXT
from data.records import encode_example, even_sizes, write_split
from fairgate.names import TRAIN, VALIDATION

HARMLESS, TOXIC = ("nice", "thanks", "maybe", "garden"), ("stupid", "idiot", "awful", "rude")
OTHERS = ("the", "a", "people", "say", "that", "today", "café", "don't", "http://a.b/c")
Comment = tuple[bytes, int, tuple[str, ...]]  # text, label, genders


def comments(rows: int, seed: int = 0, toxic_mentions: float = 0.5) -> list[Comment]:
    """Draw comments of seven words, four in ten toxic, half of them with the word "men" and gender:male.

    Words go with the label in seven cases of ten. `toxic_mentions` is the share of toxic comments that mention men; of harmless
    ones it is half.
    """
    rng = np.random.default_rng(seed)

    def draw() -> Comment:
        toxic = rng.random() < 0.4
        mentions = rng.random() < (toxic_mentions if toxic else 0.5)
        telling = TOXIC if (rng.random() < 0.7) == toxic else HARMLESS
        words = [*rng.choice(OTHERS, 5), *rng.choice(telling, 2), *(["men"] if mentions else [])]
        return " ".join(words).encode(), int(toxic), ("male",) if mentions else ()

    return [draw() for _ in range(rows)]


def serialized(text: bytes, label: int = 0, genders: Sequence[str] = ()) -> bytes:
    """A canonical example."""
    return encode_example({TEXT: [text], LABEL: [float(label)], "gender": [name.encode() for name in genders]})


def write_features(
    folder: Path,
    train: Sequence[Comment],
    validation: Sequence[Comment] = (),
    embedding: str = "",
    shard_rows: int = 8192,
    files: int = 1,
) -> Path:
    """Compute the features of comments, which lie in so many files, in shards of so many rows; returns their folder."""
    for split, rows in ((TRAIN, train), (VALIDATION, validation)):
        if rows:
            write_split(folder / "examples", split, [serialized(*row) for row in rows], even_sizes(len(rows), files))
    settings = FeatureSettings(
        text=TEXT, label=LABEL, groups=dict(IDENTITIES), embedding=embedding, embedder=EMBEDDER if embedding else ""
    )
    root = beam.Pipeline(argv=["--runner=DirectRunner", "--direct_running_mode=in_memory"])
    size, feature_extraction.SHARD_ROWS = feature_extraction.SHARD_ROWS, shard_rows
    batch, feature_extraction.BATCH_ROWS = feature_extraction.BATCH_ROWS, min(shard_rows, feature_extraction.BATCH_ROWS)
    try:
        extract_features(root, str(folder / "examples"), settings, folder / "features")
    finally:
        feature_extraction.SHARD_ROWS, feature_extraction.BATCH_ROWS = size, batch
    return folder / "features"
