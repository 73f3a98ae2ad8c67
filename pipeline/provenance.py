"""Where a result comes from: digests of the source code that made it.

TFX caches a step by the *names* of its functions, not by their content. `source_digest` closes that gap: it covers the module
of a function and
every module of this project that it imports, directly or not, so that a changed constant makes exactly the steps run again
that can see it.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

OURS = ("data", "components", "pipeline")


def dotted_name(function: Callable[..., Any]) -> str:
    """The importable name of a function, as TFX wants it: a renamed function cannot leave a stale string behind."""
    return f"{function.__module__}.{function.__qualname__}"


def source_digest(*modules: str) -> str:
    """Sixteen hex digits over the source of `modules` and of all that they import from this project."""
    digest = hashlib.sha256()
    for name in sorted(_closure(modules)):
        path = _source(name)
        if path is not None:
            digest.update(f"{name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _closure(modules: tuple[str, ...]) -> set[str]:
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting.extend(_imports(name))
    return seen


@cache
def _imports(name: str) -> tuple[str, ...]:
    path = _source(name)
    if path is None:
        return ()
    return tuple(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            candidates = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import name`: the name may be a module or a member of one.
            candidates = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in candidates if name.split(".")[0] in OURS)


@cache
def _source(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
