"""Configurations: defaults, layers, and errors that name the remedy."""

import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.tasks.civil_comments.config import CommentsInput, CommentsTraining
from fairgate.asked import by_command
from fairgate.errors import InputError
from fairgate.gate import presets
from fairgate.gate.policy import Policy
from pipeline import tasks
from pipeline.config import Overrides, load, merge

TASK = "civil-comments"
CHANGED = {"author": f"{presets.AUTHOR}, changed by this configuration"}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A place for a configuration file."""
    return tmp_path / "run.yaml"


@pytest.mark.parametrize("name", tasks.TASKS)
def test_without_overrides_a_run_is_what_its_task_says(name: str) -> None:
    """Nothing is lost between a task's values and a configuration, whose values are plain in between."""
    task, config = tasks.find(name), load(name)
    assert (config.task, config.seed, config.candidate) == (name, 1, "remediated")
    assert (config.evaluation, config.data_rules, config.policy) == (task.evaluation, task.data_rules, task.policy)
    assert (config.input, config.training) == (task.input(), task.training())
    assert config.counterfactual == task.counterfactual


@pytest.mark.parametrize("name", ["strict", "lenient", "exercise-gender", "four-fifths", "ll144"])
def test_a_preset_is_chosen_by_name(written: Path, name: str) -> None:
    """In a file, by a setting, by the option."""
    written.write_text(f"policy: {{preset: {name}}}\n")
    expected = tasks.find(TASK).policies[name]
    assert load(TASK, Overrides(written)).policy == expected
    assert load(TASK, Overrides(settings=(f"policy.preset={name}",))).policy == expected
    assert load(TASK, Overrides(policy=name)).policy == expected


def test_a_preset_may_be_changed_in_any_part(written: Path) -> None:
    written.write_text("policy: {preset: exercise-gender, min_examples: 30}\n")
    expected = tasks.find(TASK).policies["exercise-gender"].model_copy(update={**CHANGED, "min_examples": 30, "confidence": 0.9})
    assert load(TASK, Overrides(written, ["policy.confidence=0.9"])).policy == expected


def test_without_a_preset_the_default_is_changed(written: Path) -> None:
    written.write_text("policy: {min_examples: 30}\n")
    assert load(TASK, Overrides(written)).policy == tasks.find(TASK).policy.model_copy(update={**CHANGED, "min_examples": 30})


def test_the_option_replaces_the_policy_of_the_configuration(written: Path) -> None:
    """`--policy strict` is strict, whatever the file says; a setting still changes it."""
    written.write_text("policy: {preset: lenient, min_examples: 1, rules: []}\n")
    strict = tasks.find(TASK).policies["strict"]
    assert load(TASK, Overrides(written, policy="strict")).policy == strict
    changed = load(TASK, Overrides(written, ["policy.min_examples=7"], policy="strict")).policy
    assert changed == strict.model_copy(update={**CHANGED, "min_examples": 7})


RULE = "{id: auc, kind: quality, metric: auc, min: 0.7}"


@pytest.mark.parametrize("text", [f"rules: [{RULE}]\nunproven: refuse\n", f"policy: {{rules: [{RULE}], unproven: refuse}}\n"])
def test_a_policy_file_is_the_whole_policy(tmp_path: Path, text: str) -> None:
    """As `fairgate check FILE` reads it: nothing of the task's default is mixed in."""
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    assert load(TASK, Overrides(policy=str(path))).policy == Policy.from_yaml(path)
    assert load(TASK, Overrides(policy=str(path))).policy.multiplicity == "none"


def test_a_policy_file_may_start_from_a_preset(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("preset: strict\nmin_examples: 30\n")
    expected = tasks.find(TASK).policies["strict"].model_copy(update={**CHANGED, "min_examples": 30})
    assert load(TASK, Overrides(policy=str(path))).policy == expected


@pytest.mark.parametrize("overrides", [Overrides(policy="lenent"), Overrides(settings=("policy.preset=lenent",))])
def test_an_unknown_preset_lists_the_known_ones(overrides: Overrides) -> None:
    known = "default, strict, lenient, exercise-gender, four-fifths, ll144"
    with (
        by_command(),
        pytest.raises(InputError, match=f"no policy preset 'lenent'; did you mean --policy lenient\\? known: {known}"),
    ):
        load(TASK, overrides)


def test_an_image_task_has_presets_of_its_own() -> None:
    with pytest.raises(InputError, match="no policy preset 'll144'; known: default, strict, lenient"):
        load("digits", Overrides(policy="ll144"))


def test_a_policy_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(InputError, match=r"policy: .*got 'strict'"):
        load(TASK, Overrides(settings=("policy=strict",)))


def test_a_task_with_nothing_but_a_default_can_be_judged_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    task = replace(tasks.find(TASK), policies={})
    monkeypatch.setattr(tasks, "find", lambda _: task)
    assert load(TASK, Overrides(policy="strict")).policy.unproven == "inconclusive"


def test_later_layers_win(written: Path) -> None:
    """File over defaults, settings over the file, the command's own options over everything."""
    written.write_text("seed: 2\ntraining: {steps: 20, patience: 2}\ninput: {eval_fraction: 0.2}\n")
    settings = ("seed=3", "training.steps=30")
    config = load(TASK, Overrides(written, settings, {"seed": 4, "input": {"train": ["a.csv"]}}))
    assert config.seed == 4
    assert config.training == CommentsTraining(steps=30, patience=2)
    assert config.input == CommentsInput(train=("a.csv",), eval_fraction=0.2)


@pytest.mark.parametrize(
    ("below", "above", "merged"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": 3}}}, {"a": {"b": {"c": 3, "d": 2}}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": 1}, {"a": None}, {"a": None}),
    ],
)
def test_merge(below: dict[str, Any], above: dict[str, Any], merged: dict[str, Any]) -> None:
    """Mappings are merged at every depth, anything else is replaced."""
    assert merge(below, above) == merged


def test_merge_leaves_its_arguments_alone() -> None:
    """Defaults are used again."""
    below = {"a": {"b": 1}}
    merge(below, {"a": {"b": 2}})
    assert below == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("training.hidden=[8, 4]", (8, 4)),
        ("training.hidden=[]", ()),
        ("training.embedding=training-text", "training-text"),
        ("training.embedding=a=b", "a=b"),
        ("training.learning_rate=1e-2", 0.01),
        (" training.steps =7", 7),
    ],
)
def test_settings_are_yaml_values(setting: str, expected: object) -> None:
    """Numbers, lists and texts, and only the first = divides."""
    key = setting.partition("=")[0].strip().rpartition(".")[2]
    assert getattr(load(TASK, Overrides(settings=(setting,))).training, key) == expected


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("sede=1", "unknown key 'sede' (value 1)"),
        ("input.sampel=true", "unknown key 'input.sampel' (value True)"),
        ("training.step=1", "unknown key 'training.step' (value 1)"),
        ("evaluation.threshold=0.5", "unknown key 'evaluation.threshold' (value 0.5)"),
        ("data_rules.min_row=1", "unknown key 'data_rules.min_row' (value 1)"),
        ("policy.rule=[]", "unknown key 'policy.rule' (value [])"),
        ("seed=-1", "seed: Input should be greater than or equal to 0 (got -1)"),
        ("seed=one", "(got 'one')"),
        ("candidate=fair", "candidate: Input should be 'baseline' or 'remediated' (got 'fair')"),
        ("training.steps=0", "training.steps: Input should be greater than or equal to 1 (got 0)"),
        ("training=5", "training: "),
        ("input=5", "input: "),
        ("evaluation.thresholds=[0.5, 1.5]", "threshold 1.5 is not between 0 and 1"),
        ("evaluation.thresholds=[0.5, 0.5]", "must rise, each named once"),
        ("evaluation.intersections=[[gender]]", "evaluation.intersections.0.1: Field required"),
        (
            "policy.rules=[{id: a, kind: gaps, metric: auc}]",
            "policy.rules.0.kind: there is no kind of rule of this name; choose from ",
        ),
        ("policy.rules=[{id: a, kind: gap, metric: auc, limit: 1, slice: [b]}]", "unknown key 'policy.rules.0.slice'"),
        ("task=digits", "task is 'digits', but 'civil-comments' was asked for"),
        ("seed", "--set 'seed' is not of the form key.key=value"),
        ("=1", "--set '=1' is not of the form key.key=value"),
        ("seed=[", "--set 'seed=[', line 1 is not valid YAML"),
        ("seed=2026-13-45", "seed: Input should be a valid integer (got '2026-13-45')"),
    ],
)
def test_wrong_settings_are_named(setting: str, message: str) -> None:
    """Key, value, and what would be right."""
    with pytest.raises(InputError) as caught:
        load(TASK, Overrides(settings=(setting,)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- 1\n", "must hold keys and values at its top, such as `seed: 1`, not a list"),
        (b"", "must hold keys and values at its top, such as `seed: 1`, not nothing"),
        (b"a: [", "is not valid YAML"),
        (b"seed: !!python/object/apply:os.getcwd []", "the tag tag:yaml.org,2002:python/object/apply:os.getcwd is not read"),
        (b"seed: 2026-13-45", ", line 1: seed: Input should be a valid integer (got '2026-13-45')"),
        (b"[" * 5000, "is not valid YAML"),
        (b"seed: \xff", "not UTF-8 text (byte 7); save the configuration as UTF-8"),
        (b"task: digits", "task is 'digits', but 'civil-comments' was asked for"),
        (b"1: 2", "unknown key '1' (value 2)"),
        (b"seed: 1\nseed: 2", ", line 2: the key 'seed' is given a second time, after line 1; remove one"),
        (b"seed: yes", ", line 1: seed: Input should be a valid integer (got 'yes'); yes is no number"),
        (b"report_text: yes", ", line 1: report_text: Input should be a valid boolean (got 'yes'); write true"),
        (b"training:\n  steps: 1_000", ", line 2: training.steps: Input should be a valid integer (got '1_000'); write 1000"),
        (b"training: {steps: 1.0e+3}", ", line 1: training.steps: Input should be a valid integer (got 1000.0)"),
    ],
)
def test_wrong_files_are_named(written: Path, content: bytes, message: str) -> None:
    """Whatever is wrong with a file, the message says which one it is."""
    written.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load(TASK, Overrides(written))
    assert message in str(caught.value)
    assert str(written) in str(caught.value)


def test_absent_file_is_named(written: Path) -> None:
    """A mistyped path is an error that the user can fix."""
    with pytest.raises(InputError, match=r"run\.yaml: no such file; name the file of the configuration"):
        load(TASK, Overrides(written))


def test_error_says_where_to_look(written: Path) -> None:
    """A wrong setting is not blamed on the file alone."""
    written.write_text("seed: 2")
    with pytest.raises(InputError, match=r"Configuration error in --set training\.step=5: unknown key"):
        load(TASK, Overrides(written, ("training.step=5",)))


ORGANISATION = """
min_examples: 200
rules: [{kind: gap, id: gap, metric: false_positive_rate, thresholds: [0.5], slices: ["gender:*"], limit: 1.25}]
"""


def test_policy_that_is_extended_takes_the_place_of_the_default(written: Path) -> None:
    """And what the command line says is held to it too."""
    (written.parent / "organisation.yaml").write_text(ORGANISATION)
    written.write_text("seed: 2\npolicy:\n  extends: organisation.yaml\n  rules:\n  - {id: gap, limit: 1.2}\n")
    policy = load(TASK, Overrides(written, ("policy.confidence=0.99",))).policy
    assert (len(policy.rules), policy.min_examples, policy.confidence) == (1, 200, 0.99)
    assert policy.rules[0].model_dump()["limit"] == 1.2
    with pytest.raises(
        InputError, match=r"in --set policy\.min_examples=5: min_examples: 5 instead of 200 in .*organisation\.yaml, line 2"
    ):
        load(TASK, Overrides(written, ("policy.min_examples=5",)))
    with pytest.raises(InputError, match=r"in --set policy\.rules=.*: rule 'gap', limit: 2.0 instead of 1.25 in .*organisation"):
        load(TASK, Overrides(written, ("policy.rules=[{id: gap, limit: 2}]",)))


def test_policy_file_of_the_command_line_may_extend_another(written: Path) -> None:
    """And --set is held to it; the file that is extended lies beside the one that names it, wherever the command runs."""
    (written.parent / "organisation.yaml").write_text(ORGANISATION)
    written.write_text("extends: organisation.yaml\nconfidence: 0.96\n")
    overrides = Overrides(settings=("policy.confidence=0.99",), policy=str(written))
    assert load(TASK, overrides).policy.confidence == 0.99
    with pytest.raises(InputError, match=r"in --set policy\.min_examples=5: min_examples: 5 instead of 200 in .*organisation"):
        load(TASK, Overrides(settings=("policy.min_examples=5",), policy=str(written)))
    written.write_text("extends: organisation.yaml\nconfidence: 0.9\n")
    with pytest.raises(InputError, match=r"in .*run\.yaml, line 2: confidence: 0\.9 instead of 0\.95 in .*organisation\.yaml: "):
        load(TASK, Overrides(policy=str(written)))


def test_setting_may_name_the_policy_to_extend(written: Path) -> None:
    (written.parent / "organisation.yaml").write_text(ORGANISATION)
    policy = load(TASK, Overrides(settings=(f"policy.extends={written.parent / 'organisation.yaml'}",))).policy
    assert [rule.id for rule in policy.rules] == ["gap"]


def test_all_errors_of_a_part_are_told_at_once() -> None:
    """Nobody wants to fix them one by one."""
    with pytest.raises(InputError, match=r"training\.steps: .*; --set training\.patience=0: training\.patience: "):
        load(TASK, Overrides(settings=("training.steps=0", "training.patience=0")))


def test_long_values_are_cut() -> None:
    """A message stays a line or two, whatever was put in a field."""
    with pytest.raises(InputError) as caught:
        load(TASK, Overrides(values={"seed": "x" * 10_000}))
    assert len(str(caught.value)) < 400


def test_unknown_task_lists_the_known_ones() -> None:
    """The remedy is a choice."""
    with pytest.raises(InputError, match=r"Unknown task 'civil'\. .*Choose one of: civil-comments"):
        load("civil")


def test_configuration_cannot_be_changed() -> None:
    """What a run says it did is what it did."""
    with pytest.raises(ValidationError, match="frozen"):
        load(TASK).seed = 5  # type: ignore[misc]  # the mistake that is tested


def test_alerts_leave_no_trace() -> None:
    """Alerts influence no result: neither the cache nor what is written down may change with them."""
    config = load("digits", Overrides(values={"alerts": {"url_variable": "HOOK"}}))
    assert config.alerts.url_variable == "HOOK"
    assert config.model_dump_json() == load("digits").model_dump_json()


SECRET = "s3cr3tT0ken"  # noqa: S105  # of a test
ADDRESS = f"https://hooks.example.org/services/{SECRET}"


@pytest.mark.parametrize(
    "setting",
    [
        f"alerts.url_variable={ADDRESS}",
        f"alerts.url_variable={SECRET}-2",
        f"alerts.url_variable='{ADDRESS}",
        f"alerts.on={SECRET}",
        f"alerts.on=[{ADDRESS}]",
        f"alerts.seconds={SECRET}",
        f"alerts={ADDRESS}",
        f"alerts.url={SECRET}",
        f"alerts.url_variable=hooks.example.com/{SECRET}",
        f"alerts.url_variable=/{SECRET}",
        f"alert.url_variable={SECRET}",
        f"webhook={ADDRESS}",
        f"policy.alerts.url_variable={ADDRESS}",
        f"training.steps={ADDRESS}",
        f"seed={ADDRESS}",
        f"https://hooks.example.org/?key={SECRET}",
        ADDRESS,
    ],
)
@pytest.mark.parametrize("in_file", [False, True])
def test_secret_of_a_webhook_is_refused_and_not_shown(setting: str, in_file: bool, tmp_path: Path) -> None:
    """Wherever it was written by mistake: messages end up in logs. Nor does the error carry pydantic's, which shows values."""
    overrides = Overrides(settings=[setting])
    if in_file:
        text = setting
        for key in reversed(setting.partition("=")[0].split(".") if "://" not in setting.partition("=")[0] else ()):
            text = f"{{{key}: {text.rpartition('=')[2]}}}"
        (tmp_path / "run.yaml").write_text(text)
        overrides = Overrides(file=tmp_path / "run.yaml")
    with pytest.raises(InputError) as caught:
        load("digits", overrides)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_address_in_place_of_a_setting_is_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        load("digits", Overrides(settings=[f"hooks.example.com/{SECRET}"]))
    assert "--set 'hooks.example.com/…' is not of the form key.key=value, for example --set " in str(caught.value)


def test_address_of_a_webhook_is_answered_with_what_to_write() -> None:
    with pytest.raises(InputError, match=r"error in --set alerts\.url_variable=…: .* name the environment variable"):
        load("digits", Overrides(settings=[f"alerts.url_variable={ADDRESS}"]))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.baseline.epochs=0", "training.baseline.epochs: Input should be greater than or equal to 1 (got 0)."),
        ("training.candidate.hidden=[0]", "training.candidate.hidden.0: Input should be greater than or equal to 1 (got 0)."),
        ("training.candidate.dropout=2", "training.candidate.dropout: Input should be less than 1 (got 2)."),
        ("training.candidate.epocs=3", "unknown key 'training.candidate.epocs' (value 3); remove it or correct its spelling."),
    ],
)
def test_wrong_setting_of_an_image_model_is_named_by_its_whole_key(setting: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load("fashion-mnist", Overrides(settings=[setting]))
    assert str(caught.value) == f"Configuration error in --set {setting}: {message}"
