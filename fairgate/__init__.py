"""Judge whether a model may be published: metrics, gate, report and the command. Imports no TensorFlow, Beam or TFX.

    import fairgate
    fairgate.evaluate(table, label="toxic", scores="p", slices=["gender"])    # the verdict on the predictions of any model
    fairgate.discover(table, label="toxic", scores="p", slices=["gender"])    # the worst slices that nobody named
    fairgate.load("runs/civil-comments")          # the results of a run: verdict, tables, charts, page

Every name below is imported from its module when it is first used, so that `import fairgate` loads nothing else.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairgate.discovery.result import Discovery
    from fairgate.errors import InputError
    from fairgate.gate.checks import Check
    from fairgate.gate.decision import decide
    from fairgate.gate.lint import lint
    from fairgate.gate.outcome import Decision
    from fairgate.gate.policy import Policy
    from fairgate.gate.verdict import Verdict
    from fairgate.judging.discovery import discover
    from fairgate.judging.judgement import Judgement, evaluate
    from fairgate.measurement import Evaluation
    from fairgate.report.history import history
    from fairgate.report.reader import Results, compare, load, runs

_MODULES = {
    "Check": "fairgate.gate.checks",
    "Decision": "fairgate.gate.outcome",
    "Discovery": "fairgate.discovery.result",
    "Evaluation": "fairgate.measurement",
    "InputError": "fairgate.errors",
    "Judgement": "fairgate.judging.judgement",
    "Policy": "fairgate.gate.policy",
    "Results": "fairgate.report.reader",
    "Verdict": "fairgate.gate.verdict",
    "compare": "fairgate.report.reader",
    "decide": "fairgate.gate.decision",
    "discover": "fairgate.judging.discovery",
    "evaluate": "fairgate.judging.judgement",
    "history": "fairgate.report.history",
    "lint": "fairgate.gate.lint",
    "load": "fairgate.report.reader",
    "runs": "fairgate.report.reader",
}
__all__ = [
    "Check",
    "Decision",
    "Discovery",
    "Evaluation",
    "InputError",
    "Judgement",
    "Policy",
    "Results",
    "Verdict",
    "compare",
    "decide",
    "discover",
    "evaluate",
    "history",
    "lint",
    "load",
    "runs",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module 'fairgate' has no attribute {name!r}; there are {', '.join(sorted(_MODULES))}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(_MODULES)
