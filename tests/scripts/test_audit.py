"""Known advisories and the locked packages: what fails, what is only said, and what docs/audit.md shows."""

import importlib.util
import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LINUX = "platform_machine == 'x86_64' and sys_platform == 'linux'"
EXPORTED = f"""\
pyarrow==10.0.1 ; python_full_version < '3.11' and {LINUX}
pyarrow==18.1.0 ; python_full_version >= '3.11' and python_full_version < '3.14' and {LINUX}
Jinja2==3.1.6 ; python_full_version < '3.14' and {LINUX}
ipython==7.34.0 ; python_full_version < '3.11' and {LINUX}
colorama==1.0 ; sys_platform == 'win32'
"""
WEAKNESS = {
    "id": "PYSEC-2023-238",
    "aliases": ["CVE-2023-47248"],
    "details": "Runs | code.\n<b>",
    "fixed_in": ["14.0.1"],
    "withdrawn": None,
}
INDIRECT = {"id": "PYSEC-2023-17", "aliases": [], "summary": "Of Windows.", "details": "", "fixed_in": ["8.1.0"]}
REASONS = """\
CVE-2023-47248:
  package: pyarrow
  reason: Nothing reads it.
  held_by: "README.md: fairgate"
"""


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    """The script as a module; scripts are no package."""
    spec = importlib.util.spec_from_file_location("audit", PROJECT / "scripts" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # where dataclasses look for the types of their fields
    spec.loader.exec_module(module)
    return module


class Service:
    """PyPI's JSON on this machine."""

    def __init__(self) -> None:
        """Knows of no weakness."""
        self.answers: dict[str, Any] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the base class names it
                found = service.answers.get(self.path.removeprefix("/pypi/").removesuffix("/json"), {"vulnerabilities": []})
                self.send_response(found if isinstance(found, int) else 200)
                self.end_headers()
                self.wfile.write(found if isinstance(found, bytes) else json.dumps(found).encode())

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service() -> Iterator[Service]:
    """A running one."""
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def run(audit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command with this lock and these reasons: its exit code, what it printed, and the page."""
    monkeypatch.setattr(audit, "_exported", lambda: EXPORTED)
    (tmp_path / "reasons.yaml").write_text("{}")

    def call(*arguments: str, reasons: str = "{}") -> tuple[int, str, str]:
        (tmp_path / "reasons.yaml").write_text(reasons)
        page = tmp_path / "audit.md"
        code = audit.main([*arguments, "--reasons", str(tmp_path / "reasons.yaml"), "--page", str(page)])
        return code, capsys.readouterr().out, page.read_text() if page.exists() else ""

    return call


def test_packages_are_those_of_both_stacks(audit: ModuleType) -> None:
    """Each version with the stacks that have it; what no stack installs is left out."""
    found = audit.locked(EXPORTED)
    assert [(package.name, package.version, package.stacks) for package in found] == [
        ("ipython", "7.34.0", ("older",)),
        ("jinja2", "3.1.6", ("older", "modern")),
        ("pyarrow", "10.0.1", ("older",)),
        ("pyarrow", "18.1.0", ("modern",)),
    ]


def test_direct_dependencies_are_those_that_the_project_names(audit: ModuleType) -> None:
    """Of the library and of its groups, without groups that include others."""
    written = {
        "project": {"dependencies": ["PyYAML>=6"]},
        "dependency-groups": {"a": ["b_c==1; python_version < '3'", {"include-group": "d"}]},
    }
    assert audit.direct(written) == {"pyyaml", "b-c"}
    assert {"pyarrow", "tensorflow", "pytest"} <= audit.direct(audit._pyproject())


def test_nothing_known_is_nothing_wrong(service: Service, run: Any) -> None:
    """And the page says how many were compared."""
    code, printed, page = run("--service", service.url)
    assert (code, "4 packages compared; without a reason: 0" in printed) == (0, True)
    assert "4 locked packages were compared, all of the lock." in page
    assert page.count("None.") == 2


def test_an_advisory_on_a_direct_dependency_fails_without_a_reason(service: Service, run: Any) -> None:
    """By package, version and advisory, with what to do."""
    service.answers["pyarrow/10.0.1"] = {"vulnerabilities": [WEAKNESS]}
    code, printed, page = run("--service", service.url, "--check")
    assert (code, page) == (1, "")
    assert "pyarrow 10.0.1: PYSEC-2023-238: Runs code. b; upgrade the package, or write into" in printed


def test_a_reason_is_found_by_any_of_an_advisory_s_names(service: Service, run: Any) -> None:
    """And stands in the page beside what holds it."""
    service.answers["pyarrow/10.0.1"] = {"vulnerabilities": [WEAKNESS]}
    code, _, page = run("--service", service.url, reasons=REASONS)
    assert code == 0
    row = "| PYSEC-2023-238, CVE-2023-47248 | pyarrow 10.0.1 | older | Runs code. b | Nothing reads it. | `README.md: fairgate` |"
    assert row in page.splitlines()


def test_a_reason_counts_for_its_package_alone(service: Service, run: Any) -> None:
    """An id may be about several."""
    service.answers["jinja2/3.1.6"] = {"vulnerabilities": [WEAKNESS]}
    assert run("--service", service.url, "--check", reasons=REASONS)[0] == 1


def test_an_advisory_on_an_indirect_dependency_is_listed_and_fails_nothing(service: Service, run: Any) -> None:
    """Its version is not the project's to choose."""
    service.answers["ipython/7.34.0"] = {"vulnerabilities": [INDIRECT]}
    code, _, page = run("--service", service.url)
    assert code == 0
    assert "| PYSEC-2023-17 | ipython 7.34.0 | older | Of Windows. | not assessed |  |" in page.splitlines()


def test_a_withdrawn_advisory_is_none(service: Service, run: Any) -> None:
    """It was a mistake."""
    service.answers["pyarrow/10.0.1"] = {"vulnerabilities": [{**WEAKNESS, "withdrawn": "2024-01-01T00:00:00Z"}]}
    assert run("--service", service.url, "--check")[0] == 0


@pytest.mark.parametrize("answer", [404, 500, b"<html>", {"other": 1}, {"vulnerabilities": [{"id": 1}]}, {"vulnerabilities": 3}])
def test_a_service_that_answers_nothing_usable_is_not_checked(service: Service, run: Any, answer: Any) -> None:
    """It is said, the page stays as it was, and nothing fails."""
    service.answers = dict.fromkeys(("ipython/7.34.0", "jinja2/3.1.6", "pyarrow/10.0.1", "pyarrow/18.1.0"), answer)
    code, printed, page = run("--service", service.url)
    assert (code, page) == (0, "")
    assert "audit: not checked: 4 of 4 packages (" in printed


def test_a_service_that_is_not_there_is_not_checked(run: Any) -> None:
    """As without a network."""
    code, printed, page = run("--service", "http://127.0.0.1:9")
    assert (code, page) == (0, "")
    assert printed == "audit: not checked: 4 of 4 packages (ConnectError)\n"


def test_what_one_package_lacks_hides_nothing_of_the_others(service: Service, run: Any) -> None:
    """The page names it."""
    service.answers = {"jinja2/3.1.6": 404, "pyarrow/10.0.1": {"vulnerabilities": [WEAKNESS]}}
    code, printed, page = run("--service", service.url)
    assert (code, "not checked: 1 of 4 packages (HTTP 404)" in printed) == (1, True)
    assert "3 locked packages were compared; 1 were not checked: jinja2 3.1.6." in page


def test_a_slow_service_is_not_waited_for(audit: ModuleType, service: Service) -> None:
    """What is not answered in time is not checked."""
    found = audit.ask_service(audit.locked(EXPORTED), service.url, seconds=0)
    assert set(found.values()) == {"no time was left after 0 s"}


@pytest.mark.parametrize(
    ("entry", "affected"),
    [
        ("versions: [10.0.1]", True),
        ("versions: [9.0.0]", False),
        ("ranges: [{type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: 14.0.1}]}]", True),
        ("ranges: [{type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: 10.0.1}]}]", False),
        ("ranges: [{type: ECOSYSTEM, events: [{introduced: '0'}, {last_affected: 10.0.1}]}]", True),
        ("ranges: [{type: ECOSYSTEM, events: [{introduced: '0'}, {last_affected: 10.0.0}]}]", False),
        ("ranges: [{type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: 2.0}, {introduced: 10.0}]}]", True),
        ("ranges: [{type: GIT, events: [{introduced: '0'}]}]", False),
        ("versions: [10.0.1]\nwithdrawn: '2024-01-01'", False),
    ],
)
def test_a_clone_of_the_database_is_searched(run: Any, tmp_path: Path, entry: str, affected: bool) -> None:
    """By the versions that an advisory lists, or by its ranges."""
    folder = tmp_path / "clone" / "vulns" / "pyarrow"
    folder.mkdir(parents=True)
    about = "id: PYSEC-1\ndetails: Bad.\naffected:\n- package: {name: PyArrow}\n"
    first, _, rest = entry.partition("\n")
    (folder / "PYSEC-1.yaml").write_text(f"{about}  {first}\n{rest}\n")
    code, _, page = run("--database", str(tmp_path / "clone"), "--state", "2024-10-10")
    # A range without end holds for 18.1.0 too.
    assert (code, "pyarrow 10.0.1" in page) == ((1, True) if affected else (0, False))
    assert "PyPA's advisory database, as of 2024-10-10." in page


def test_every_reason_of_the_project_is_held(audit: ModuleType) -> None:
    """The test that it names is there, or the words are."""
    reasons = audit.read_reasons(PROJECT / "scripts" / "audit.yaml")
    page = (PROJECT / "docs" / "audit.md").read_text(encoding="utf-8")
    for name, reason in reasons.items():
        file, _, what = re.split(r"(::|: )", reason.held_by, maxsplit=1)
        text = (PROJECT / file).read_text(encoding="utf-8")
        assert (f"def {what}(" if "::" in reason.held_by else what) in text, name
        assert name in page
