"""Arguments in messages: each as whoever asks types it, and no message that spells one itself."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from fairgate.asked import by_arrays, by_command, in_command, option, typed
from fairgate.cli import main as cli
from fairgate.errors import InputError

ROOT = Path(fairgate.__file__).parent
# What only users of the command, or of Python, ever read.
OF_ONE_KIND = {
    "asked.py": "the list of all options",
    "gate/junit.py": "the file that --junit names",
    "gate/next_steps.py": "commands to type in a shell",
    "strict.py": "the option --set, whose value is the text that is read",
    "gate/within.py": "the option --set of a run",
    "judging/arrays.py": "arguments of scikit-learn's users",
    "prediction_arguments.py": "arguments of `evaluate_predictions`, a function alone",
}
_OPTION = re.compile(r"(?<![\w-])--[a-z]")
_ARGUMENT = re.compile(
    r"\b(label|scores?|decisions?|slices|groups?|weight|cluster|content|where|positive|favourable|policy|thresholds?|auc|bins|depth"
    r"|min_examples|y_true|y_pred|y_score|sensitive_features|sample_weight)=|in Python"
)


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


@cache
def _texts_of_all() -> list[tuple[str, int, str]]:
    """The texts of all modules but those of the command and of the report: name of the module, line, text."""
    names = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
    kept = {name: path for name, path in names.items() if name.partition("/")[0] not in ("cli", "report")}
    return [(name, line, text) for name, path in kept.items() for line, text in _texts(path)]


@pytest.mark.parametrize("kind", [_OPTION, _ARGUMENT], ids=["options of the command", "arguments of Python"])
def test_no_message_spells_an_argument_itself(kind: "re.Pattern[str]") -> None:
    """Each takes it from `option` or `typed`, which know who asks."""
    found = {
        f"{name}:{line}: {text[:80]!r}" for name, line, text in _texts_of_all() if name not in OF_ONE_KIND and kind.search(text)
    }
    assert found == set()


def test_every_exception_is_one() -> None:
    """A module that no longer names options or arguments is no exception."""
    spelling = {name for name, _, text in _texts_of_all() if _OPTION.search(text) or _ARGUMENT.search(text)}
    assert set(OF_ONE_KIND) - spelling == set()


@pytest.mark.parametrize(
    ("argument", "value", "command", "python", "arrays"),
    [
        ("positive", "yes", "--positive yes", 'positive="yes"', 'positive="yes"'),
        ("positive", "bad loan", '--positive "bad loan"', 'positive="bad loan"', 'positive="bad loan"'),
        ("positive", 'a"b', "--positive 'a\"b'", "positive='a\"b'", "positive='a\"b'"),
        ("positive", "a\\b", "--positive 'a\\b'", "positive='a\\\\b'", "positive='a\\\\b'"),
        ("label", "COLUMN", "--label COLUMN", 'label="COLUMN"', "y_true=…"),
        ("slices", ["sex", "race"], "--slices sex,race", 'slices=["sex", "race"]', "sensitive_features=…"),
        ("groups", {"sex": ["f", "m"]}, "--group sex=f,m", 'groups={"sex": ["f", "m"]}', "sensitive_features=…"),
        ("scores", {"candidate": "p_*"}, '--score candidate="p_*"', 'scores={"candidate": "p_*"}', "y_score=…"),
        ("thresholds", [0.3, 0.5], "--thresholds 0.3,0.5", "thresholds=[0.3, 0.5]", "thresholds=[0.3, 0.5]"),
        ("cuts", [0.5], "--threshold 0.5", "thresholds=[0.5]", "thresholds=[0.5]"),
        ("min_examples", 50, "--min-examples 50", "min_examples=50", "min_examples=50"),
        ("bins", {"age": 5}, "--bins age=5", 'bins={"age": 5}', 'bins={"age": 5}'),
    ],
)
def test_an_argument_is_spelled_as_whoever_asks_types_it(
    argument: str, value: Any, command: str, python: str, arrays: str
) -> None:
    """Without a context, a function with a table was called; what a shell reads of the option is the value."""
    assert typed(argument, value) == python
    with by_arrays():
        assert typed(argument, value) == arrays
    with by_command():
        assert typed(argument, value) == command
        assert option(argument) == command.partition(" ")[0]
        assert in_command("x") == "x"
    assert in_command("x") == ""
    if isinstance(value, str):
        assert shlex.split(command)[1] == value
        assert arrays.endswith("…") or ast.literal_eval(python.partition("=")[2]) == value


N = 40
TABLE = {
    "y": np.tile(["good", "bad"], N // 2),
    "flag": np.tile([0, 1], N // 2),
    "other": np.tile([0, 1, 1, 0], N // 4),
    "p": np.linspace(0.01, 0.99, N),
    "percent": np.linspace(1.0, 99.0, N),
    "g": np.tile(["a", "b", "b", "a"], N // 4),
    "three": np.tile(["a", "b", "c", "a"], N // 4),
}
GAP = {"rules": [{"id": "a", "kind": "gap", "metric": "auc", "slices": ["h:*"], "limit": 1.2}]}
FPR = {"rules": [{"id": "a", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.2}]}
# what is asked for -> the words of the command, and those of Python
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "two words": ({"label": "y", "scores": "p"}, "--positive good", 'positive="good"'),
    "another positive word": ({"label": "y", "scores": "p", "positive": "x"}, "that --positive names", "that positive names"),
    "three labels": (
        {"label": "three", "scores": "p", "positive": "a"},
        '--score candidate="p_*"',
        'scores={"candidate": "p_*"}',
    ),
    "three decisions": ({"decisions": "three", "positive": "a", "slices": ["g"]}, "such as with --where", "such as with where"),
    "no decision": ({"decisions": "p", "slices": ["g"]}, "--score MODEL=p", 'scores={"MODEL": "p"}'),
    "nothing to judge": ({"label": "flag"}, "--decision candidate=COLUMN", 'decisions={"candidate": "COLUMN"}'),
    "both": ({"scores": "p", "decisions": "g"}, "name --score for all", "name scores for all"),
    "no group": ({"decisions": "flag"}, "--slices COLUMN", 'slices=["COLUMN"]'),
    "no group for a preset": (
        {"decisions": "flag", "policy": "ll144"},
        "--slices COLUMN,COLUMN",
        'slices=["COLUMN", "COLUMN"]',
    ),
    "fractions as groups": (
        {"label": "flag", "scores": "p", "slices": ["p"]},
        "--group FEATURE=p",
        'groups={"FEATURE": ["p"]}',
    ),
    "words as a group": (
        {"label": "flag", "scores": "p", "groups": {"h": ["g"]}},
        "A column of --group",
        "A column of groups",
    ),
    "a feature twice": (
        {"label": "flag", "scores": "p", "slices": ["g"], "groups": {"g": ["flag"]}},
        "among --slices and --group",
        "among slices and groups",
    ),
    "percent": ({"label": "flag", "scores": "percent", "thresholds": [60.0]}, "--thresholds 0.6", "thresholds=[0.6]"),
    "two thresholds": (
        {"scores": "p", "slices": ["g"], "thresholds": [0.7, 0.8]},
        "--thresholds 0.7,0.8",
        "thresholds=[0.7, 0.8]",
    ),
    "no expression": (
        {"label": "flag", "scores": "p", "where": "g =="},
        "--where is no expression",
        "where is no expression",
    ),
    "nothing is taken": ({"label": "flag", "scores": "p", "where": "g == 'z'"}, '--where "g', 'where "g'),
    "no quotes": ({"label": "flag", "scores": "p", "where": "g == a"}, "--where \"g == 'a'\"", "where=\"g == 'a'\""),
    "no column": ({"label": "flag", "scores": "p", "where": "1 == 1"}, "--where '1 == 1' names", "where '1 == 1' names"),
    "no truth": ({"label": "flag", "scores": "p", "where": "p"}, "--where 'p' has", "where 'p' has"),
    "text and number": ({"label": "flag", "scores": "p", "where": "g > 3"}, "--where 'g > 3' comp", "where 'g > 3' comp"),
    "classes without labels": ({"scores": {"candidate": ["p", "percent", "flag"]}}, "--label COLUMN", 'label="COLUMN"'),
    "two columns of classes": (
        {"label": "flag", "scores": {"candidate": ["p", "percent"]}},
        "--score candidate=p,percent",
        'scores={"candidate": ["p", "percent"]}',
    ),
    "another feature in the policy": (
        {"label": "flag", "scores": "p", "slices": ["g"], "policy": GAP},
        "name it with --slices h",
        'name it with slices=["h"]',
    ),
    "errors without labels": (
        {"decisions": "flag", "slices": ["g"], "policy": FPR},
        "type --label COLUMN",
        'type label="COLUMN"',
    ),
    "an AUC of decisions": (
        {"label": "flag", "decisions": "other", "slices": ["g"], "policy": {"rules": [{**GAP["rules"][0], "slices": ["g:*"]}]}},
        "--score MODEL=COLUMN instead of --decision",
        'scores={"MODEL": "COLUMN"} instead of decisions',
    ),
    "another preset": (
        {"label": "flag", "scores": "p", "policy": "four-fifth"},
        "--policy four-fifths",
        'policy="four-fifths"',
    ),
}


def _arguments(asked: dict[str, Any], folder: Path) -> list[str]:
    """The same for the command."""
    typed_in: list[str] = []
    for name, value in asked.items():
        if name in ("scores", "decisions"):
            columns = value if isinstance(value, dict) else {"candidate": value}
            for model, own in columns.items():
                typed_in += [f"--{name.removesuffix('s')}", f"{model}={own if isinstance(own, str) else ','.join(own)}"]
        elif name == "groups":
            typed_in += [part for feature, own in value.items() for part in ("--group", f"{feature}={','.join(own)}")]
        elif isinstance(value, dict):
            (folder / "policy.yaml").write_text(json.dumps(value))
            typed_in += [f"--{name}", str(folder / "policy.yaml")]
        else:
            typed_in += [f"--{name}", value if isinstance(value, str) else ",".join(map(str, value))]
    return typed_in


@pytest.mark.parametrize("case", CASES)
def test_a_message_names_arguments_as_its_reader_types_them(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the command and of the function, about one and the same mistake."""
    asked, of_command, of_python = CASES[case]
    with pytest.raises(InputError) as raised:
        fairgate.evaluate(TABLE, **asked)
    assert of_python in str(raised.value)
    assert not _OPTION.search(str(raised.value))
    pq.write_table(pa.table(TABLE), tmp_path / "t.parquet")
    code = cli.main(["evaluate", str(tmp_path / "t.parquet"), "--out", str(tmp_path / "out"), *_arguments(asked, tmp_path)])
    assert code == 3
    message = " ".join(capsys.readouterr().err.split())
    assert of_command in message
    assert of_python not in message or of_python in of_command


def test_users_of_arrays_read_their_own_words() -> None:
    """Without labels and groups, and with a decision that is a score."""
    with pytest.raises(InputError, match=r"type sensitive_features=…, or give labels with y_true=…"):
        fairgate.evaluate(y_pred=TABLE["flag"])
    with pytest.raises(InputError, match=r'Type positive="bad" or positive="good"'):
        fairgate.evaluate(y_true=TABLE["y"], y_pred=TABLE["y"])


def test_the_folder_of_a_report_is_an_option_of_the_command_alone(tmp_path: Path) -> None:
    """In Python it is the argument of `report`, which has no other."""
    (tmp_path / "mine.txt").write_text("mine")
    judged = fairgate.evaluate(TABLE, label="flag", scores="p", slices=["g"])
    with pytest.raises(InputError, match=r"; name another folder\.$"):
        judged.report(tmp_path)
    with by_command(), pytest.raises(InputError, match=r"; name another folder with --out\.$"):
        judged.report(tmp_path)
