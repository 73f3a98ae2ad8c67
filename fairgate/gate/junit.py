"""Write a verdict as JUnit XML, which GitLab, Jenkins, GitHub and Azure show: a test case per rule and slice.

In: a verdict. Out: XML as these read it (https://github.com/testmoapp/junitxml): `testsuites` with one `testsuite`, whose test
cases have the id of the rule as `classname` and slice, metric and threshold as `name`:

    passed                                         a test case that passed
    failed                                         `failure` with the reason
    unproven; a rule with too few examples         `skipped` or `failure`, as asked for
    waived, not applicable, one slice of several   `skipped` with the reason
    with too few examples

The test case "verdict" is the outcome itself, so that a file never looks better than the exit code. A policy without a
pass mark has no other test cases than its checks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from fairgate.errors import InputError, os_reason
from fairgate.files import destination, replace_text
from fairgate.gate.outcome import CHECK, RuleLine
from fairgate.gate.verdict import Verdict
from fairgate.measurement import exact

Inconclusive = Literal["failure", "skipped"]
Result = Literal["passed", "failure", "skipped", "error"]

SUITE = "fairgate"
OUTCOME = "verdict"  # class name of the test case that is the outcome
_NOT_XML = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """A test case.

    Attributes:
        classname: id of the rule, "check" or "verdict".
        name: slice, metric and threshold, or the name of the check.
        result: of the test.
        message: the reason.
        kind: of a failure or an error: "refused", "inconclusive", "InputError".
    """

    classname: str
    name: str
    result: Result
    message: str
    kind: str = ""


@dataclass(frozen=True)
class JUnitFile:
    """Where a run's test cases are written, whatever its outcome.

    Attributes:
        path: of the file.
        inconclusive: what a test case is that is neither passed nor failed.
    """

    path: Path
    inconclusive: Inconclusive = "failure"

    def prepare(self) -> None:
        """Remove the file of an earlier run, which a run that is killed would leave behind.

        Raises:
            InputError: no file can be written there, or the one that is there is no report of test cases.
        """
        try:
            path = destination(self.path)
            if path.is_file() and not _is_report(path):
                raise InputError(f"--junit {self.path}: the file is no JUnit report, and would be lost; name another one.")
            replace_text(path, "")
            path.unlink()
        except OSError as error:
            problem = f"--junit {self.path}: the file cannot be written ({os_reason(error)})"
            raise InputError(f"{problem}; name one in a folder that exists.") from error

    def write(self, verdict: Verdict) -> None:
        """Write the test cases of a verdict."""
        replace_text(destination(self.path), render(verdict, self.inconclusive))

    def write_error(self, task: str, error: Exception) -> None:
        """Write one test case with an error, for a run without a verdict."""
        case = Case(OUTCOME, "outcome", "error", str(error), type(error).__name__)
        replace_text(destination(self.path), _document(task, [case]))


def _is_report(path: Path) -> bool:
    """Return whether a file is empty, or begins as JUnit XML does."""
    with path.open("rb") as file:
        start = file.read(400)
    return not start or b"<testsuite" in start


def render(verdict: Verdict, inconclusive: Inconclusive = "failure") -> str:
    """Return the verdict as JUnit XML.

    Args:
        verdict: to render.
        inconclusive: what a test case is that is neither passed nor failed.
    """
    return _document(verdict.task, cases(verdict, inconclusive), _properties(verdict), verdict.provenance.finished)


def cases(verdict: Verdict, inconclusive: Inconclusive) -> list[Case]:
    """Return the test cases: the outcome, then every line of the verdict, each with a name of its own."""
    outcomes: dict[str, Result] = {"blessed": "passed", "reported": "passed", "refused": "failure"}
    outcome = outcomes.get(verdict.outcome, inconclusive)
    lines = [line for line in verdict.rules if verdict.outcome != "reported" or line.kind == CHECK]
    by_rule: dict[str, set[str]] = {}
    for line in lines:
        by_rule.setdefault(line.id, set()).add(line.outcome)
    without_data = {rule for rule, results in by_rule.items() if results == {"not enough data"}}
    found = [Case(OUTCOME, "outcome", outcome, verdict.summary, verdict.outcome)]
    times: Counter[tuple[str, str]] = Counter()
    for line in lines:
        result = _result(line, line.id in without_data, inconclusive)
        if verdict.outcome == "reported" and result == "failure":
            result = "skipped"
        classname, name = (CHECK, line.id) if line.kind == CHECK else (line.id, "")
        name = " / ".join(part for part in (name, *_place(line)) if part)
        times[classname, name] += 1
        number = f" ({times[classname, name]})" if times[classname, name] > 1 else ""
        kind = "refused" if line.outcome == "failed" else "inconclusive"
        found.append(Case(classname, name + number, result, line.reason, kind))
    return found


def _result(line: RuleLine, without_data: bool, inconclusive: Inconclusive) -> Result:
    if line.outcome == "passed":
        return "passed"
    if line.outcome == "failed":
        return "failure"
    is_open = line.outcome == "unproven" or (line.outcome == "not enough data" and without_data)
    return inconclusive if is_open else "skipped"


def _place(line: RuleLine) -> Iterable[str]:
    """Return slice, metric and threshold, as far as the line has them."""
    return (line.slice, line.metric, "" if line.threshold is None else exact(line.threshold))


def _properties(verdict: Verdict) -> dict[str, str]:
    return {
        "outcome": verdict.outcome,
        "data": verdict.data.source,
        "config_digest": verdict.provenance.config_digest,
        "source_digest": verdict.provenance.source_digest,
    }


def _document(task: str, found: list[Case], properties: Mapping[str, str] | None = None, finished: str = "") -> str:
    """Return the XML of the test cases."""
    results = Counter(case.result for case in found)
    counts = {"tests": str(len(found)), "failures": str(results["failure"]), "errors": str(results["error"])}
    counts |= {"skipped": str(results["skipped"]), "time": "0"}
    root = ElementTree.Element("testsuites", {"name": SUITE, **counts})
    when = {"timestamp": finished[:19]} if finished else {}  # the schema knows no time zone; it is UTC
    suite = ElementTree.SubElement(root, "testsuite", {"name": _text(task), **counts, **when})
    if properties:
        listed = ElementTree.SubElement(suite, "properties")
        for name, value in properties.items():
            ElementTree.SubElement(listed, "property", {"name": name, "value": _text(value)})
    for case in found:
        attributes = {"classname": _text(case.classname), "name": _text(case.name), "time": "0"}
        element = ElementTree.SubElement(suite, "testcase", attributes)
        if case.result == "skipped":
            ElementTree.SubElement(element, "skipped", {"message": _text(case.message)})
        elif case.result != "passed":
            told = ElementTree.SubElement(element, case.result, {"message": _text(case.message), "type": _text(case.kind)})
            told.text = _text(case.message)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _text(text: str) -> str:
    """Return text that XML 1.0 can hold: characters that it forbids as Python escapes them."""
    return _NOT_XML.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)
