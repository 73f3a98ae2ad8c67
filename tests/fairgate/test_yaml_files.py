"""YAML read strictly: what plain words mean, what is refused, and that nothing hangs."""

import math
import re
from pathlib import Path

import pytest
import yaml

from fairgate import yaml_files
from fairgate.errors import InputError
from fairgate.yaml_files import MAX_BYTES, MAX_VALUES, Document, Keys, load, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("1.25", 1.25),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e-2", 0.01),
        ("1E+3", 1000.0),
        ("-.inf", -math.inf),
        (".Inf", math.inf),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("0100", "0100"),
        ("00.5", "00.5"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("inf", "inf"),
        ("nan", "nan"),
        ("2026-12-31", "2026-12-31"),
        ("2026-13-45", "2026-13-45"),
        ("=", "="),
        ("'12'", "12"),
        ('"true"', "true"),
        ("'<<'", "<<"),
        ("!!str 12", "12"),
        ("!!str", ""),
        ("|\n 12", "12"),
        ("1" * 500, "1" * 500),
        ("[1, a, [], {}]", [1, "a", [], {}]),
        ("!!seq [1]", [1]),
        ("!!map {a: 1}", {"a": 1}),
        ("{no: 1, 2: 3, null: 4}", {"no": 1, "2": 3, "null": 4}),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
    ],
)
def test_words_mean_what_yaml_1_2_says_they_do(text: str, expected: object) -> None:
    """And so that no word is read as another kind of value than it looks like."""
    value = parse(text, "x").value
    assert (value, type(value)) == (expected, type(expected))


def test_nan_is_read() -> None:
    assert math.isnan(float(str(parse(".nan", "x").value)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml, line 3: the key 'a' is given a second time, after line 1; remove one."),
        ("a:\n  b: 1\n  'b': 1", "x.yaml, line 3: the key 'b' is given a second time, after line 2; remove one."),
        ("a: &x {b: 1}\nc:\n  <<: *x", "x.yaml, line 3: the merge key << is not read; write the keys out."),
        ("a: 1\nb: !!binary aGk=", "x.yaml, line 2: the tag tag:yaml.org,2002:binary is not read; write the value alone."),
        ("a: !!int '5'", "x.yaml, line 1: the tag tag:yaml.org,2002:int is not read; write the value alone."),
        ("a: !mine 5", "x.yaml, line 1: the tag !mine is not read; write the value alone."),
        ("[a]: 1", "x.yaml, line 1: a key is a list or a mapping; write a word."),
        ("a: 1\n---\nb: 2", "x.yaml, line 2 is not valid YAML: expected a single document"),
        ("a: 1\n b: 2", "x.yaml, line 2 is not valid YAML: mapping values are not allowed here."),
        ("a: *b", "x.yaml, line 1 is not valid YAML: found undefined alias 'b'."),
        ("a: \x00", "x.yaml is not valid YAML: "),
        ('a: "\\UFFFFFFFF"', "x.yaml is not valid YAML: "),
        ("[" * 5000, "x.yaml is not valid YAML: "),
        ("[" * 60 + "]" * 60, "x.yaml, line 1: more than 50 levels, with its aliases (*name) expanded; write less."),
        ("a: &a [*a]", "x.yaml, line 1: more than 50 levels, with its aliases (*name) expanded; write less."),
    ],
)
def test_what_is_not_read_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse(text, "x.yaml")
    assert message in str(error.value)


MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join(f'*a{level - 1}' for _ in range(9))}]}}\n" for level in range(1, 26)
)
ALIAS_BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join(f'*a{level - 1}' for _ in range(9))}]\n" for level in range(1, 26)
)


@pytest.mark.parametrize(("bomb", "message"), [(MERGE_BOMB, "merge key <<"), (ALIAS_BOMB, "more than 100,000 values")])
def test_bombs_are_refused_unexpanded(tmp_path: Path, bomb: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """26 lines that PyYAML expands for minutes; no more nodes are looked at than a document may have."""
    seen, read = [], yaml_files._Reader.value

    def noted(reader: yaml_files._Reader, node: yaml.Node, keys: Keys) -> object:
        seen.append(keys)
        return read(reader, node, keys)

    monkeypatch.setattr(yaml_files._Reader, "value", noted)
    path = tmp_path / "bomb.yaml"
    path.write_text(bomb)
    with pytest.raises(InputError, match=message):
        load(path)
    assert len(seen) <= MAX_VALUES + 1


@pytest.mark.parametrize("number", [99_998, 99_999])
def test_number_of_values_is_limited(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list and its items count."""
    monkeypatch.setattr(yaml_files, "MAX_VALUES", 99_999)
    text = f"{{a: &x [{','.join(['1'] * 999)}], b: [{','.join(['*x'] * ((number - 1002) // 1000))}]}}"
    assert isinstance(parse(text, "x").value, dict)


def test_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 5))
    assert load(path).mapping == {"a": 1}
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 4))
    with pytest.raises(InputError, match=r"large\.yaml is larger than 524,288 bytes; no policy is\. Name another file\."):
        load(path, "policy")


@pytest.mark.parametrize(("content", "kind"), [("", "nothing"), ("- 1", "a list"), ("5", "a single value")])
def test_top_must_hold_keys_and_values(content: str, kind: str) -> None:
    with pytest.raises(InputError, match=f"x must hold keys and values at its top, such as `seed: 1`, not {kind}"):
        _ = parse(content, "x").mapping


def test_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert load(path).value == {"a": 1}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "no such file; name the file of the policy"), (b"a: \xff", "not UTF-8 text (byte 4); save the policy as UTF-8")],
)
def test_unreadable_file_is_named(tmp_path: Path, content: bytes | None, problem: str) -> None:
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"{path}: {problem}")):
        load(path, "policy")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder, not a file; name the file of the policy"):
        load(tmp_path, "policy")


def test_a_file_that_the_system_refuses(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.symlink_to(path.name)
    with pytest.raises(InputError, match="the policy cannot be read \\(Too many levels"):
        load(path, "policy")


def test_lines_of_keys_and_items_are_kept() -> None:
    document = parse("a:\n  - b: 1\n    c:\n\n      2\n  - 3\n", "x")
    assert dict(document.lines) == {("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 0, "c"): 3, ("a", 1): 6}
    assert document.place(("a", 0, "c")) == "x, line 3"
    assert document.place(("a", 0, "d", "e")) == "x, line 2"
    assert document.place(("b",)) == "x"


def test_values_of_the_command_line_have_no_lines() -> None:
    document = Document.without_lines("--set a=1", {"a": [{"b": 1}]})
    assert document.known(("a", 0, "b", "c")) == ("a", 0, "b")
    assert document.place(("a", 0)) == "--set a=1"
