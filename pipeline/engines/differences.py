"""What is different about a worker, each in a sentence with its remedy. Imports nothing heavy."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.engines.answers import MISSING, SEEN, Answer
from pipeline.engines.environment import Environment

_CHECKOUT = "bring this run's checkout of fairgate to its host and type `make setup` there"
_SHOWN = len("sha256:") + 12  # characters of a digest
_SHARED = "that every worker sees under the same path, as on a shared volume"


def differences(found: Sequence[Answer], own: Answer, root: Path, environment: Environment) -> list[str]:
    """Return a sentence per difference, for all workers that it is true of.

    Args:
        found: the workers' answers.
        own: the same facts of the run.
        root: the run's folder.
        environment: how the workers are started.
    """
    hosts: dict[str, set[str]] = {}
    for answer in found:
        for sentence in _differences(answer, own, root, environment):
            hosts.setdefault(sentence, set()).add(answer.host)
    return [f"{'workers' if len(names) > 1 else 'worker'} on {', '.join(sorted(names))}: {said}" for said, names in hosts.items()]


def _differences(answer: Answer, own: Answer, root: Path, environment: Environment) -> Iterator[str]:
    if answer.python != own.python:
        yield f"Python {answer.python}, this run has {own.python}; {environment.same_python()}."
    packages = [
        f"{f'{name} {answer.packages[name]}' if answer.packages[name] else f'no {name}'}, this run has {version or 'none'}"
        for name, version in own.packages.items()
        if answer.packages[name] != version
    ]
    if packages:
        yield f"{'; '.join(packages)}; {_CHECKOUT}."
    if answer.source != own.source:
        named = f"another source of fairgate, {answer.source[:_SHOWN]}…; this run has {own.source[:_SHOWN]}…"
        yield f"{answer.source if ' ' in answer.source else named}; {_CHECKOUT}."
    yield from _seen(answer, own, root)


def _seen(answer: Answer, own: Answer, root: Path) -> Iterator[str]:
    """Yield how the worker sees the run's files otherwise than the run."""
    if answer.root == MISSING:
        yield f"{root}: not seen there, or another folder of that name is; name one with --root FOLDER {_SHARED}."
    elif answer.root != SEEN:
        yield f"{root}: {answer.root} by its user, {answer.user}; {_same_user(own)}."
    for path, view in own.inputs.items():
        if answer.inputs[path] == MISSING != view:
            yield f"{path}: not seen there; name a copy {_SHARED}."
        elif " " in answer.inputs[path]:
            yield f"{path}: {answer.inputs[path]} by its user, {answer.user}; {_same_user(own)}."
        elif answer.inputs[path] != view:
            yield f"{path}: something else is seen there under this name; name a copy {_SHARED}."


def _same_user(own: Answer) -> str:
    return (
        f"start it as the user of this run, {own.user}, or give both users a group, the folder to that group with "
        "`chgrp GROUP` and `chmod g+rws`, and type `umask 002` before both are started"
    )
