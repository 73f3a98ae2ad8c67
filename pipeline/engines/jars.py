"""The class path of Beam's job servers: Maven brings it from Maven Central, once. Imports nothing heavy."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from fairgate.errors import InputError
from fairgate.files import file_digest, replace_text
from pipeline.engines.address import EngineKind

POM = Path(__file__).parent / "assets" / "pom.xml"  # has the table of versions
SECONDS = 900  # for some 300 megabytes on a slow line


def versions() -> dict[str, str]:
    """Return the table of versions: property of the POM -> version."""
    table = POM.read_text(encoding="utf-8").partition("<properties>")[2].partition("</properties>")[0]
    return dict(re.findall(r"<([a-z0-9.]+)>([^<]+)</\1>", table))


def class_path(kind: EngineKind) -> str:
    """Return the class path of a kind of job server, which is also that of a cluster of this kind.

    Below the user's cache a file names the jars; they lie where Maven keeps them.

    Raises:
        InputError: there is no Maven, or it cannot bring them.
    """
    kept = _cache() / f"{kind}-{file_digest(POM)[:16]}.classpath"
    if found := _complete(kept):
        return found
    maven = shutil.which("mvn")
    otherwise = "or start a job server yourself and name it with --job-endpoint HOST:PORT"
    if maven is None:
        raise InputError(f"mvn: not found, and Beam's job server for {kind} comes through Maven; install Maven, {otherwise}.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}.draft")
    command = [maven, "-q", "-B", "-f", str(POM), "-P", kind, "dependency:build-classpath", f"-Dmdep.outputFile={draft}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)  # noqa: S603  # Maven
        if done.returncode or not draft.is_file():
            said = next((line for line in done.stdout.splitlines() if line.startswith("[ERROR]")), done.stdout.strip()[-200:])
            raise InputError(f"{' '.join(command)} has failed ({said}); look whether Maven Central can be reached, {otherwise}.")
        found = draft.read_text(encoding="utf-8").strip()
    except subprocess.TimeoutExpired:
        raise InputError(f"{' '.join(command)} has not ended within {SECONDS} s; type it yourself, {otherwise}.") from None
    finally:
        draft.unlink(missing_ok=True)
    replace_text(kept, found)
    return found


def _complete(kept: Path) -> str:
    """Return the class path that a file holds; an empty one where there is none, or a jar is gone."""
    found = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    return found if all(Path(jar).is_file() for jar in found.split(os.pathsep)) else ""


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fairgate" / "engines"
