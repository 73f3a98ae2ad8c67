"""Digests of the source code that a result depends on.

TFX caches a step by the *names* of its functions, not by their content. `source_digest` closes that gap: it covers the module
of a function and every module of this project that it imports, directly or not, so that a changed constant reruns exactly
the steps that depend on it. A task that is installed beside this project is covered through its own package.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fairgate.files import file_digest

OURS = ("fairgate", "data", "components", "pipeline")
ASSETS = "assets"


def dotted_name(function: Callable[..., Any]) -> str:
    """Return the importable name of a function for TFX; unlike a string, it follows a renamed function."""
    return f"{function.__module__}.{function.__qualname__}"


def source_digest(*modules: str) -> str:
    """Return 16 hex digits over the source of `modules`, of all that they import from this project or their own, and assets."""
    digest = hashlib.sha256()
    for path in sorted(_files(_closure(modules))):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def source_files() -> dict[str, Path]:
    """Return every installed source file of this project's packages by its name below the package, sorted."""
    found = {}
    for package in OURS:
        initial = _source(package)
        folder = initial.parent if initial else Path(package)
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                found[f"{package}/{path.relative_to(folder).as_posix()}"] = path
    return dict(sorted(found.items()))


def source_digests() -> dict[str, str]:
    """Return the digest of every file of `source_files`."""
    return {name: file_digest(path) for name, path in source_files().items()}


def _files(modules: set[str]) -> set[Path]:
    """Yield the sources and the files of `assets` folders beside them."""
    sources = {path for path in map(_source, modules) if path}
    assets = {path for folder in {source.parent for source in sources} for path in (folder / ASSETS).rglob("*")}
    return sources | {path for path in assets if path.is_file()}


def _closure(modules: tuple[str, ...]) -> set[str]:
    ours = frozenset((*OURS, *(name.split(".")[0] for name in modules)))
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _source(name)
        if path is not None:
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            waiting.extend(_ours(_imported(path.read_text(encoding="utf-8"), package), ours))
    return seen


@cache
def _imported(source: str, package: str) -> frozenset[str]:
    """Yield the dotted names that a source imports, anywhere in it; relative ones are resolved against its package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            # `from package import name`: the name may be a module or a member of one.
            names.update(f"{origin}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _ours(names: frozenset[str], ours: frozenset[str]) -> set[str]:
    """Return the modules of our packages and their parent packages."""
    parts = [name.split(".") for name in names if name.split(".")[0] in ours]
    return {".".join(each[:length]) for each in parts for length in range(1, len(each) + 1)}


def _source(name: str) -> Path | None:
    """Return the file of a module without importing it, or None if the name is no module."""
    package, *inner = name.split(".")
    found = importlib.util.find_spec(package)
    if found and found.submodule_search_locations is None and not inner:  # a module without a package
        return Path(found.origin) if found.has_location and found.origin else None
    for location in (found.submodule_search_locations if found else None) or ():
        base = Path(location, *inner)
        for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
            if path.is_file():
                return path
    return None
