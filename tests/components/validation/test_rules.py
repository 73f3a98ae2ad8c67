"""The DataGate's rules as configuration."""

import pytest
from pydantic import ValidationError

from components.validation.rules import DataRules


def test_defaults_ask_for_little() -> None:
    """No anomaly, ten rows, every class, one row in a hundred shared."""
    rules = DataRules()
    assert (rules.max_anomalies, rules.min_rows, rules.min_class_share, rules.max_shared_share) == (0, 10, 0.0, 0.01)
    assert (rules.text_feature, rules.require_slices) == ("", ())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_anomalies", -1),
        ("min_rows", 0),
        ("min_class_share", -0.1),
        ("min_class_share", 1.0),
        ("max_shared_share", 1.1),
        ("max_shared", 0.1),
    ],
)
def test_impossible_rules_are_refused(key: str, value: float) -> None:
    """Limits that nothing or everything would keep, and keys that do not exist."""
    with pytest.raises(ValidationError, match=key):
        DataRules.model_validate({key: value})
