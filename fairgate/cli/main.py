"""The command `fairgate`: parse, call, print. The only place that turns errors into messages and exit codes.

In: the arguments of the process. Out: the exit code (`fairgate.cli.exit_codes`). The library's own commands are always there.
Those of the pipeline appear where it is installed; where it is not, their names answer with what to do.
"""

import functools
import importlib
import importlib.metadata
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import typer

from fairgate.asked import by_command
from fairgate.cli import check, discover, evaluate, option_values, plan, policy, report, verify
from fairgate.cli.exit_codes import CRASHED, INPUT_ERROR, INTERRUPTED
from fairgate.cli.group import examples, group, help_without_command
from fairgate.cli.pipeline_commands import COMMANDS, REGISTER, is_present, missing
from fairgate.cli.pipes import unread_pipes
from fairgate.errors import InputError
from fairgate.text import masked

# "\b" keeps the lines of the block that it begins as they are.
EPILOG = """
\b
Start with:
  fairgate run digits                     real images; no files, no network
  fairgate run civil-comments --sample    generated comments
  fairgate policy explain                 what a policy can say
"""
LIBRARY_EPILOG = """
\b
Start with:
  fairgate evaluate FILE --label L --score candidate=P    judge predictions
  fairgate policy explain         what a policy can say
  fairgate check policy.yaml      find the mistakes of a policy
"""


_EXAMPLES: Mapping[Callable[..., object], str] = {
    check.check: examples(
        "fairgate check policy.yaml                     is it a policy?",
        "fairgate check policy.yaml --run runs/digits   does it fit that run?",
        "fairgate check digits --policy strict          a task under a policy",
        "fairgate check runs/digits --junit verdict.xml",
    ),
    discover.discover: examples(
        "fairgate discover p.parquet --label toxic --score candidate=p \\",
        "    --slices gender,race --bins age=5",
        "fairgate discover 'p-*.csv' --label y --score candidate=p \\",
        "    --group gender=male,female --policy-out rules.yaml",
    ),
    evaluate.evaluate: examples(
        "fairgate evaluate p.parquet --label toxic --score candidate=p \\",
        "    --slices gender,race",
        "fairgate evaluate 'p-*.csv' --label y --score candidate=new \\",
        "    --score baseline=old --policy policy.yaml",
        "fairgate evaluate kinds.parquet --label kind --score 'candidate=p_*'",
        "fairgate evaluate hiring.csv --decision candidate=hired \\",
        "    --slices sex,race --policy four-fifths",
        "fairgate evaluate p.parquet --label y --score candidate=p \\",
        "    --where \"split == 'test'\" --cluster user",
    ),
    plan.plan: examples(
        "fairgate plan runs/civil-comments            what the newest verdict needs",
        "fairgate plan --rate .19 --limit .22         a rate against a limit",
        "fairgate plan --rate .30 --against .27 --ratio 1.25 --share .05",
        "fairgate plan --rate .22 --baseline .14 --margin .1",
    ),
    report.report: examples(
        "fairgate report runs/digits                  the newest run's page",
        "fairgate report runs/digits --history        all runs",
        "fairgate report runs/civil-comments --no-text",
    ),
    verify.verify: examples("fairgate verify runs/digits"),
}


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fairgate {importlib.metadata.version('fairgate')}")
        raise typer.Exit


def _root(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train models, and publish only those that a written policy finds good and fair enough."""
    help_without_command(context)


@functools.cache
def application(alone: bool = False) -> typer.Typer:
    """Return the command with all subcommands that this installation has, or with those of the library alone."""
    present = is_present() and not alone
    app = group(context_settings={"help_option_names": ["-h", "--help"]}, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True, epilog=EPILOG if present else LIBRARY_EPILOG)(_root)
    if present:
        importlib.import_module(REGISTER).register(app)
    else:
        for name in COMMANDS:
            app.command(name, hidden=True, add_help_option=False, context_settings=_ANYTHING)(missing(name))
    for command, of_command in _EXAMPLES.items():
        app.command(epilog=of_command)(command)
    app.add_typer(policy.app, name="policy")
    return app


_ALONE = ("evaluate", "discover")  # which need nothing of the pipeline, whose import takes longer than theirs
# What the pipeline's command would accept; here every argument leads to the same answer.
_ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code, also where nobody reads to the end what it prints.

    Args:
        arguments: command-line arguments (default: those of the process).
    """
    with unread_pipes():
        return _main(arguments)


def _main(arguments: Sequence[str] | None) -> int:
    try:
        _require_content(sys.argv[1:] if arguments is None else arguments)
        first = next(iter(sys.argv[1:] if arguments is None else arguments), "")
        with by_command():
            code = int(application(first in _ALONE)(arguments, prog_name="fairgate", standalone_mode=False) or 0)
    except InputError as error:
        return _refuse(str(error))
    except typer.TyperException as error:  # typer would exit with 2, which says "inconclusive"
        return _refuse(masked(_in_words(error)), getattr(error, "ctx", None))
    except Exception:
        traceback.print_exc()
        return CRASHED
    if code == INTERRUPTED:
        typer.secho("Interrupted. Finished steps are kept: the same command continues from there.", err=True)
    return code


def _require_content(arguments: Sequence[str]) -> None:
    """Refuse an empty argument, as of a shell's variable that is not set: an empty path would mean the folder one is in.

    Raises:
        InputError: there is one; names the option before it.
    """
    for before, argument in zip(("", *arguments), arguments, strict=False):
        option, equals, value = argument.partition("=")
        if argument == "--":
            return
        if not argument or (option.startswith("--") and equals and not value):
            name = option or (before if before.startswith("-") else "an argument")
            raise InputError(f"{name} is empty, as from a variable of the shell that is not set; give a value, or leave it out.")


def _in_words(error: typer.TyperException) -> str:
    """Return what is wrong with the arguments; for an option that there is not, the nearest one that there is."""
    if isinstance(error, typer.BadParameter) and (said := option_values.sentence(error)):
        return said
    near = getattr(error, "possibilities", None)
    return f"{error.message}. Did you mean {near[0]}?" if near else error.format_message()


def _refuse(message: str, context: typer.Context | None = None) -> int:
    typer.secho(f"Error: {message}", fg=typer.colors.RED, err=True)
    if context:
        typer.secho(f"Try '{context.command_path} --help'.", err=True)
    return INPUT_ERROR
