"""verdict.json: its keys, its numbers, and that it reads back equal."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairgate.errors import InputError
from fairgate.gate import verdict
from fairgate.gate.presets import binary_fairness
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Subject, Verdict
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals
from tests.fairgate.gate.judging import decide

MakeSlice = Callable[..., SliceMetrics]


@pytest.fixture(scope="session")
def subject() -> Subject:
    """What the verdict is about."""
    models = {
        name: ModelInfo(description=f"the {name}", uri=f"models/{name}", digest="sha256:12") for name in ("baseline", "candidate")
    }
    origin = DataInfo(source="a made-up sample", rows={"train": 40_000, "eval": 20_000}, generated=True)
    return Subject("civil-comments", models, origin, Provenance(source_digest="ab", package_versions={"tfx": "1.16.0"}, seed=7))


@pytest.fixture(scope="session")
def blessed(practicum: Evaluation, subject: Subject) -> Verdict:
    """The verdict on the published reference."""
    evaluation = Evaluation(practicum.models, {"gender:male × race:black": 12}, {"candidate": 0})
    return verdict.build(decide(binary_fairness(("gender",)), evaluation), evaluation, subject, 0.9)


def written(made: Verdict, folder: Path) -> dict[str, Any]:
    """The JSON that a reader finds."""
    verdict.write(made, folder / "verdict.json")
    text = (folder / "verdict.json").read_text(encoding="utf-8")
    return dict(json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON")))


def test_it_has_the_keys_of_the_design(blessed: Verdict, tmp_path: Path) -> None:
    """Other tools rely on these names."""
    found = written(blessed, tmp_path)
    assert list(found) == [
        "schema_version", "task", "outcome", "summary", "models", "overall", "rules", "slices",
        "omitted", "invalid_scores", "confidence", "data", "provenance",
        "not_judged", "absent_groups", "absent_columns", "unknown_groups", "rows", "distinct", "changes", "waivers",
        "policy", "impact",
    ]  # fmt: skip
    assert list(found["rules"][0]) == [
        "id", "kind", "slice", "metric", "threshold", "measure", "value", "interval", "limit", "n", "outcome",
        "proven", "reason", "needed", "kept",
    ]  # fmt: skip
    assert (found["schema_version"], found["task"], found["outcome"]) == (3, "civil-comments", "blessed")
    assert {"source_digest", "package_versions", "seed", "started", "finished"} <= set(found["provenance"])
    assert found["data"]["rows"] == {"train": 40_000, "eval": 20_000}
    assert found["models"]["candidate"] == {
        **{"description": "the candidate", "uri": "models/candidate", "digest": "sha256:12"},
        **{"operating_point": None, "remedy": None, "notes": []},
    }
    assert (found["omitted"], found["invalid_scores"], found["confidence"]) == (
        {"gender:male × race:black": 12},
        {"candidate": 0},
        0.9,
    )


def test_overall_sets_the_models_side_by_side(blessed: Verdict) -> None:
    """Every metric of overall, with its threshold in the name."""
    assert blessed.overall["false_positive_rate@0.5"] == {"baseline": 0.28, "candidate": 0.23}
    assert blessed.overall["auc"] == {"baseline": 0.88, "candidate": 0.87}
    assert list(blessed.overall) == ["auc", "false_negative_rate@0.5", "false_positive_rate@0.5"]


def test_slices_carry_metrics_as_keys(blessed: Verdict, tmp_path: Path) -> None:
    """One line per model, slice and threshold, the metrics without one in a line of their own."""
    lines = [
        line for line in written(blessed, tmp_path)["slices"] if (line["model"], line["slice"]) == ("candidate", "gender:male")
    ]
    at, without = lines
    low, high = intervals.wilson(280, 1000, 0.9)
    assert (at["threshold"], at["false_positive_rate"], at["n"], at["n_negative"]) == (0.5, 0.28, 1250, None)
    assert at["interval"]["false_positive_rate"] == pytest.approx([low, high])
    assert (without["threshold"], without["auc"]) == (None, 0.8)
    assert "false_positive_rate" not in without
    assert blessed.slices[0].metrics.keys() == {"false_positive_rate", "false_negative_rate"}


def test_rules_carry_the_decision(blessed: Verdict) -> None:
    """The first rule's line, and one without a number."""
    female, _, lacking = blessed.rules[:3]
    assert (female.id, female.slice, female.limit, female.outcome) == ("false-positive-gap", "gender:female", 1.25, "passed")
    assert female.interval is not None
    assert (lacking.outcome, lacking.value, lacking.interval, lacking.limit, lacking.n) == (
        "not enough data",
        None,
        None,
        None,
        16,
    )


def test_it_reads_back_equal(blessed: Verdict, tmp_path: Path) -> None:
    """Through the file."""
    verdict.write(blessed, tmp_path / "verdict.json")
    assert verdict.read(tmp_path / "verdict.json") == blessed


def test_undefined_and_unbounded_numbers_are_null(subject: Subject, tmp_path: Path) -> None:
    """NaN values, infinite ratios and their intervals; it still reads back equal."""
    rates = [{MetricKey("false_positive_rate", 0.5): Rate(count, trials)} for count, trials in ((0, 200), (9, 200), (9, 400))]
    names = ("gender:male", "gender:female", "overall")
    slices = {
        name: SliceMetrics(n=200, rates=rate, scalars={MetricKey("auc"): Scalar(math.nan)})
        for name, rate in zip(names, rates, strict=True)
    }
    evaluation = Evaluation({"candidate": slices})
    policy = binary_fairness(("gender",)).model_copy(
        update={"rules": (binary_fairness(("gender",)).rules[0].model_copy(update={"against": "best"}),)}
    )
    made = verdict.build(decide(policy, evaluation), evaluation, subject)
    (rule,) = made.rules
    assert (rule.slice, rule.value) == ("gender:female", None)
    assert rule.interval is not None
    assert (rule.interval[1], rule.outcome) == (None, "failed")
    found = written(made, tmp_path)
    assert found["overall"]["auc"] == {"candidate": None}
    assert verdict.read(tmp_path / "verdict.json") == made


def test_a_candidate_alone_and_nothing_at_all(practicum: Evaluation, subject: Subject) -> None:
    """A first run has one column; an evaluation without models has a verdict too."""
    alone = Evaluation({"candidate": practicum.models["candidate"]})
    assert verdict.build(decide(binary_fairness(("gender",)), alone), alone, subject).overall["auc"] == {"candidate": 0.87}
    nothing = Evaluation({})
    made = verdict.build(decide(binary_fairness(("gender",)), nothing), nothing, subject)
    assert (made.outcome, made.overall, made.slices) == ("refused", {}, ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "Cannot read "),
        ("", "it is not the JSON of a run"),
        ("{}", "is not a verdict of version 1 to 3: task: Field required"),
        ('{"schema_version": 4}', "is not a verdict of version 1 to 3: schema_version"),
        ('{"schema_version": 1}', "is not a verdict of version 1 to 3: task: Field required"),
        ('{"schema_version": 1, "rules": [0], "data": 0}', "is not a verdict of version 1 to 3: task: Field required"),
        ("[1]", "is not a verdict of version 1 to 3: the file"),
    ],
)
def test_what_is_no_verdict_is_an_input_error(tmp_path: Path, content: str | None, message: str) -> None:
    """The message names the file and what to do."""
    path = tmp_path / "verdict.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match="un the pipeline again") as error:
        verdict.read(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)


def test_bytes_that_are_no_text_are_an_input_error(tmp_path: Path) -> None:
    """Not a traceback."""
    (tmp_path / "verdict.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        verdict.read(tmp_path / "verdict.json")


def test_names_that_are_no_utf_8_do_not_lose_the_verdict(practicum: Evaluation, tmp_path: Path) -> None:
    """A source file whose name is in another encoding."""
    subject = Subject("civil-comments", {}, DataInfo(source="caf\udce9.csv"), Provenance())
    made = verdict.build(decide(binary_fairness(("gender",)), practicum), practicum, subject)
    assert written(made, tmp_path)["data"]["source"] == "caf?.csv"


def test_a_verdict_cannot_be_changed(blessed: Verdict) -> None:
    """It is what was decided."""
    with pytest.raises(ValueError, match="frozen"):
        blessed.outcome = "refused"  # type: ignore[misc]  # that is the point
    with pytest.raises(ValueError, match="frozen"):
        blessed.slices[0].n = 3  # type: ignore[misc]  # the same


@pytest.mark.parametrize(
    ("key", "value"),
    [("confidence", "0.95"), ("confidence", 17), ("confidence", True), ("omitted", {"a": "12"}), ("omitted", {"a": True})],
)
def test_a_value_of_another_type_is_an_input_error(blessed: Verdict, tmp_path: Path, key: str, value: object) -> None:
    """Nothing is guessed: text is no number, and true is not 1."""
    found = written(blessed, tmp_path)
    (tmp_path / "verdict.json").write_text(json.dumps({**found, key: value}))
    with pytest.raises(InputError, match=rf"is not a verdict of version .*: {key}"):
        verdict.read(tmp_path / "verdict.json")


@pytest.mark.parametrize(
    ("rows", "models", "of_table"),
    [
        ({"eval": 9}, {"candidate": ModelInfo(description="column p")}, True),
        ({"eval": 9}, {"candidate": ModelInfo(digest="sha256:0")}, False),
        ({"train": 9, "eval": 9}, {"candidate": ModelInfo()}, False),
        ({"eval": 9}, {}, False),
        ({}, {"candidate": ModelInfo()}, False),
    ],
)
def test_a_table_has_evaluated_rows_alone_and_no_files_of_a_model(
    blessed: Verdict, rows: dict[str, int], models: dict[str, ModelInfo], *, of_table: bool
) -> None:
    found = blessed.model_copy(update={"models": models, "data": DataInfo(source="", rows=rows)})
    assert found.of_table is of_table
