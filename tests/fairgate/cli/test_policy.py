"""`fairgate policy`: explained, and shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fairgate.cli import main as cli
from fairgate.cli import pipeline_commands
from fairgate.gate import presets
from fairgate.gate.policy import Policy
from fairgate.gate.rule import KINDS
from fairgate.metrics import registry
from fairgate.run_folder import CONFIGURATION
from pipeline import config, tasks

PAGE = Path(__file__).resolve().parents[3] / "docs" / "policy-reference.md"


def fairgate(*arguments: str) -> int:
    """The exit code of the command in this process."""
    return cli.main(("policy", *arguments))


@pytest.fixture
def library_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pipeline is not installed."""
    monkeypatch.setattr(pipeline_commands, "is_present", lambda: False)
    cli.application.cache_clear()
    yield
    cli.application.cache_clear()


def test_page_in_the_documents_is_what_the_command_writes(capsys: pytest.CaptureFixture[str]) -> None:
    """`make policy-reference` writes it."""
    assert fairgate("explain", "--markdown") == 0
    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8")


def test_everything_is_explained_by_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("explain") == 0
    lines = capsys.readouterr().out.splitlines()
    titles = [line for line in lines if line.isupper()]
    assert titles[:3] == ["HOW A RULE IS JUDGED", "KEYS OF A POLICY", "KEYS OF EVERY RULE"]
    assert titles[3:] == ["KINDS OF RULES", "METRICS", "PRESETS"]
    assert {*KINDS, *(metric.name for metric in registry.known()), "strict of digits"} <= set(lines)
    prose = [line for line in lines if not line.startswith(("      ", "    - ")) or line.startswith("        ")]
    assert max(len(line) for line in prose if not {*line.split()} & {"slices:", "author:", "rationale:"}) <= 80


def test_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("explain", "quality") == 0
    assert capsys.readouterr().out.splitlines() == [
        "quality (rule kind)",
        "    The candidate's metric lies between limits on every named slice.",
        "",
        "    min: number",
        "        the least and the greatest value that is allowed; the one on the side on",
        "        which the metric gets worse, or both.",
        "",
        "    max: number",
        "        the least and the greatest value that is allowed; the one on the side on",
        "        which the metric gets worse, or both.",
        "",
        "    # of the policy default of civil-comments",
        "    - id: false-positive-ceiling",
        "      kind: quality",
        "      metric: false_positive_rate",
        "      thresholds: [0.5]",
        "      rationale: Equal error rates are no use if all of them are high.",
        "      max: 0.35",
    ]


def test_one_metric(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("explain", "auc") == 0
    first, meaning, *_ = capsys.readouterr().out.splitlines()
    assert (first, meaning) == ("auc (metric)", "    Chance that a random positive scores above a random negative.")


def test_one_key_is_explained_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("explain", "against") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == ["gap", "not_worse"]


def test_a_preset_of_several_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("explain", "strict") == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("strict")] == [
        f"strict of {task}" for task in tasks.TASKS
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "gpa"), "there is no entry 'gpa'; did you mean 'gap'? known: policy, waivers, extends, rule, "),
        (("explain", "gap", "--markdown"), "--markdown prints everything; leave out 'gap'."),
        (("show", "digit"), "Unknown task 'digit'. Did you mean 'digits'? Choose one of: "),
        (("show", "digits", "--policy", "strct"), "there is no policy preset 'strct'; did you mean --policy strict?"),
        (("show", "a.yaml", "--policy", "strict"), "--policy belongs to a task, but a.yaml is a path; leave it out"),
        (("show", "./nowhere"), "nowhere"),
        (
            ("show", "strict"),
            "'strict' is a policy of 3 tasks; name one of them:\n  fairgate policy show civil-comments --policy strict\n",
        ),
    ],
)
def test_mistakes_exit_with_three(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str) -> None:
    assert fairgate(*arguments) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


@pytest.mark.parametrize("name", ["default", "strict"])
def test_preset_is_shown_as_a_file_to_start_from(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert fairgate("show", "civil-comments", "--policy", name) == 0
    shown = Policy.parse(capsys.readouterr().out, "policy.yaml")
    assert shown == tasks.find("civil-comments").policies[name]


@pytest.mark.parametrize("task", tasks.TASKS)
def test_every_preset_is_shown(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the policy alone, and the policies of those that set model and training too; by name where one task has it."""
    chosen = tasks.find(task)
    with_policy = [name for name, parts in chosen.presets.items() if "policy" in parts]
    for name in (*config.policies(chosen), *with_policy):
        assert fairgate("show", task, "--policy", name) == 0
        shown = capsys.readouterr().out
        code, alone = fairgate("show", name), capsys.readouterr()
        assert (code, alone.out) == (0, shown) or f"fairgate policy show {task} --policy {name}\n" in alone.err


def test_policy_of_a_preset_of_the_task_is_the_one_that_it_sets(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("show", "exercise") == 0
    shown = Policy.model_validate(yaml.safe_load(capsys.readouterr().out))
    overrides = config.Overrides(values={"preset": "exercise"})
    assert shown == config.load("civil-comments", overrides).policy


def test_policy_of_a_run_and_of_a_file_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run_config = config.load("digits")
    (tmp_path / CONFIGURATION).write_text(run_config.model_dump_json())
    for path in (tmp_path, tmp_path / CONFIGURATION):
        assert fairgate("show", str(path)) == 0
        assert Policy.parse(capsys.readouterr().out, "policy.yaml") == run_config.policy


@pytest.mark.usefixtures("library_alone")
def test_without_the_pipeline_everything_but_presets_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("explain") == 0
    printed = capsys.readouterr().out
    assert "KINDS OF RULES" in printed
    assert "PRESETS" not in printed
    assert fairgate("explain", presets.DEFAULT) == 3


def test_names_are_completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("_FAIRGATE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "fairgate policy explain g")
    monkeypatch.setenv("COMP_CWORD", "3")
    with pytest.raises(SystemExit):
        cli.main(())
    assert capsys.readouterr().out.split() == ["gap", "guard"]
