"""From a table to a verdict: the same as of the same numbers in the pipeline's form, and models that must not be blessed."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fairgate
from fairgate.errors import InputError
from fairgate.gate.decision import decide
from fairgate.gate.policy import Policy
from fairgate.judging.defaults import default_policy
from fairgate.judging.judgement import NO_POLICY
from fairgate.predictions import evaluate_predictions
from tests.fairgate.judging.rows import Rows

BOTH = {"candidate": "p_new", "baseline": "p_old"}
POLICY = {
    "rules": [
        {"id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["gender:*"], "limit": 1.25},
        {"id": "recall", "kind": "guard", "metric": "false_negative_rate", "thresholds": [0.5], "margin": 0.2},
    ]
}


def test_a_sound_candidate_is_blessed(rows: Rows) -> None:
    """By the rules of a policy that is given as a dict; models, source and digest of the configuration are in the verdict."""
    found = fairgate.evaluate(rows.table(), label="toxic", scores=BOTH, slices=["gender"], policy=POLICY)
    assert found.verdict.outcome == "blessed"
    assert found.verdict.models["candidate"].description == "column p_new"
    assert found.verdict.data.rows == {"eval": 6000}
    assert json.loads(found.configuration)["columns"]["scores"] == BOTH
    assert NO_POLICY not in found.verdict.summary


def test_the_verdict_is_that_of_the_same_evaluation(rows: Rows) -> None:
    """Every line of `decide` on `evaluate_predictions`."""
    policy = Policy.parse(json.dumps(POLICY), "policy")
    groups = [[] if value is None else [value] for value in rows.gender]
    scores = {"candidate": rows.new, "baseline": rows.old}
    expected = evaluate_predictions(rows.label, scores, {"gender": groups}, thresholds=(0.1, 0.3, 0.5, 0.7, 0.9))
    found = fairgate.evaluate(rows.table(), label="toxic", scores=BOTH, slices=["gender"], policy=policy)
    assert found.verdict.rules == decide(policy, expected).rules


DEGENERATE: dict[str, Any] = {
    "constant": lambda rows: np.full(rows.label.size, 0.3),
    "all positive": lambda rows: 0.5 + rows.new / 2,
    "inverted": lambda rows: 1 - rows.new,
    "random": lambda rows: np.random.default_rng(1).random(rows.label.size),
    "percent": lambda rows: rows.new * 100,
    "logits": lambda rows: np.log(rows.new / (1 - rows.new)),
    "undefined": lambda rows: np.where(rows.label, np.nan, rows.new),
}


@pytest.mark.parametrize("favourable", ["positive", "negative"])
@pytest.mark.parametrize("model", DEGENERATE)
def test_a_model_that_harms_is_never_blessed(rows: Rows, model: str, favourable: Any) -> None:
    """By no policy at all, whichever decision is the good one."""
    table = {"y": rows.label, "p": DEGENERATE[model](rows), "g": rows.gender}
    assert fairgate.evaluate(table, label="y", scores="p", slices=["g"], favourable=favourable).verdict.outcome != "blessed"


def test_without_a_policy_the_verdict_says_so(rows: Rows) -> None:
    """And who wrote the limits."""
    found = fairgate.evaluate(rows.table(), label="toxic", scores="p_new", slices=["gender"])
    assert found.verdict.outcome == "blessed"
    assert NO_POLICY in found.verdict.summary
    assert "without a policy" in found.policy.author


def test_a_favourable_positive_decision_exchanges_both_errors() -> None:
    """A loan that is refused wrongly harms as a comment that is removed wrongly does."""
    harmful, wanted = (default_policy(["g"], ("0", "1"), favourable) for favourable in ("negative", "positive"))
    exchanged = {
        "false_positive_rate": "false_negative_rate",
        "false_negative_rate": "false_positive_rate",
        "bpsn_auc": "bnsp_auc",
    }
    assert [rule.metric for rule in wanted.rules] == [exchanged.get(rule.metric, rule.metric) for rule in harmful.rules]
    assert [rule.id for rule in wanted.rules][:3] == ["false-negative-gap", "gap-shrinks", "false-positive-guard"]


def test_without_slices_the_rules_of_groups_are_left_out(rows: Rows) -> None:
    """What is left judges all examples."""
    found = fairgate.evaluate(rows.table(), label="toxic", scores=BOTH)
    assert {line.slice for line in found.verdict.rules if line.kind != "check"} == {"overall"}


def test_several_classes_have_a_policy_too() -> None:
    """The most frequent class alone is refused; classes that are found are blessed."""
    random = np.random.default_rng(0)
    kind = random.integers(0, 3, 3000)
    sure = random.dirichlet(np.ones(3), 3000) * 0.6
    sure[np.arange(3000), kind] += 0.4
    table = {"kind": np.array(["a", "b", "c"])[kind], **{f"p_{name}": sure[:, at] for at, name in enumerate("abc")}}
    table |= {"site": random.choice(["n", "s"], 3000)}
    asked: dict[str, Any] = {"label": "kind", "scores": "p_*", "slices": ["site"]}
    assert fairgate.evaluate(table, **asked).verdict.outcome == "blessed"
    wrong = np.where(np.asarray(table["site"])[:, None] == "n", np.roll(sure, 1, axis=1), sure)
    harmful = table | {f"p_{name}": wrong[:, at] for at, name in enumerate("abc")}
    assert fairgate.evaluate(harmful, **asked).verdict.outcome == "refused"
    same = {"p_a": np.full(3000, 0.5), "p_b": np.full(3000, 0.3), "p_c": np.full(3000, 0.2)}
    assert fairgate.evaluate(table | same, **asked).verdict.outcome == "refused"


@pytest.mark.parametrize("number", [int, np.int64, np.uint8])
def test_columns_may_be_called_by_numbers(number: Any) -> None:
    """As pandas numbers them, in numbers of Python or NumPy; of slices one may be named alone."""
    frame = pd.DataFrame({0: [0, 1] * 20, 1: [0.2, 0.8] * 20, 2: ["a", "a", "b", "b"] * 10})
    found = fairgate.evaluate(frame, label=number(0), scores=number(1), slices=number(2))
    assert {line.slice for line in found.verdict.slices} >= {"2:a", "2:b"}


def test_a_policy_may_hold_numbers_of_numpy(rows: Rows) -> None:
    """And sets and arrays in the place of lists."""
    rule = {"id": "a", "kind": "quality", "metric": "false_positive_rate", "max": np.float32(0.5)}
    rule |= {"thresholds": np.array([0.5]), "slices": {"gender:male", "gender:female"}}
    found = fairgate.evaluate(rows.table(), label="toxic", scores=BOTH, slices=["gender"], policy={"rules": [rule]})
    assert found.policy.rules[0].slices == ("gender:female", "gender:male")
    assert found.policy.rules[0].thresholds == (0.5,)


def test_a_policy_is_read_from_a_file(rows: Rows, tmp_path: Path) -> None:
    """At its top or under the key `policy`."""
    (tmp_path / "policy.yaml").write_text(json.dumps({"policy": POLICY}))
    found = fairgate.evaluate(
        rows.table(), label="toxic", scores=BOTH, slices=["gender"], policy=tmp_path / "policy.yaml", thresholds=()
    )
    assert {line.threshold for line in found.verdict.slices} == {None, 0.5}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a policy for another feature": (
        {"slices": []},
        r"""rule 'gap'.*'gender' is no slice feature.*, or name it with slices=\["gender"\]\.$""",
    ),
    "a policy for intersections": (
        {"policy": {"rules": [{**POLICY["rules"][0], "slices": ["gender:* × gender:*"]}]}},
        "with stars a table has the intersections of two different features; name two, or every value in full",
    ),
    "a policy for the training examples": (
        {"policy": {"rules": [{"id": "a", "kind": "quality", "metric": "train_accuracy", "max": 0.1}]}},
        "needs the split 'train', and a table has none; leave the rule out",
    ),
    "a policy for another metric": (
        {"policy": {"rules": [{"id": "a", "kind": "quality", "metric": "accuracy", "min": 0.5}]}},
        "'accuracy' is not evaluated",
    ),
    "a policy without rules": ({"policy": {"rules": []}}, "it has no rules"),
    "a threshold of 1": ({"thresholds": [1]}, "The threshold 1 is not between 0 and 1"),
    "an unknown metric": (
        {"policy": {"rules": [{"id": "a", "kind": "quality", "metric": "acuracy", "min": 0.5}]}},
        "'acuracy' is not evaluated",
    ),
    "a policy that is none": ({"policy": 5}, "policy is '5'; give a Policy"),
    "thresholds that are none": ({"thresholds": "half"}, "thresholds is 'half'; give numbers"),
    "a label that is no name": ({"label": ["toxic"]}, r"label names \"\['toxic'\]\", which is no name of a column"),
    "groups that are no mapping": ({"groups": ["female"]}, r"groups is .*female.*; give feature -> columns: groups={"),
    "a policy with what YAML has not": (
        {"policy": {"rules": [Path("a")]}},
        "policy holds 'a' of the type .*Path; give texts, numbers, lists and dicts",
    ),
    "slices that are no names": ({"slices": 5.5}, "slices is 5.5; give names of columns"),
    "a cluster that is a list": ({"cluster": ["u"]}, "cluster names"),
    "a favourable decision of another name": ({"favourable": "Positive"}, "did you mean 'positive'"),
    "a column that is not there": ({"label": "toxik"}, "did you mean 'toxic'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_ends_before_anything_is_counted(rows: Rows, case: str) -> None:
    """One message that names it."""
    changed, message = WRONG[case]
    arguments: dict[str, Any] = {"label": "toxic", "scores": BOTH, "slices": ["gender"], "policy": POLICY} | changed
    with pytest.raises(InputError, match=message):
        fairgate.evaluate(rows.table(), **arguments)


def test_arguments_may_be_short(rows: Rows) -> None:
    """One slice, one threshold, columns of pandas that have numbers for names; columns without a model are the candidate's."""
    short = fairgate.evaluate(rows.table(), label="toxic", scores="p_new", slices="gender", policy=POLICY, thresholds=0.5)  # type: ignore[arg-type]
    assert [line.outcome for line in short.verdict.rules if line.kind == "gap"] == ["passed"] * 2
    frame = pd.DataFrame({0: rows.label, 1: rows.new})
    assert fairgate.evaluate(frame, label=0, scores=1, slices=None, thresholds=None).verdict.outcome == "blessed"  # type: ignore[arg-type]
    kinds = pd.DataFrame({"y": ["a", "b", "c"] * 200, "p_a": 0.2, "p_b": 0.5, "p_c": 0.3})
    assert fairgate.evaluate(kinds, label="y", scores=["p_a", "p_b", "p_c"]).verdict.outcome == "refused"


def test_files_are_judged_by_name(rows: Rows, tmp_path: Path) -> None:
    """One or several; their digests and names are in the verdict."""
    for part in (0, 1):
        rows.table().slice(part * 3000, 3000).to_pandas().to_csv(tmp_path / f"part-{part}.csv", index=False)
    asked: dict[str, Any] = {"label": "toxic", "scores": BOTH, "slices": ["gender"], "policy": POLICY}
    several = fairgate.evaluate([tmp_path / "part-0.csv", tmp_path / "part-1.csv"], **asked)
    pattern = fairgate.evaluate(f"{tmp_path}/part-*.csv", **asked)
    assert several.verdict.rules == pattern.verdict.rules == fairgate.evaluate(rows.table(), **asked).verdict.rules
    assert several.verdict.data.digests.keys() == {f"{tmp_path}/part-0.csv", f"{tmp_path}/part-1.csv"}


def test_metrics_are_a_table_and_it_shows_itself(rows: Rows) -> None:
    """As those of a run."""
    found = fairgate.evaluate(rows.table(), label="toxic", scores="p_new", slices=["gender"], policy=POLICY)
    row = found.metrics.query("slice == 'overall' and metric == 'false_positive_rate' and threshold == 0.5").iloc[0]
    assert row["value"] == pytest.approx((rows.new[~rows.label] > 0.5).mean())
    assert "predictions" in found._repr_html_()


def test_a_judgement_prints_itself_in_a_few_lines(rows: Rows) -> None:
    """The outcome, the headline, and the first six reasons, as the terminal does; what comes from the data is made harmless."""
    table = {"y": rows.label, "p": np.full(rows.label.size, 0.3), "g": np.char.mod("\x1b%d", np.arange(rows.label.size) % 9)}
    limit = {"id": "q", "kind": "quality", "metric": "false_negative_rate", "thresholds": [0.5], "max": 0.1, "slices": ["g:*"]}
    found = fairgate.evaluate(table, label="y", scores="p", slices=["g"], policy={"rules": [limit]})
    lines = repr(found).splitlines()
    assert str(found) == repr(found)
    assert lines[0] == f"REFUSED  {found.verdict.summary}"
    assert lines[1] == "  • The candidate calls every example negative at 0.5: it does not decide."
    assert "\x1b" not in repr(found)
    assert lines[-1] == "  … and 4 more, in verdict.rules."
    assert len(lines) == 8


WAIVED = {"rule": "ceiling", "who": "the board", "why": "a remedy is under way"}


@pytest.mark.parametrize(
    ("slice_name", "days", "outcome"),
    [("g:*", 1, "blessed"), ("g:a", 1, "blessed"), ("g:b", 1, "refused"), ("g:*", -2, "refused")],
)
def test_a_waiver_excuses_its_slice_until_its_last_day(slice_name: str, days: int, outcome: str) -> None:
    """Of 1,000 negatives each, 300 of a are called positive and 100 of b; a limit of 0.2 is broken by a alone."""
    score = np.where(np.arange(1_000) < 300, 0.9, 0.1), np.where(np.arange(1_000) < 100, 0.9, 0.1), np.full(1_000, 0.8)
    table = {"y": [0] * 2_000 + [1] * 1_000, "p": np.concatenate(score), "g": ["a"] * 1_000 + ["b"] * 1_500 + ["a"] * 500}
    limit = {"id": "ceiling", "kind": "quality", "metric": "false_positive_rate", "max": 0.2}
    until = datetime.now(timezone.utc).date() + timedelta(days=days)
    waiver = {**WAIVED, "slice": slice_name, "until": until}
    policy = {"rules": [{**limit, "thresholds": [0.5], "slices": ["g:*"]}], "waivers": [waiver]}
    found = fairgate.evaluate(table, label="y", scores="p", slices=["g"], policy=policy).verdict
    assert found.outcome == outcome
    lines = {line.slice: line.outcome for line in found.rules if line.id == "ceiling"}
    assert lines == {"g:a": "waived" if outcome == "blessed" else "failed", "g:b": "passed"}
    assert ("with 1 waiver" in found.summary) == (outcome == "blessed")
