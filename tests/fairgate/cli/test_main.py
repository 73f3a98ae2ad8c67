"""The command: argv to configuration, exit codes, messages."""

import importlib.metadata
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.main

from components.tasks.civil_comments.config import CommentsInput, CommentsTraining
from fairgate.cli import main as cli
from fairgate.cli.exit_codes import CRASHED, INPUT_ERROR, INTERRUPTED, OUTCOMES
from fairgate.errors import InputError
from fairgate.gate.junit import JUnitFile
from pipeline import tasks
from pipeline.commands import run
from pipeline.commands.register import run_epilog
from pipeline.config import RunConfig
from pipeline.engines.choice import EngineChoice

HEAVY = ("tensorflow", "tfx", "apache_beam", "pandas", "scipy", "sklearn", "statsmodels", "pyarrow", "rich")


def fairgate(*arguments: str) -> int:
    """The exit code of the command in this process."""
    return cli.main(arguments)


class Runs:
    """Stands in for the runner: remembers what it was asked for."""

    def __init__(self) -> None:
        """Nothing was asked for."""
        self.asked: list[tuple[RunConfig, Path, EngineChoice]] = []
        self.answer: Callable[[], int] = lambda: 0
        self.junit: JUnitFile | None = None

    def __call__(self, config: RunConfig, root: Path, choice: EngineChoice, junit: JUnitFile | None) -> int:
        """Answers."""
        self.junit = junit
        self.asked.append((config, root, choice))
        return self.answer()

    @property
    def config(self) -> RunConfig:
        """The configuration of the only run."""
        ((config, _, _),) = self.asked
        return config


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """No pipeline is run."""
    found = Runs()
    monkeypatch.setattr(run, "run", found)
    return found


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Two files that exist."""
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in paths:
        path.touch()
    return str(paths[0]), str(paths[1])


def test_sample_run(runs: Runs) -> None:
    """Everything else is the task's default."""
    assert fairgate("run", "civil-comments", "--sample") == 0
    ((config, root, choice),) = runs.asked
    assert config.input == CommentsInput(sample=True)
    assert (config.seed, config.candidate, config.training) == (1, "remediated", CommentsTraining())
    assert (root, choice) == (Path("runs/civil-comments"), EngineChoice())


def test_all_options_reach_the_run(runs: Runs, files: tuple[str, str], tmp_path: Path) -> None:
    """Files, settings, a configuration file, root and Beam options."""
    written = tmp_path / "run.yaml"
    written.write_text("training: {steps: 10, patience: 3}")
    options = {"train": files[0], "eval": files[1], "candidate": "baseline", "seed": "7", "config": str(written)}
    options |= {"set": "training.steps=20", "root": str(tmp_path), "beam-arg": "--direct_num_workers=2"}
    options |= {"engine": "flink://one:8081", "job-endpoint": "two:8099", "stall": "3", "worker-deadline": "9"}
    assert fairgate("run", "civil-comments", *(f"--{name}={value}" for name, value in options.items())) == 0
    ((config, root, choice),) = runs.asked
    assert config.input == CommentsInput(train=(files[0],), eval=(files[1],))
    assert config.training == CommentsTraining(steps=20, patience=3)
    assert (config.candidate, config.seed, root) == ("baseline", 7, tmp_path)
    assert choice == EngineChoice(("--direct_num_workers=2",), "flink://one:8081", "two:8099", 3, 9)


def test_junit_options_reach_the_run(runs: Runs) -> None:
    """None without --junit; what is open is a failure unless the user says otherwise."""
    asked: list[JUnitFile | None] = []
    for options in ((), ("--junit", "a.xml"), ("--junit", "a.xml", "--junit-inconclusive", "skipped")):
        assert fairgate("run", "civil-comments", "--sample", *options) == 0
        asked.append(runs.junit)
    assert asked == [None, JUnitFile(Path("a.xml")), JUnitFile(Path("a.xml"), "skipped")]
    assert fairgate("run", "civil-comments", "--sample", "--junit", "a.xml", "--junit-inconclusive", "passed") == 3


def test_a_run_is_judged_by_the_named_policy(runs: Runs) -> None:
    """By name, and not at all by one that has no pass mark: exit code 3, before anything is loaded."""
    assert fairgate("run", "civil-comments", "--sample", "--policy", "exercise-gender") == 0
    assert runs.config.policy == tasks.find("civil-comments").policies["exercise-gender"]
    assert fairgate("run", "civil-comments", "--sample", "--policy", "ll144") == 3
    assert fairgate("run", "civil-comments", "--sample", "--policy", "four-fifth") == 3
    assert len(runs.asked) == 1


def test_a_preset_sets_model_and_policy_and_the_policy_option_goes_before_it(runs: Runs) -> None:
    policies = tasks.find("civil-comments").policies
    assert fairgate("run", "civil-comments", "--sample", "--preset", "exercise") == 0
    assert (runs.config.training.model_dump()["model"], runs.config.policy) == ("dnn", policies["exercise-gender"])
    runs.asked.clear()
    assert fairgate("run", "civil-comments", "--sample", "--preset", "exercise", "--policy", "strict") == 0
    assert (runs.config.training.model_dump()["model"], runs.config.policy) == ("dnn", policies["strict"])


def test_tagging_reaches_the_run(runs: Runs, files: tuple[str, str]) -> None:
    assert fairgate("run", "civil-comments", "--train", files[0], "--tag-identities") == 0
    assert runs.config.input == CommentsInput(train=(files[0],), tag_identities=True)


def test_columns_of_the_files_reach_the_run(runs: Runs, files: tuple[str, str]) -> None:
    columns = ("--columns", "female=Female", "--columns", "comment_text=body text", "--ignore-column", "name")
    assert fairgate("run", "civil-comments", "--train", files[0], *columns) == 0
    assert runs.config.input == CommentsInput(
        train=(files[0],), columns={"female": "Female", "comment_text": "body text"}, ignored_columns=("name",)
    )


def test_repeated_options_add_up(runs: Runs, files: tuple[str, str]) -> None:
    """Two files to train on, two settings."""
    arguments = ("--train", files[0], "--train", files[1], "--set", "training.steps=5", "--set", "seed=3")
    assert fairgate("run", "civil-comments", *arguments) == 0
    assert runs.config.input == CommentsInput(train=files)
    assert (runs.config.training, runs.config.seed) == (CommentsTraining(steps=5), 3)


@pytest.mark.parametrize("code", [0, 1, 2])
def test_exit_code_of_a_run_is_its_outcome(runs: Runs, code: int) -> None:
    """Blessed, refused, inconclusive."""
    runs.answer = lambda: code
    assert fairgate("run", "civil-comments", "--sample") == code


def raising(error: BaseException) -> Callable[[], Any]:
    """A function that raises."""

    def raise_it() -> Any:
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("a.csv, row 3: no text"), 3, "Error: a.csv, row 3: no text"),
        (RuntimeError("out of luck"), 70, "RuntimeError: out of luck"),
        (KeyboardInterrupt(), 130, "Interrupted. Finished steps are kept"),
    ],
)
def test_run_that_ends_otherwise(
    runs: Runs, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, message: str
) -> None:
    """A crash never has a code that means an outcome."""
    runs.answer = raising(error)
    assert fairgate("run", "civil-comments", "--sample") == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("runn",), "No such command 'runn'. Did you mean 'run'?"),
        (("data", "fetsh"), "No such command 'fetsh'. Did you mean 'fetch'?"),
        (("run",), "Missing argument 'TASK'"),
        (("run", "civil-comments", "--bogus"), "No such option: --bogus"),
        (("run", "civil-comments", "--smple"), "No such option: --smple. Did you mean --sample?\n"),
        (("run", "civil-comments", "--seed"), "--seed"),
        (
            ("run", "civil-comments", "--seed", "one"),
            "seed: Input should be a valid integer (got 'one')",
        ),
        (("run", "civil-comments", "twice"), "unexpected extra argument"),
        (("check",), "Missing argument 'PATH|TASK'"),
        (("data", "sample"), "Missing option '--to'"),
        (("run", "nothing"), "Unknown task 'nothing'"),
        (("run", "civil-comments"), "No comments to work on"),
        (("run", "civil-comments", "--train", "nowhere.csv"), "nowhere.csv: no such file"),
        (("run", "civil-comments", "--sample", "--set", "policy.rules=[]"), "it has no rules"),
        (("run", "civil-comments", "--sample", "--preset", "cnn"), "there is no preset 'cnn'; known: exercise."),
        (("run", "civil-comments", "--sample", "--data-dir", "."), "unknown key 'input.data_dir'"),
        (("run", "civil-comments", "--sample", "--train", "a.csv"), "give no train or eval files with it"),
        (("check", "civil-comments", "--set", "evaluation.splits=[train]"), "add it"),
        (
            ("check", "civil-comments", "--config", "nowhere.yaml"),
            "nowhere.yaml: no such file; name the file of the configuration",
        ),
    ],
)
def test_mistakes_exit_with_three_and_a_message(
    runs: Runs, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    """Nothing was run, nothing was printed but the error."""
    assert fairgate(*arguments) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: ")
    assert message in printed.err
    assert runs.asked == []


def test_usage_error_leads_to_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The next step is one line away."""
    fairgate("run")
    assert capsys.readouterr().err.splitlines()[-1] == "Try 'fairgate run --help'."


def test_several_problems_are_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Each on a line of its own."""
    assert fairgate("check", "civil-comments", "--set", "evaluation.splits=[test]") == 3
    assert capsys.readouterr().err.splitlines() == [
        "Error: 2 problems",
        "  - evaluation.splits: 'test' is no split; choose from train, eval.",
        "  - evaluation.splits: the policy judges the split 'eval'; add it.",
    ]


COMMANDS = [
    ("run",),
    *((name,) for name in ("prepare", "step", "collect")),
    ("predict",),
    ("predictions",),
    ("doctor",),
    ("check",),
    ("evaluate",),
    ("plan",),
    ("report",),
    ("verify",),
    *(("policy", name) for name in ("explain", "show")),
    *(("data", name) for name in ("embedding-bias", "fetch", "convert", "sample", "embedding")),
    *(("kubeflow", name) for name in ("compile", "submit", "schedule")),
    ("airflow", "dag"),
    *(("kubeflow", "schedules", name) for name in ("list", "pause", "resume", "delete")),
]
GROUPS = [(), ("policy",), ("data",), ("kubeflow",), ("kubeflow", "schedules"), ("airflow",)]


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", [*GROUPS, *COMMANDS], ids=" ".join)
def test_help_exits_with_zero_and_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...], option: str
) -> None:
    assert fairgate(*command, option) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Usage: {' '.join(('fairgate', *command))} ")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", [command for command in COMMANDS if "schedules" not in command], ids=" ".join)
def test_examples_of_every_help_parse(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    """They name the command itself, and only options that it has."""
    fairgate(*command, "--help")
    _, _, printed = capsys.readouterr().out.partition("  Examples:\n")
    lines = re.sub(r"\\\n +", "", printed.partition("\n\n")[0]).splitlines()
    assert lines
    for line in lines:
        typed = shlex.split(re.split(r"   +| > |  (?=no |generated |the )", line.strip())[0])  # without what it says of itself
        assert tuple(typed[1 : 1 + len(command)]) == command
        found: Any = typer.main.get_command(cli.application())
        for name in command:
            found = found.commands[name]
        found.make_context(command[-1], typed[1 + len(command) :])


@pytest.mark.parametrize("command", GROUPS, ids=" ".join)
def test_group_without_a_command_prints_its_help(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    assert fairgate(*command) == 0
    alone = capsys.readouterr()
    assert (fairgate(*command, "--help"), alone.err) == (0, "")
    assert alone.out == capsys.readouterr().out
    assert "..." not in alone.out.partition("Commands:")[2]  # no description is cut


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("--version") == 0
    assert capsys.readouterr().out == f"fairgate {importlib.metadata.version('fairgate')}\n"


def test_help_of_a_run_ends_with_examples_presets_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Each on a line of its own."""
    assert fairgate("run", "--help") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "fairgate run civil-comments --sample --preset exercise the published model" in lines
    assert "civil-comments exercise" in lines
    assert "digits default, strict, lenient" in lines
    codes = [line.partition(" ")[0] for line in lines[lines.index("Exit codes:") + 1 :]]
    assert [int(code) for code in codes if code.isdecimal()] == sorted(
        {*OUTCOMES.values(), INPUT_ERROR, CRASHED, INTERRUPTED},
    )


def examples_of_a_run() -> list[str]:
    """The examples of the help of a run, as they are typed."""
    return [line[len("  fairgate ") :].partition("  ")[0] for line in run_epilog().splitlines() if line.startswith("  fairgate ")]


@pytest.mark.parametrize("typed", examples_of_a_run())
def test_examples_of_the_help_can_be_typed(runs: Runs, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("train.csv", "train-1.csv", "test.csv"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert fairgate(*shlex.split(typed)) == 0
    assert len(runs.asked) == 1


def test_check_says_that_all_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and what the preset and the policy make of it."""
    assert fairgate("check", "civil-comments", "--preset", "exercise", "--policy", "default") == 0
    first, preset, *_ = capsys.readouterr().out.splitlines()
    assert first == "civil-comments: the configuration and its policy of 8 rules are in order."
    assert preset.split() == ["preset", "exercise"]


@pytest.mark.parametrize("arguments", [("-h",), (), ("run", "-h"), ("policy",), ("check", "digits"), ("run", "civil-comments")])
def test_answers_without_the_heavy_packages(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Help, a check and a mistake are answered at once: nothing that takes long to import is."""
    code = f"""
import json, sys
from fairgate.cli import main as cli
cli.main({arguments})
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""
    command = [sys.executable, "-I", "-c", code]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed.splitlines()[-1]) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("run", "digits", "--root", ""), "--root"),
        (("run", "digits", "--root="), "--root="),
        (("verify", ""), "an argument"),
        (("predict", "civil-comments", "a", "--model", ""), "--model"),
    ],
)
def test_an_empty_argument_is_no_folder(
    runs: Runs, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], named: str
) -> None:
    """A path without characters would mean the folder that one is in."""
    assert fairgate(*arguments) == 3
    words = "is empty, as from a variable of the shell that is not set; give a value, or leave it out."
    assert capsys.readouterr().err == f"Error: {named.rstrip('=')} {words}\n"
    assert runs.asked == []


def test_an_empty_input_after_two_dashes_is_left_to_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert fairgate("predict", "civil-comments", "--model", ".", "--", "") == 3
    assert "A comment is blank" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "verify", "report", "report --history", "check p.yaml --run"])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [("absent", "no such folder"), ("file", "a file, not a folder"), ("loop", "Too many levels of symbolic links")],
)
def test_root_that_is_no_folder_is_named_with_the_reason_and_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, kind: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("loop").symlink_to("loop")
    Path("p.yaml").write_text("rules: [{id: a, kind: quality, metric: accuracy, min: 0.5}]")
    assert fairgate(*command.split(), kind) == 3
    remedy = "name a run's root folder, such as runs/digits, or the folder of one report."
    assert capsys.readouterr().err == f"Error: {kind}: {reason}; {remedy}\n"


@pytest.mark.parametrize("command", ["check loop", "policy show loop", "check digits --config loop.yaml"])
def test_a_link_that_leads_to_itself_is_no_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    Path("loop.yaml").symlink_to("loop.yaml")
    assert fairgate(*command.split()) == 3
    assert capsys.readouterr().err.startswith("Error: loop")
