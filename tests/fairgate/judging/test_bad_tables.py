"""At least 40 bad tables and arguments of `fairgate evaluate`: exit code 3 and one message that says what to type.

The command's function is called in this process, and nothing that is wrong here is drawn, so that each takes milliseconds.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairgate.cli import main as cli

ROWS = 40
GOOD: dict[str, list[object]] = {
    "y": [0, 1] * 20,
    "p": [0.2, 0.8] * 20,
    "d": ["no", "yes"] * 20,
    "g": ["a", "a", "b", "b"] * 10,
    "w": [1.0] * ROWS,
}
BASE = ("--label", "y", "--score", "candidate=p")
CHOSEN = ("--decision", "candidate=d", "--slices", "g")


def _csv(**changed: list[object]) -> str:
    """The good table as CSV, with other columns."""
    columns = {**GOOD, **changed}
    rows = zip(*columns.values(), strict=True)
    return "\n".join([",".join(columns), *(",".join("" if cell is None else str(cell) for cell in row) for row in rows), ""])


def _replaced(name: str, *cells: object) -> dict[str, list[object]]:
    """A column whose first cells are others."""
    return {name: [*cells, *GOOD[name][len(cells) :]]}


def _parquet(**changed: object) -> Callable[[Path], None]:
    return lambda path: pq.write_table(pa.table({**GOOD, **changed}), path)


def _policy(**rule: object) -> str:
    return json.dumps({"rules": [{"id": "a", "kind": "quality", **rule}]})


# name -> file, arguments, what the message holds. A file is its text, or a function that writes it.
TABLES: dict[str, tuple[str | bytes | Callable[[Path], None], tuple[str, ...], str]] = {
    "an empty file": ("", BASE, "is empty; name a file of predictions"),
    "a header alone": ("y,p,d,g,w\n", BASE, "has no rows"),
    "Parquet without rows": (
        lambda path: pq.write_table(pa.table(GOOD).slice(0, 0), path),
        BASE,
        "has no rows",
    ),
    "no label column": (_csv(), ("--label", "yy", "--score", "candidate=p"), "there is no column 'yy'"),
    "no score column": (_csv(), ("--label", "y", "--score", "candidate=pp"), "there is no column 'pp'"),
    "no slice column": (_csv(), (*BASE, "--slices", "gg"), "there is no column 'gg'; did you mean 'g'"),
    "no weight column": (_csv(), (*BASE, "--weight", "ww"), "there is no column 'ww'"),
    "no cluster column": (_csv(), (*BASE, "--cluster", "user"), "there is no column 'user'"),
    "two columns of a name": ("y,p,p\n1,0.5,0.5\n", BASE, "Two columns are called 'p'"),
    "a label of three values": (_csv(**_replaced("y", "a", "b", "c")), (*BASE, "--positive", "a"), "has more than two labels"),
    "a label of two words": (_csv(y=["good", "bad"] * 20), BASE, r"Type --positive good"),
    "a label of 2": (_csv(**_replaced("y", 2)), BASE, "Row 1 has the label '2' in the column y"),
    "an infinite label": (_parquet(y=[float("inf"), 1.0] * 20), BASE, "label inf .* Type --positive 1"),
    "a label of infinities alone": (_parquet(y=[float("inf")] * ROWS), BASE, "must stand there. Correct it"),
    "an empty label": (_csv(**_replaced("y", None)), BASE, "1 row without a label in the column y, first row 1"),
    "a label of lists": (_parquet(y=[[1]] * ROWS), BASE, r"The column y holds list<.*>; a label is text, a number"),
    "a positive value that nobody has": (_csv(), (*BASE, "--positive", "maybe"), "No row has the label 'maybe'"),
    "a regression in CSV": (_csv(y=[each * 1.5 for each in range(ROWS)]), BASE, "this looks like a regression"),
    "a regression in Parquet": (_parquet(y=np.arange(ROWS) * 1000), BASE, "this looks like a regression"),
    "a score of words": (_csv(**_replaced("p", "high")), BASE, "row 1 holds 'high' in the column p, which is no number"),
    "a score with a decimal comma": (_csv().replace(",0.2,", ',"0,2",'), BASE, "write a point for the decimals"),
    "a score of dates": (_parquet(p=pa.array([1] * ROWS, pa.date32())), BASE, "holds date32.*, not numbers"),
    "an empty weight": (_csv(**_replaced("w", None)), (*BASE, "--weight", "w"), "1 row without a weight in the column w"),
    "a negative weight": (_csv(**_replaced("w", -1)), (*BASE, "--weight", "w"), "weight"),
    "an infinite weight": (_parquet(w=[float("inf")] * ROWS), (*BASE, "--weight", "w"), "weight"),
    "a slice of fractions": (_csv(), (*BASE, "--slices", "p"), "of which each would be a group"),
    "a slice of bytes": (_parquet(g=[b"a"] * ROWS), (*BASE, "--slices", "g"), "holds binary"),
    "a slice called label": (_csv(label=GOOD["g"]), (*BASE, "--slices", "label"), "A slice cannot be called 'label'"),
    "a group of words": (_csv(), (*BASE, "--group", "h=g"), "A column of --group says who belongs"),
    "a cluster of lists": (_parquet(u=[[1]] * ROWS), (*BASE, "--cluster", "u"), "a cluster is named by text or a number"),
    "a row of other width": (_csv() + "1,0.5\n", BASE, "row 41 below the header has 2 cells, the header 5"),
    "a stray quote": (_csv().replace("0,0.2", '0,"0.2', 1), BASE, "row 1"),
    "two stray quotes": (
        _csv().replace(",a,", ',"a,', 1).replace("yes,b,1.0\n", 'yes,b",1.0\n', 1),
        (*BASE, "--slices", "g"),
        "row 1 holds 3 line breaks and separators in the column g .* so a stray quote joins rows; remove the quote",
    ),
    "two kinds of value in JSON": (
        '{"y": 1, "p": 0.5}\n{"y": "no", "p": 0.5}\n',
        BASE,
        "the key y is 'no' in line 2, and 1 in line 1",
    ),
    "two kinds of value in JSON, after nothing": (
        '{"y": null, "p": 0.5}\n\n{"y": true, "p": 1}\n{"y": 1, "p": 0.5}\n',
        BASE,
        "the key y is 1 in line 4, and True in line 3; give every key values of one kind",
    ),
    "lists of two kinds in JSON": (
        '{"y": 1, "p": 0.5, "g": ["a"]}\n{"y": 1, "p": 1, "g": []}\n{"y": 1, "p": 1, "g": [1]}\n',
        BASE,
        r"the key g is \[1\] in line 3, and \['a'\] in line 1;",
    ),
    "objects of two kinds in JSON": (
        '{"y": 1, "p": {"a": 1}}\n{"y": 1, "p": {"a": "b"}}\n',
        BASE,
        "the objects of lines 1 to 2 make no table; give every key values of one kind",
    ),
    "a JSON array": ('[{"y": 1, "p": 0.5}]', BASE, "is one JSON array; write one object per line"),
    "a cut line of JSON": ('{"y": 1, "p": 0.5}\n{"y": 1, "p"\n', BASE, "line 2 is not one JSON object"),
    "a cut Parquet file": (b"PAR1" + b"x" * 50, BASE, "it is not a Parquet file that can be r"),
    "a workbook": (b"PK\x03\x04" + b"x" * 50, BASE, "a ZIP file, such as a workbook of Excel; give Parquet"),
    "binary rubbish": (bytes(range(256)), BASE, "neither Parquet, Arrow, CSV nor JSON lines"),
    "probabilities that sum to 2": (
        "y,p_a,p_b,p_c\na,1,0.5,0.5\n",
        ("--label", "y", "--score", "candidate=p_*"),
        "of row 1 sum to 2, not to 1",
    ),
    "probabilities of two classes": (
        "y,p_a,p_b\na,0.5,0.5\n",
        ("--label", "y", "--score", "candidate=p_*"),
        "names 2 columns .* name the score of the positive one alone",
    ),
    "a class that no column has": (
        "y,p_a,p_b,p_c\nd,1,0,0\n",
        ("--label", "y", "--score", "candidate=p_*"),
        "Row 1 has the label 'd' in the column y; the classes are 'a', 'b', 'c'",
    ),
    "classes without labels": ("p_a,p_b,p_c\n1,0,0\n", ("--score", "candidate=p_*"), "type --label COLUMN"),
    "a decision of scores": (_csv(), ("--decision", "candidate=p", "--slices", "g"), "that is a score, so type --score MODEL=p"),
    "a decision of a word": (_csv(**_replaced("d", "maybe")), CHOSEN, "Row 1 has the decision 'maybe'"),
    "a decision of three words": (
        _csv(**_replaced("d", "later", "never")),
        (*CHOSEN, "--positive", "yes"),
        "holds 'later', 'never', 'no' beside 'yes', so it has more than two decisions",
    ),
    "a decision of three words beside the positive one": (
        _csv(**_replaced("d", "later", "never", "hired")),
        (*CHOSEN, "--positive", "hired"),
        "holds 'later', 'never', 'yes', 'no' beside 'hired', so it has more than two decisions",
    ),
    "a positive one of three classes": (
        _csv(y=["a", "b", "c", "a"] * 10, d=["a", "a", "b", "c"] * 10),
        ("--label", "y", "--decision", "candidate=d", "--positive", "a"),
        "--positive a names one of two classes, and the column y holds 'a', 'b', 'c', as decisions do; leave --positive out",
    ),
    "decisions beside scores": (
        _csv(),
        ("--label", "y", "--score", "candidate=p", "--decision", "baseline=d"),
        "name --score for all models, or --decision for all",
    ),
    "two columns of decisions": (_csv(), ("--decision", "candidate=d,y"), "names 2 columns; a model has one decision"),
    "a decision without a model": (_csv(), ("--decision", "d"), "--decision d: write NAME=COLUMN"),
    "no groups and no labels": (_csv(), ("--decision", "candidate=d"), "type --slices COLUMN"),
    "a condition that is none": (_csv(), (*BASE, "--where", "y ="), r"--where is no expression: y = "),
    "an empty condition": (_csv(), (*BASE, "--where", " "), "--where is empty; write an expression"),
    "a condition that nothing fulfils": (_csv(), (*BASE, "--where", "g == 'z'"), "takes none of the 40 rows"),
    "a condition on another column": (_csv(), (*BASE, "--where", "gg == 'z'"), "there is no column 'gg'; did you mean 'g'"),
    "a condition of text and number": (_csv(), (*BASE, "--where", "g > 3"), "compares what cannot be compared"),
    "a condition with text without quotes": (
        _csv(),
        (*BASE, "--where", "g == a or not y == 1"),
        "there is no column 'a'; known: y, p, d, g, w. Text stands in quotes: --where \"g == 'a' or not y == 1\"",
    ),
    "a condition that runs code": (_csv(), (*BASE, "--where", "exit()"), "calls a function"),
    "a score without a model": (
        _csv(),
        ("--label", "y", "--score", "p"),
        "--score p: write NAME=COLUMN, such as --score candidate=p",
    ),
    "a score without a column": (_csv(), ("--label", "y", "--score", "candidate="), "write NAME=COLUMN"),
    "a model twice": (_csv(), (*BASE, "--score", "candidate=w"), "--score names 'candidate' twice"),
    "no score": (_csv(), ("--label", "y"), "Neither a score nor a decision of the candidate is named; type --score"),
    "a group without columns": (
        _csv(),
        (*BASE, "--group", "g"),
        "--group g: write NAME=COLUMN, such as --group gender=female,male",
    ),
    "slices that name none": (_csv(), (*BASE, "--slices", ","), "--slices ',' names no column"),
    "a threshold of 2": (_csv(), (*BASE, "--thresholds", "2"), "The threshold 2 is not between 0 and 1"),
    "a threshold of scores from 0 to 100": (
        _csv(),
        (*BASE, "--thresholds", "60"),
        "where the scores go from 0 to 100, divide them by 100, and type --thresholds 0.6",
    ),
    "a threshold of NaN": (_csv(), (*BASE, "--thresholds", "nan"), "The threshold nan is not between 0 and 1"),
    "a threshold of words": (_csv(), (*BASE, "--thresholds", "half"), "write numbers between 0 and 1"),
    "an unknown favourable decision": (_csv(), (*BASE, "--favourable", "neither"), "neither"),
    "a folder": (lambda path: path.mkdir(), BASE, "is a folder; name the files in it"),
}
# name -> text of the policy, what the message holds
POLICIES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "no policy in it": ("- a\n- b\n", BASE, "policy.yaml"),
    "without rules": ('{"rules": []}', BASE, "it has no rules"),
    "for classes": (_policy(metric="accuracy", min=0.5), BASE, "'accuracy' is not evaluated"),
    "of a metric that is none": (_policy(metric="acuracy", min=0.5), BASE, "'acuracy' is not evaluated"),
    "for another slice": (_policy(metric="auc", min=0.5, slices=["h:*"]), BASE, "'h' is no slice feature"),
    "with a limit of NaN": (_policy(metric="auc").replace("}]", ', "min": .nan}]'), BASE, "NaN is no limit"),
    "with a threshold of NaN": (
        _policy(metric="false_positive_rate", max=0.5).replace("}]", ', "thresholds": [.nan]}]'),
        BASE,
        "The threshold nan is not between 0 and 1",
    ),
    "on errors without labels": (
        _policy(metric="false_positive_rate", thresholds=[0.5], max=0.3),
        CHOSEN,
        "false_positive_rate needs labels, and none are named; type --label COLUMN",
    ),
    "on ranks of decisions": (
        _policy(metric="auc", min=0.5),
        ("--label", "y", *CHOSEN),
        "auc needs scores, and there are decisions alone; type --score",
    ),
    "on scoring rates of decisions": (
        _policy(metric="scoring_rate", min=0.5),
        CHOSEN,
        "scoring_rate needs scores, and there are decisions alone",
    ),
}


def _message(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = cli.main(["evaluate", str(folder / "t.csv"), "--out", str(folder / "out"), *arguments])
    told = capsys.readouterr().err
    assert code == 3
    assert told.count("Error:") == 1
    assert not (folder / "out").exists()
    return " ".join(told.split())


@pytest.mark.parametrize("case", TABLES)
def test_a_bad_table_has_one_message(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3, and nothing is written."""
    content, arguments, message = TABLES[case]
    path = tmp_path / "t.csv"
    if callable(content):
        content(path)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert re.search(message, _message(tmp_path, capsys, *arguments))


@pytest.mark.parametrize("case", POLICIES)
def test_a_bad_policy_has_one_message(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3, and nothing is written."""
    text, arguments, message = POLICIES[case]
    (tmp_path / "t.csv").write_text(_csv())
    (tmp_path / "policy.yaml").write_text(text)
    assert re.search(message, _message(tmp_path, capsys, *arguments, "--policy", str(tmp_path / "policy.yaml")))


def test_there_are_more_than_forty() -> None:
    """As promised."""
    assert len(TABLES) + len(POLICIES) > 40
