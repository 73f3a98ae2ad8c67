"""A value that an option does not take: one sentence with the value and what to type, and exit code 3."""

import pytest

from fairgate.cli.main import main

DISCOVER = "discover a.csv --label y --score candidate=p --slices g"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run digits --stall abc", "--stall abc: not a number; type for example --stall 10."),
        ("prepare digits --worker-deadline x", "--worker-deadline x: not a number; type for example --worker-deadline 120."),
        ("data convert civil-comments --to x --shards 0", "--shards 0: must be at least 1; type for example --shards 1."),
        ("data convert civil-comments --to x --shards x", "--shards x: not a whole number; type for example --shards 1."),
        ("data sample --to x --seed -1", "--seed -1: must be at least 0; type for example --seed 1."),
        ("data sample --to x --rows 1e5", "--rows 1e5: not a whole number; type for example --rows 60000."),
        ("airflow dag digits --retries -1", "--retries -1: must be at least 0; type for example --retries 2."),
        (
            "airflow dag digits --retry-minutes 1.5",
            "--retry-minutes 1.5: not a whole number; type for example --retry-minutes 5.",
        ),
        (f"{DISCOVER} --depth x", "--depth x: not a whole number; type for example --depth 3."),
        ("plan --rate 20%", "--rate 20%: not a number; type for example --rate 0.5."),
        ("plan --rest 1.5", "--rest 1.5: not a whole number; type for example --rest 1."),
        (
            "run digits --junit-inconclusive passed",
            "--junit-inconclusive passed: not one of 'failure', 'skipped'; type one of them.",
        ),
    ],
)
def test_value_is_refused_in_one_sentence(arguments: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 3
    error, advice = capsys.readouterr().err.splitlines()
    assert error == f"Error: {said}"
    assert advice.startswith("Try 'fairgate ")


def test_argument_that_is_missing_keeps_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 3
    assert capsys.readouterr().err.startswith("Error: Missing argument")
