"""The exit codes of the command.

| code | meaning |
|---|---|
| 0 | done; a run was blessed, and its candidate is published |
| 1 | a run was refused |
| 2 | a run was inconclusive |
| 3 | bad arguments, configuration, policy or data: the message names the remedy |
| 70 | a crash |
| 130 | interrupted |
"""

from collections.abc import Mapping

from fairgate.gate.outcome import EXIT_CODES, Outcome

OUTCOMES: Mapping[Outcome, int] = EXIT_CODES
INPUT_ERROR = 3
CRASHED = 70  # EX_SOFTWARE of sysexits.h: Python's own 1 would mean "refused"
INTERRUPTED = 130  # typer's answer to Ctrl-C
