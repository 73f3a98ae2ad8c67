"""Generated loan applications: the applicant's statements, the gender on file, and whether the loan was repaid.

In: rows and a seed. Out: canonical tf.Examples. The bias is planted: part-time workers, most of them women, had worse terms and
so repaid less often at the same ability to pay. A model that never sees the gender uses the part-time work instead, and turns
down more of the women who would have repaid.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from data.records import encode_example

INCOME = "income"  # float, thousand a year
DEBT_SHARE = "debt_share"  # float, of the income, 0..1
YEARS_EMPLOYED = "years_employed"  # float
PART_TIME = "part_time"  # float, 0 or 1
NUMBERS = (INCOME, DEBT_SHARE, YEARS_EMPLOYED, PART_TIME)
GENDER = "gender"  # bytes, one of GENDERS; a slice feature, never an input of the model
REPAID = "repaid"  # float, 0 or 1: the label

GENDERS = ("female", "male", "other")
_SHARES = (0.40, 0.585, 0.015)  # of the applicants; "other" is too small a group to be judged, as groups often are
_PART_TIME = (0.80, 0.05, 0.30)  # share of each gender that works part-time
_WORSE_TERMS = 2.2  # what part-time work takes from the log-odds of repaying


def generate(rows: int, seed: Sequence[int]) -> Iterator[bytes]:
    """Yield serialized applications; equal rows and seed give equal bytes."""
    random = np.random.default_rng(seed)
    gender = random.choice(len(GENDERS), rows, p=_SHARES)
    part_time = random.random(rows) < np.take(_PART_TIME, gender)
    means = random.normal(size=rows)  # what no form asks for, and every number hints at
    income = np.exp(3.6 + 0.45 * _blurred(means, 0.5, random)) * np.where(part_time, 0.6, 1.0)
    debt_share = np.clip(0.35 - 0.08 * _blurred(means, 1.0, random), 0, 1)
    years_employed = np.clip(8 + 4 * _blurred(means, 1.0, random), 0, None)
    log_odds = 1.4 + 2.2 * means - _WORSE_TERMS * part_time
    repaid = random.random(rows) < 1 / (1 + np.exp(-log_odds))
    for row in range(rows):
        numbers = (income, debt_share, years_employed, part_time)
        features = {name: [float(column[row])] for name, column in zip(NUMBERS, numbers, strict=True)}
        yield encode_example({**features, GENDER: [GENDERS[gender[row]].encode()], REPAID: [float(repaid[row])]})


def _blurred(values: npt.NDArray[np.float64], noise: float, random: np.random.Generator) -> npt.NDArray[np.float64]:
    return values + noise * random.normal(size=len(values))
