"""What keeps text from data inert, and how numbers read."""

import json
import math

import pandas as pd
import pytest

from fairgate.report import document

HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 \u2029 ]]>"


def test_json_cannot_end_its_script_element() -> None:
    """No character that HTML or old JavaScript gives a meaning remains, and the text reads back."""
    text = document.to_json({"text": HOSTILE})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"text": HOSTILE}


def test_json_refuses_what_is_no_json() -> None:
    """NaN would make the whole page unreadable."""
    with pytest.raises(ValueError, match="JSON"):
        document.to_json({"value": math.nan})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (0.28349, "0.283"),
        (-0.5, "−0.500"),
        (1204.0, "1,204"),
        (math.inf, "∞"),
        (0, "0.000"),
        (-0.0004, "0.000"),
    ],
)
def test_numbers_for_readers(value: float | None, text: str) -> None:
    """Three decimals, whole numbers without, a dash where there is nothing."""
    assert document.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.05, "+0.050"), (-0.12, "−0.120"), (0.0, "±0.000"), (math.nan, "–")])
def test_differences_for_readers(value: float, text: str) -> None:
    """Always with a sign."""
    assert document.signed(value) == text


def test_names_may_break_and_stay_text() -> None:
    """After a colon, an underscore and the sign of an intersection; markup in a name is escaped."""
    assert document.breakable("gender:other_gender × <b>") == "gender:<wbr>other_<wbr>gender ×<wbr> &lt;b&gt;"


def test_numbers_stay_with_their_units() -> None:
    """A line never breaks between them."""
    assert document.unbroken("(95 % interval, n = 5)") == "(95\u00a0% interval, n\u00a0=\u00a05)"


def test_columnar_reads_back() -> None:
    """Text is coded, lists are lists of codes, what is not finite is null, values keep 7 digits, ends of intervals 4."""
    table = pd.DataFrame(
        {
            "slice": ["a", None, "a"],
            "value": [1 / 3, math.nan, math.inf],
            "low": [1 / 3, 2.0, 3.0],
            "slices": [["x"], [], ["y", "x"]],
            "pair": [True, False, True],
        }
    )
    assert document.columnar(table) == {
        "rows": 3,
        "columns": {
            "slice": {"values": ["a"], "codes": [0, -1, 0]},
            "value": [0.3333333, None, None],
            "low": [0.3333, 2, 3],
            "slices": {"values": ["x", "y"], "lists": [[0], [], [1, 0]]},
            "pair": [True, False, True],
        },
    }


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.25, 0.5, "0.250 – 0.500"), (-0.145, -0.104, "−0.145 to −0.104"), (-0.1, 0.2, "−0.100 to 0.200")]
)
def test_range_has_no_dash_beside_a_minus(low: float, high: float, text: str) -> None:
    assert f">{text}</span>" in document.fill("{{ range(low, high) }}", low=low, high=high)
