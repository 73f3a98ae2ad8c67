"""Tables of predictions whose numbers are known by enumeration."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """N examples: the label, the scores of two models, and a group that some do not say."""

    label: Array
    old: Array
    new: Array
    gender: list[str | None]

    def table(self) -> pa.Table:
        """The rows as a table, with a column of its own for each gender."""
        return pa.table(
            {
                "toxic": self.label,
                "p_old": self.old,
                "p_new": self.new,
                "gender": pa.array(self.gender, pa.string()),
                "female": [value == "female" for value in self.gender],
                "male": [value == "male" for value in self.gender],
            }
        )


def make_rows() -> Rows:
    """A sound candidate: it calls the harmless comments about men toxic as often as others."""
    random = np.random.default_rng(3)
    label = random.random(6000) < 0.25
    gender = random.choice(["female", "male", "none"], label.size).tolist()
    shift = np.where(np.array(gender) == "male", 0.8, 0.0)
    latent = random.normal(size=label.size) + 2.2 * label
    new = 1 / (1 + np.exp(-(latent - 1.1)))
    return Rows(label, 1 / (1 + np.exp(-(latent - 1.1 + shift))), new, [None if name == "none" else str(name) for name in gender])
