"""A verdict as JUnit XML: what CI systems read from it."""

import itertools
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fairgate.errors import InputError
from fairgate.gate.junit import JUnitFile, render
from fairgate.gate.outcome import Outcome, RuleLine, RuleResult
from fairgate.gate.verdict import DataInfo, Provenance, Verdict


def line(outcome: RuleResult = "passed", name: str = "gap", slice_name: str = "gender:male", kind: str = "gap") -> RuleLine:
    metric, threshold = ("", None) if kind == "check" else ("false_positive_rate", 0.5)
    measure = "" if kind == "check" else "ratio"
    return RuleLine(
        id=name,
        kind=kind,
        slice=slice_name,
        metric=metric,
        threshold=threshold,
        measure=measure,
        outcome=outcome,
        reason=f"It {outcome}.",
    )


def verdict(outcome: Outcome, *rules: RuleLine, task: str = "civil-comments") -> Verdict:
    return Verdict(
        task=task,
        outcome=outcome,
        summary=f"{outcome}: so it is.",
        models={},
        overall={},
        rules=rules,
        slices=(),
        omitted={},
        invalid_scores={},
        confidence=0.95,
        data=DataInfo(source="test"),
        provenance=Provenance(finished="2026-11-27T10:11:12+00:00"),
    )


def results(xml: str) -> dict[str, str]:
    """Return "classname: name" of each test case -> its result."""
    cases = ElementTree.fromstring(xml.encode()).iter("testcase")  # noqa: S314  # our own XML
    return {f"{case.get('classname')}: {case.get('name')}": next((child.tag for child in case), "passed") for case in cases}


def test_each_line_is_a_test_case() -> None:
    found = verdict(
        "refused", line(), line("failed", slice_name="gender:female"), line(name="sealed", slice_name="", kind="check")
    )
    assert results(render(found)) == {
        "verdict: outcome": "failure",
        "gap: gender:male / false_positive_rate / 0.5": "passed",
        "gap: gender:female / false_positive_rate / 0.5": "failure",
        "check: sealed": "passed",
    }


def test_text_of_a_refusal() -> None:
    assert render(verdict("refused", line("failed"))) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="fairgate" tests="2" failures="2" errors="0" skipped="0" time="0">\n'
        '  <testsuite name="civil-comments" tests="2" failures="2" errors="0" skipped="0" time="0" '
        'timestamp="2026-11-27T10:11:12">\n'
        "    <properties>\n"
        '      <property name="outcome" value="refused" />\n'
        '      <property name="data" value="test" />\n'
        '      <property name="config_digest" value="" />\n'
        '      <property name="source_digest" value="" />\n'
        "    </properties>\n"
        '    <testcase classname="verdict" name="outcome" time="0">\n'
        '      <failure message="refused: so it is." type="refused">refused: so it is.</failure>\n'
        "    </testcase>\n"
        '    <testcase classname="gap" name="gender:male / false_positive_rate / 0.5" time="0">\n'
        '      <failure message="It failed." type="refused">It failed.</failure>\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


@pytest.mark.parametrize("inconclusive", ["failure", "skipped"])
def test_what_is_open_is_skipped_or_a_failure_as_asked(inconclusive: str) -> None:
    """A slice with too few examples is skipped, unless it is all that its rule has."""
    lines = (
        line("unproven", "a"),
        line("not enough data", "b"),
        line("not enough data", "c", "gender:male"),
        line("passed", "c", "gender:female"),
        line("waived", "d"),
        line("not applicable", "e"),
    )
    found = results(render(verdict("inconclusive", *lines), inconclusive))  # type: ignore[arg-type]  # of the parameters
    assert list(found.values()) == [inconclusive, inconclusive, inconclusive, "skipped", "passed", "skipped", "skipped"]


def test_verdict_without_any_line_is_not_green() -> None:
    assert results(render(verdict("inconclusive"))) == {"verdict: outcome": "failure"}
    assert results(render(verdict("inconclusive"), "skipped")) == {"verdict: outcome": "skipped"}


def test_blessing_passes() -> None:
    assert set(results(render(verdict("blessed", line()))).values()) == {"passed"}


CHECKS: list[tuple[RuleResult, str]] = [("passed", "serving"), ("unproven", "copies")]


def test_policy_without_a_pass_mark_has_its_checks_alone() -> None:
    """What its rules measured is no test case: nothing could fail."""
    checks = [line(result, name).model_copy(update={"kind": "check"}) for result, name in CHECKS]
    assert results(render(verdict("reported", line("not applicable"), *checks))) == {
        "verdict: outcome": "passed",
        "check: copies / gender:male / false_positive_rate / 0.5": "skipped",
        "check: serving / gender:male / false_positive_rate / 0.5": "passed",
    }


def test_counts_are_those_of_the_test_cases() -> None:
    outcomes: list[RuleResult] = ["passed", "failed", "waived", "not enough data", "unproven", "not applicable"]
    for chosen in itertools.combinations_with_replacement(outcomes, 3):
        rules = [line(outcome, f"rule{number}") for number, outcome in enumerate(chosen)]
        root = ElementTree.fromstring(render(verdict("inconclusive", *rules), "skipped").encode())  # noqa: S314  # our own XML
        for element in (root, root[0]):
            counted = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
            assert {key: element.get(key) for key in counted} == {
                key: str(len(list(root.iter(tag)))) for key, tag in counted.items()
            }


def test_attributes_and_children_are_those_that_the_schema_knows() -> None:
    """As https://github.com/testmoapp/junitxml and the schema of Jenkins (xunit-plugin, junit-10.xsd) list them."""
    attributes = {
        "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
        "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        "properties": set(),
        "property": {"name", "value"},
        "testcase": {"classname", "name", "time"},
        "failure": {"message", "type"},
        "error": {"message", "type"},
        "skipped": {"message"},
    }
    root = ElementTree.fromstring(render(verdict("refused", line("failed"), line("waived", "b"), line())).encode())  # noqa: S314
    assert {element.tag for element in root.iter()} == attributes.keys() - {"error"}
    assert all(set(element.attrib) == attributes[element.tag] for element in root.iter())
    assert [child.tag for child in root[0]] == ["properties"] + ["testcase"] * 4


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("gender:<male>&'\"", "gender:<male>&'\""),
        ("a:\x00\x0b\x1b", "a:\\x00\\x0b\\x1b"),
        ("a:\ud800", "a:\\ud800"),
        ("a:\ufffe\uffff\ufdd0", "a:\\ufffe\\uffff\\ufdd0"),
        ("a:\r\x7f\x9f", "a:\\r\\x7f\\x9f"),
        ("a:tab\tline\n", "a:tab\tline\n"),
        ("gender:male × race:黒人 😀", "gender:male × race:黒人 😀"),
        ("]]> <!-- -->", "]]> <!-- -->"),
    ],
)
def test_any_name_of_a_slice_gives_valid_xml(name: str, shown: str) -> None:
    rule = line("failed", name, name).model_copy(update={"reason": f"{name} failed."})
    root = ElementTree.fromstring(render(verdict("refused", rule, task=name)).encode())  # noqa: S314  # our own XML
    case = root[0][-1]
    assert (case.get("classname"), case.get("name")) == (shown, f"{shown} / false_positive_rate / 0.5")
    assert (root[0].get("name"), case[0].text) == (shown, f"{shown} failed.")


def test_lines_of_one_name_are_numbered() -> None:
    """As of a check that both models fail."""
    check = line("failed", "invalid-scores", "", "check")
    assert list(results(render(verdict("refused", check, check, check)))) == [
        "verdict: outcome",
        "check: invalid-scores",
        "check: invalid-scores (2)",
        "check: invalid-scores (3)",
    ]


def test_file_of_an_earlier_run_is_removed_before_a_run(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    file = JUnitFile(path)
    file.write(verdict("refused"))
    file.prepare()
    assert list(tmp_path.iterdir()) == []
    file.write(verdict("blessed"))
    assert results(path.read_text()) == {"verdict: outcome": "passed"}


@pytest.mark.parametrize("content", ["y,p\n1,0.5\n", "<?xml version='1.0'?><thesis/>"])
def test_a_file_that_is_no_report_is_not_removed(tmp_path: Path, content: str) -> None:
    """It may be the predictions, or the policy."""
    path = tmp_path / "mine"
    path.write_text(content)
    with pytest.raises(InputError, match=r"--junit .*mine: the file is no JUnit report, and would be lost; name another one"):
        JUnitFile(path).prepare()
    assert path.read_text() == content


def test_file_that_cannot_be_written_is_named_before_a_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--junit .*x\.xml: the file cannot be written \(No such file or directory\); name one"):
        JUnitFile(tmp_path / "nowhere" / "x.xml").prepare()


def test_run_without_a_verdict_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    JUnitFile(path).write_error("digits", InputError("The data are <bad>."))
    root = ElementTree.fromstring(path.read_bytes())  # noqa: S314  # our own XML
    assert root.attrib == {"name": "fairgate", "tests": "1", "failures": "0", "errors": "1", "skipped": "0", "time": "0"}
    assert results(path.read_text()) == {"verdict: outcome": "error"}
    (error,) = root.iter("error")
    assert (error.attrib, error.text) == ({"message": "The data are <bad>.", "type": "InputError"}, "The data are <bad>.")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
