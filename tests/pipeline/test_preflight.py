"""Trivial mistakes end a command before TensorFlow, TFX and Beam are imported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline import config as configuration
from pipeline import preflight

HEAVY = ("tensorflow", "tfx", "apache_beam", "keras", "pandas")
ROWS = "comment_text,target\nyou,0\nme,1\n"
# Name of the case -> arguments of the command, and what the message must say.
MISTAKES = {
    "missing file": (["run", "civil-comments", "--train", "absent.csv"], "absent.csv: no such file; give an existing file"),
    "missing files": (["run", "civil-comments", "--train", "absent/*.csv"], "absent/*.csv: no such file"),
    "wrong header": (
        ["run", "civil-comments", "--train", "wrong.csv"],
        "wrong.csv: no column comment_text and none called toxicity or target; columns found: 'a', 'b'",
    ),
    "wrong header of eval": (
        ["run", "civil-comments", "--train", "good.csv", "--eval", "wrong.csv"],
        "wrong.csv: no column comment_text",
    ),
    "the same file twice": (
        ["run", "civil-comments", "--train", "good.csv", "--eval", "copy.csv"],
        "copy.csv: the same content as good.csv",
    ),
    "an empty file": (["run", "civil-comments", "--train", "empty.csv"], "empty.csv: the file is empty"),
    "a folder": (["run", "civil-comments", "--train", "folder"], "folder: a folder, not a file"),
    "unknown embedding": (
        ["run", "civil-comments", "--sample", "--set", "training.embedding=nnlm"],
        "text embedding 'nnlm' cannot be loaded (there is no such folder); give the folder of a SavedModel",
    ),
    "folder without a model": (
        ["run", "civil-comments", "--sample", "--set", "training.embedding=folder"],
        "text embedding 'folder' cannot be loaded (the folder has no saved_model.pb)",
    ),
    "missing vectors": (
        ["run", "civil-comments", "--sample", "--set", "training.embedding=glove.txt"],
        "training.embedding: no such file: glove.txt",
    ),
    "missing folder of images": (["run", "fashion-mnist", "--data-dir", "absent"], "ubyte.gz: is not there, nor is the folder"),
    "folder without images": (["run", "fashion-mnist", "--data-dir", "folder"], "ubyte.gz: is not there; put the four"),
    "unknown policy": (["run", "digits", "--policy", "strickt"], "did you mean --policy strict?"),
    "root is a file": (["run", "digits", "--root", "good.csv"], "name another folder with --root"),
    "conversion of a wrong header": (
        ["data", "convert", "civil-comments", "--train", "wrong.csv", "--to", "new"],
        "no column comment_text",
    ),
    "conversion into a file": (
        ["data", "convert", "civil-comments", "--train", "good.csv", "--to", "copy.csv"],
        "copy.csv: a file; name a folder",
    ),
    "bias of an unknown embedding": (["data", "embedding-bias", "nnlm"], "text embedding 'nnlm' cannot be loaded"),
    "embedding of missing vectors": (["data", "embedding", "--vectors", "v.txt", "--to", "new"], "v.txt: no such file"),
    "embedding of a wrong header": (["data", "embedding", "--texts", "wrong.csv", "--to", "new"], "no column comment_text"),
    "prediction without a model": (["predict", "digits", "--root", "folder", "good.png"], "No model is published in folder"),
    "file in the root": (["run", "digits", "--root", "root"], "root/reports: not a folder"),
}
SCRIPT = """
import contextlib, io, json, sys
from fairgate.cli.main import main
answers = {}
for name, arguments in json.loads(sys.argv[1]).items():
    with contextlib.redirect_stderr(io.StringIO()) as errors:
        code = main(arguments)
    answers[name] = [code, errors.getvalue(), [heavy for heavy in json.loads(sys.argv[2]) if heavy in sys.modules]]
sys.stderr.write(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Exit code, message and imported heavy modules after each mistake, all made in one process."""
    folder = tmp_path_factory.mktemp("work")
    for name, content in {"good.csv": ROWS, "copy.csv": ROWS, "wrong.csv": "a,b\n1,2\n", "empty.csv": ""}.items():
        (folder / name).write_text(content)
    (folder / "folder").mkdir()
    (folder / "root").mkdir()
    (folder / "root" / "reports").touch()
    arguments = json.dumps({name: arguments for name, (arguments, _) in MISTAKES.items()})
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, arguments, json.dumps(HEAVY)], cwd=folder, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(process.stderr)
    return found


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_reported_before_anything_heavy_is_imported(answers: dict[str, Any], name: str) -> None:
    """With exit code 3 and the remedy."""
    code, message, imported = answers[name]
    assert (code, imported) == (3, [])
    assert MISTAKES[name][1] in message


def test_task_without_a_check_only_has_its_root_checked(tmp_path: Path) -> None:
    """Such as the digits, whose examples are part of a package."""
    preflight.check(configuration.load("digits"), tmp_path / "root")
    assert (tmp_path / "root" / ".lock").exists()
