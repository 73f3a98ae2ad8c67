"""The table of examples behind a scripted run, and the names of its features. Imports no TensorFlow.

In: arrays, from whoever plays a situation. Out: a JSON file that `preparation` reads, and canonical tf.Examples.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data.records import Values, encode_example

ROW = "row"  # int, the place of the example's scores in the models' arrays; equal for copies of one example
COMMENT = "comment"  # bytes, the example's content; equal for copies
LABEL = "label"  # float, 0 … C - 1
WEIGHT = "weight"  # float
GROUPS: Mapping[str, tuple[str, ...]] = {
    "gender": ("male", "female", "transgender", "other_gender"),
    "race": ("black", "white"),
}
TRAIN_ROWS = 100


@dataclass(frozen=True)
class Table:
    """The examples of the split eval.

    Attributes:
        rows: places of the scores, N of them.
        labels, weights: N each.
        groups: slice feature -> the groups of every example.
    """

    rows: Sequence[int]
    labels: Sequence[int]
    weights: Sequence[float]
    groups: Mapping[str, Sequence[Sequence[str]]]

    def write(self, path: Path) -> None:
        """Write the table as JSON; equal tables give equal files."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Table":
        """Read what `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def examples(self) -> Iterator[bytes]:
        """Yield the examples of eval, serialized."""
        for place, row in enumerate(self.rows):
            yield self._example(place, str(row), self.labels[place])

    def train_examples(self, classes: int) -> Iterator[bytes]:
        """Yield a few examples of the same groups with labels of every class, which no model learns from."""
        for number in range(TRAIN_ROWS):
            yield self._example(number * len(self.rows) // TRAIN_ROWS, f"train {number}", number % classes)

    def _example(self, place: int, comment: str, label: int) -> bytes:
        groups = {feature: [group.encode() for group in of_rows[place]] for feature, of_rows in self.groups.items()}
        features: dict[str, Values] = {
            ROW: [self.rows[place]],
            COMMENT: [comment.encode()],
            LABEL: [float(label)],
            WEIGHT: [float(self.weights[place])],
            **groups,
        }
        return encode_example(features)
