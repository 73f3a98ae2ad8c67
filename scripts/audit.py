"""Compare the locked packages with the known security advisories, and write docs/audit.md.

Run: make audit. In: uv.lock, scripts/audit.yaml (advisory -> why it does not hold here, and what holds that), and the advisories
of PyPI, or of a clone of https://github.com/pypa/advisory-database where PyPI's service cannot be reached:

    .venv/bin/python scripts/audit.py                            ask PyPI, write docs/audit.md
    .venv/bin/python scripts/audit.py --database FOLDER          the same from a clone
    .venv/bin/python scripts/audit.py --check                    ask PyPI, write nothing (continuous integration)

Exit codes: 0; 1 where an advisory on a direct dependency has no reason. Where the service cannot be reached, "not checked" is
printed, and the code is 0.
"""

import argparse
import importlib
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, ConfigDict

PROJECT = Path(__file__).resolve().parents[1]
SERVICE = "https://pypi.org"
# Stack -> the Python that its versions are taken for.
STACKS = {"older": "3.10", "modern": "3.13"}
_EXPORT = ("export", "--frozen", "--offline", "--all-groups", "--no-hashes", "--no-emit-project", "--no-annotate", "--no-header")


class Reason(BaseModel):
    """Why an advisory does not hold here; an entry of scripts/audit.yaml.

    Attributes:
        package: that the advisory is about.
        reason: in a sentence or two.
        held_by: a test ("file::name"), or a file and the words that stand in it ("file: words").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    reason: str
    held_by: str


@dataclass(frozen=True, order=True)
class Package:
    """A locked package.

    Attributes:
        name: canonical.
        version: of it.
        stacks: whose environments have it.
    """

    name: str
    version: str
    stacks: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True)
class Advisory:
    """A known weakness of a package.

    Attributes:
        names: its own id first, then its other ids.
        summary: the first words about it.
    """

    names: tuple[str, ...]
    summary: str

    def reason(self, reasons: Mapping[str, Reason], package: str) -> Reason | None:
        """Return the reason that is written down under any of its names for this package."""
        found = (reasons[name] for name in self.names if name in reasons)
        return next((reason for reason in found if canonicalize_name(reason.package) == package), None)


def locked(exported: str) -> list[Package]:
    """Return the packages of both stacks, from the lines of `uv export`: "name==1.2 ; marker"."""
    stacks: dict[tuple[str, str], list[str]] = {}
    for line in exported.splitlines():
        if not line.strip() or line.startswith(("#", "-")):
            continue
        needed = Requirement(line)
        (version,) = (specifier.version for specifier in needed.specifier)
        for stack, python in STACKS.items():
            machine = {**_MACHINE, "python_version": python, "python_full_version": f"{python}.0"}
            if needed.marker is None or needed.marker.evaluate(machine):
                stacks.setdefault((canonicalize_name(needed.name), version), []).append(stack)
    return sorted(Package(name, version, tuple(names)) for (name, version), names in stacks.items())


_MACHINE = {"platform_machine": "x86_64", "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
_MACHINE |= {"platform_python_implementation": "CPython", "implementation_name": "cpython", "extra": ""}


def direct(pyproject: Mapping[str, Any]) -> set[str]:
    """Return the canonical names of what the project itself asks for: its dependencies, and its groups."""
    groups: Iterable[Sequence[object]] = pyproject["dependency-groups"].values()
    written = [*pyproject["project"]["dependencies"], *(item for group in groups for item in group)]
    return {canonicalize_name(Requirement(item).name) for item in written if isinstance(item, str)}


def ask_service(packages: Sequence[Package], service: str, seconds: float = 60) -> dict[Package, list[Advisory] | str]:
    """Return for each package what PyPI's JSON says of its version: advisories, or in words why there is no answer.

    Args:
        packages: at least one.
        service: address of PyPI.
        seconds: after which no further package is asked about.
    """
    end = time.monotonic() + seconds

    def ask(package: Package) -> list[Advisory] | str:
        return _ask(client, service, package) if time.monotonic() < end else f"no time was left after {seconds:g} s"

    with httpx.Client(timeout=10, follow_redirects=True) as client, ThreadPoolExecutor(8) as threads:
        first = [ask(package) for package in (packages[0], packages[-1])]
        if all(isinstance(answer, str) for answer in first):  # no service: hundreds of questions would only take their time
            return dict.fromkeys(packages, first[0])
        return dict(zip(packages, threads.map(ask, packages), strict=True))


def _ask(client: httpx.Client, service: str, package: Package) -> list[Advisory] | str:
    try:
        answer = client.get(f"{service}/pypi/{package.name}/{package.version}/json")
        answer.raise_for_status()
        found = answer.json()["vulnerabilities"]
        return [
            Advisory((each["id"], *each.get("aliases", ())), _words(each.get("summary") or each["details"]))
            for each in found
            if not each.get("withdrawn")
        ]
    except httpx.HTTPStatusError as error:
        return f"HTTP {error.response.status_code}"
    except httpx.HTTPError as error:
        return type(error).__name__
    except (ValueError, KeyError, TypeError) as error:
        return f"an answer of another form ({error!r})"


def search_database(packages: Sequence[Package], folder: Path) -> dict[Package, list[Advisory] | str]:
    """Return for each package the advisories on its version in a clone of PyPA's advisory database."""
    return {package: list(_in_database(package, folder / "vulns" / package.name)) for package in packages}


def _in_database(package: Package, folder: Path) -> Iterator[Advisory]:
    for file in sorted(folder.glob("*.yaml")):
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        parts = [part for part in found.get("affected", ()) if canonicalize_name(part["package"]["name"]) == package.name]
        if not found.get("withdrawn") and any(_affects(part, package.version) for part in parts):
            yield Advisory((found["id"], *found.get("aliases", ())), _words(found.get("summary") or found["details"]))


def _affects(part: Mapping[str, Any], version: str) -> bool:
    return version in part.get("versions", ()) or any(
        _in_range(entry["events"], Version(version)) for entry in part.get("ranges", ()) if entry["type"] == "ECOSYSTEM"
    )


def _in_range(events: Iterable[Mapping[str, str]], version: Version) -> bool:
    """Return whether the last event up to the version introduced the weakness."""
    inside = False
    for event in events:
        ((kind, at),) = event.items()
        try:
            reached = version > Version(at) if kind == "last_affected" else version >= Version(at)
        except InvalidVersion:
            continue
        if reached:
            inside = kind == "introduced"
    return inside


def _words(text: str, count: int = 30) -> str:
    words = re.sub(r"[|`<>\[\]]", " ", text).split()
    return " ".join(words[:count]) + ("…" if len(words) > count else "")


def unexplained(found: Mapping[Package, list[Advisory] | str], reasons: Mapping[str, Reason], names: set[str]) -> list[str]:
    """Return a line for each advisory on a direct dependency that has no reason."""
    return [
        f"{package.name} {package.version}: {advisory.names[0]}: {advisory.summary}"
        for package, advisories in found.items()
        if package.name in names and not isinstance(advisories, str)
        for advisory in advisories
        if advisory.reason(reasons, package.name) is None
    ]


def page(found: Mapping[Package, list[Advisory] | str], reasons: Mapping[str, Reason], names: set[str], source: str) -> str:
    """Return docs/audit.md."""
    checked = {package: advisories for package, advisories in found.items() if not isinstance(advisories, str)}
    silent = [f"{package.name} {package.version}" for package in found if package not in checked]
    parts = [
        "# Known advisories, and why they do not hold here",
        "",
        "Written by `make audit` from `uv.lock` and `scripts/audit.yaml`; not edited by hand.",
        f"Source of the advisories: {source}. An advisory that is younger than that is not in it.",
        f"{len(checked)} locked packages were compared"
        + (f"; {len(silent)} were not checked: {', '.join(silent)}." if silent else ", all of the lock."),
        "",
        "## Packages that the project names itself",
        "",
        *_table({package: advisories for package, advisories in checked.items() if package.name in names}, reasons),
        "",
        "## Packages that those bring along",
        "",
        "Those without a reason were not assessed: the versions are the ones that TFX, TFMA, Beam and kfp allow.",
        "",
        *_table({package: advisories for package, advisories in checked.items() if package.name not in names}, reasons),
    ]
    return "\n".join(parts) + "\n"


def _table(found: Mapping[Package, list[Advisory]], reasons: Mapping[str, Reason]) -> Iterator[str]:
    rows = []
    for package, advisories in sorted(found.items()):
        for advisory in advisories:
            reason = advisory.reason(reasons, package.name)
            what, why = ", ".join(advisory.names[:2]), reason.reason if reason else "not assessed"
            held, stacks = f"`{reason.held_by}`".replace("::", "`, `") if reason else "", " and ".join(package.stacks)
            rows.append(f"| {what} | {package.name} {package.version} | {stacks} | {advisory.summary} | {why} | {held} |")
    if not rows:
        yield "None."
        return
    yield "| advisory | package | stack | what it says | why it does not hold here | what holds that |"
    yield "|---|---|---|---|---|---|"
    yield from rows


def read_reasons(file: Path) -> dict[str, Reason]:
    """Return the advisories with a reason, by id."""
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {str(name): Reason.model_validate(reason) for name, reason in written.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and write or print."""
    given = _parser().parse_args(arguments)
    packages = locked(_exported())
    found = search_database(packages, given.database) if given.database else ask_service(packages, given.service)
    silent = [answer for answer in found.values() if isinstance(answer, str)]
    if silent:
        print(f"audit: not checked: {len(silent)} of {len(found)} packages ({', '.join(sorted(set(silent)))})")
    if len(silent) == len(found):
        return 0
    reasons, names = read_reasons(given.reasons), direct(_pyproject())
    if not given.check:
        today = datetime.now(timezone.utc).date()
        asked = f"{given.service}, asked on {today}"
        source = f"PyPA's advisory database, as of {given.state or today}" if given.database else asked
        given.page.write_text(page(found, reasons, names, source), encoding="utf-8")
        print(f"audit: {given.page} is written")
    problems = unexplained(found, reasons, names)
    for problem in problems:
        print(f"audit: {problem}; upgrade the package, or write into {given.reasons} why this does not hold here")
    print(f"audit: {len(found) - len(silent)} packages compared; without a reason: {len(problems)} on direct dependencies")
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--service", default=SERVICE, help="address of PyPI's JSON (default: %(default)s)")
    parser.add_argument("--database", type=Path, help="clone of PyPA's advisory database, in place of the service")
    parser.add_argument("--state", help="date of the clone, for the page")
    parser.add_argument("--reasons", type=Path, default=PROJECT / "scripts" / "audit.yaml", help="YAML (default: %(default)s)")
    parser.add_argument("--page", type=Path, default=PROJECT / "docs" / "audit.md", help="Markdown (default: %(default)s)")
    return parser


def _exported() -> str:
    command = [str(PROJECT / "scripts" / "uv.sh"), *_EXPORT]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout  # noqa: S603 — our own script


def _pyproject() -> dict[str, Any]:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    found: dict[str, Any] = toml.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    sys.exit(main())
