"""What the project writes, read back for tests: a comment from its example, the table of an evaluation from its file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pandas as pd

from data.comments.civil_comments import Comment
from data.comments.names import IDENTITIES, LABEL, TEXT
from data.records import decode_example
from fairgate.measurement import Evaluation
from fairgate.table import read_table, write_table


def decode_comment(serialized: bytes) -> Comment:
    """Return the comment of a canonical `tf.train.Example`."""
    features = decode_example(serialized)
    text, label = cast(bytes, features[TEXT][0]), cast(float, features[LABEL][0])
    identities = {name: tuple(value.decode() for value in cast(list[bytes], features.get(name, []))) for name in IDENTITIES}
    return Comment(text.decode(), label == 1.0, identities)


def metrics_of(evaluation: Evaluation, confidence: float) -> pd.DataFrame:
    """Return metrics.parquet of an evaluation as it is read."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "metrics.parquet")
        write_table(evaluation, path, confidence)
        return read_table(path)
