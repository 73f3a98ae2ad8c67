"""Digests of the source code that a result depends on.

TFX caches a step by the *names* of its functions, not by their content. `source_digest` closes that gap: it covers the module
of a function and every module of this project that it imports, directly or not, so that a changed constant reruns exactly the
steps that depend on it. A task that is installed beside this project is covered through its own package. Which module imports
which is read by grimp, which runs none of them; imports for a type checker alone do not count.
"""

import hashlib
import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import grimp

from fairgate.files import file_digest

OURS = ("fairgate", "data", "components", "pipeline")
ASSETS = "assets"

Stamps = tuple[tuple[str, int, int], ...]  # path, size and time of change of each file


def dotted_name(function: Callable[..., Any]) -> str:
    """Return the importable name of a function for TFX; unlike a string, it follows a renamed function."""
    return f"{function.__module__}.{function.__qualname__}"


def source_digest(*modules: str) -> str:
    """Return 16 hex digits over the source of `modules`, of all that they import from this project or their own, and assets."""
    digest = hashlib.sha256()
    for path in sorted(reach(*modules)):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def reach(*modules: str) -> set[Path]:
    """Return the files whose change may change what `modules` do.

    Those are the sources of the modules, of all that they import, anywhere in them, and of the packages around those, which
    Python runs first; and the files of a folder `assets` beside any of them.
    """
    ours = {*OURS, *(name.partition(".")[0] for name in modules)}
    packages = tuple(sorted(name for name in ours if _is_package(name)))
    graph = _graph(packages, _stamps(packages))
    found = set(modules)
    for name in modules:
        # grimp reads packages alone, so a task in a single module counts as one that imports everything.
        found |= graph.find_upstream_modules(name) if name in graph.modules else graph.modules
    sources = {path for path in map(_source, found) if path}
    return sources.union(*(_kept_files(folder / ASSETS) for folder in {source.parent for source in sources}))


def source_files() -> dict[str, Path]:
    """Return every installed source file of this project's packages by its name below the package, sorted."""
    files = {}
    for package in OURS:
        for folder in _folders(package) or [Path(package)]:
            for path in _kept_files(folder):
                files[f"{package}/{path.relative_to(folder).as_posix()}"] = path
    return dict(sorted(files.items()))


def source_digests() -> dict[str, str]:
    """Return the digest of every file of `source_files`."""
    return {name: file_digest(path) for name, path in source_files().items()}


@lru_cache(maxsize=8)
def _graph(packages: tuple[str, ...], stamps: Stamps) -> grimp.ImportGraph:  # noqa: ARG001  # a changed file is read again
    """Return the graph of imports; each module also imports the package that it is in."""
    graph = grimp.build_graph(*packages, exclude_type_checking_imports=True, cache_dir=None)
    for name in sorted(graph.modules):
        if "." in name:
            graph.add_import(importer=name, imported=name.rpartition(".")[0])
    return graph


def _stamps(packages: tuple[str, ...]) -> Stamps:
    files = sorted(path for package in packages for folder in _folders(package) for path in folder.rglob("*.py"))
    return tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)


def _kept_files(folder: Path) -> list[Path]:
    """Return the files below a folder but for what a run writes there: compiled code."""
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def _is_package(name: str) -> bool:
    return bool(_folders(name))


def _folders(package: str) -> list[Path]:
    """Return the folders of a package, found without importing it; none if the name is none of a package."""
    spec = importlib.util.find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations if spec else None) or ()]


def _source(name: str) -> Path | None:
    """Return the file of a module, found without importing anything; None if the name is none of a module."""
    package, *inner = name.split(".")
    for folder in _folders(package):
        base = Path(folder, *inner)
        for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
            if path.is_file():
                return path
    spec = importlib.util.find_spec(package)
    return Path(spec.origin) if spec and not inner and spec.has_location and spec.origin else None
