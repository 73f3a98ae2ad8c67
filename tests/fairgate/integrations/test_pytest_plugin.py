"""The pytest plugin as a user has it: a test that passes or fails with the verdict, and a plugin that costs nothing unused."""

import subprocess
import sys

import pytest

from fairgate.errors import InputError
from fairgate.integrations.pytest_plugin import Gate, gate
from tests.fairgate.judging.rows import Rows, make_rows


@pytest.fixture(scope="module")
def rows() -> Rows:
    """See `make_rows`."""
    return make_rows()


def test_a_good_model_passes(rows: Rows, fairgate_gate: Gate) -> None:
    """It returns what was judged."""
    judged = fairgate_gate(rows.table(), label="toxic", scores="p_new", slices=["gender"])
    assert judged.verdict.outcome == "blessed"


def test_arrays_are_judged_too(rows: Rows, fairgate_gate: Gate) -> None:
    """In the words of scikit-learn."""
    judged = fairgate_gate(y_true=rows.label, y_score=rows.new, sensitive_features={"gender": rows.gender})
    assert judged.verdict.outcome == "blessed"


def test_a_bad_model_fails_the_test_with_the_sentences_of_the_verdict(rows: Rows) -> None:
    """The headline first, then each reason."""
    table = {"y": rows.label, "p": rows.new * 0 + 0.9}
    with pytest.raises(
        pytest.fail.Exception, match=r"^Refused: decides[\s\S]*- The candidate calls every example positive at 0\.5"
    ):
        gate(table, label="y", scores="p")


def test_an_outcome_that_is_allowed_passes(rows: Rows) -> None:
    """Sixty rows prove nothing."""
    few = rows.table().slice(0, 60)
    for allow in (("inconclusive",), "inconclusive"):
        assert gate(few, label="toxic", scores="p_new", allow=allow).verdict.outcome == "inconclusive"
    with pytest.raises(pytest.fail.Exception, match=r"^Inconclusive"):
        gate(few, label="toxic", scores="p_new")


def test_a_policy_that_judges_nothing_passes_only_where_that_is_allowed(rows: Rows) -> None:
    """The remedy is what is typed."""
    asked = {"scores": "p_new", "slices": ["gender"], "policy": "ll144"}
    with pytest.raises(pytest.fail.Exception) as failed:
        gate(rows.table(), **asked)
    sentence, remedy = str(failed.value).splitlines()
    assert sentence.startswith("Reported, not judged: the policy sets no pass mark")
    assert remedy == ("Such a policy lets every model through; write allow=('blessed', 'reported') if the test is to pass by it.")
    assert gate(rows.table(), allow=("blessed", "reported"), **asked).verdict.outcome == "reported"


def test_a_mistake_is_an_error_and_no_failure(rows: Rows) -> None:
    """Of the arguments, and of what is allowed."""
    with pytest.raises(InputError, match="did you mean 'toxic'"):
        gate(rows.table(), label="toxik", scores="p_new")
    with pytest.raises(InputError, match="did you mean 'blessed'"):
        gate(rows.table(), label="toxic", scores="p_new", allow=("bless",))


def test_the_plugin_loads_nothing_until_it_is_used() -> None:
    """Pytest loads it in every project of whoever installed fairgate."""
    code = "import sys, fairgate.integrations.pytest_plugin; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "pyarrow", "pydantic"} & set(found.stdout.split())
