"""The command `fairgate`: parse, call, print. The only place that turns errors into messages and exit codes.

In: the arguments of the process. Out: the exit code (`fairgate.cli.exit_codes`). The library's own commands are always there.
Those of the pipeline appear where it is installed; where it is not, their names answer with what to do.
"""

import functools
import importlib
import importlib.metadata
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from fairgate.cli import check, plan, report, verify
from fairgate.cli.exit_codes import CRASHED, INPUT_ERROR, INTERRUPTED
from fairgate.cli.pipeline_commands import COMMANDS, REGISTER, is_present, missing
from fairgate.errors import InputError


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fairgate {importlib.metadata.version('fairgate')}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train models, and publish only those that a written policy finds good and fair enough."""


@functools.cache
def application() -> typer.Typer:
    """Return the command with all subcommands that this installation has."""
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # importing rich's markup takes longer than everything else that --help does
    )
    app.callback()(_root)
    if is_present():
        importlib.import_module(REGISTER).register(app)
    else:
        for name in COMMANDS:
            app.command(name, hidden=True, add_help_option=False, context_settings=_ANYTHING)(missing(name))
    app.command()(check.check)
    app.command()(plan.plan)
    app.command()(report.report)
    app.command()(verify.verify)
    return app


# What the pipeline's command would accept; here every argument leads to the same answer.
_ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: command-line arguments (default: those of the process).
    """
    try:
        code = int(application()(arguments, prog_name="fairgate", standalone_mode=False) or 0)
    except InputError as error:
        return _refuse(str(error))
    except typer.TyperException as error:  # typer would exit with 2, which says "inconclusive"
        return _refuse(error.format_message(), getattr(error, "ctx", None))
    except Exception:
        traceback.print_exc()
        return CRASHED
    if code == INTERRUPTED:
        typer.secho("Interrupted. Finished steps are kept: the same command continues from there.", err=True)
    return code


def _refuse(message: str, context: typer.Context | None = None) -> int:
    typer.secho(f"Error: {message}", fg=typer.colors.RED, err=True)
    if context:
        typer.secho(f"Try '{context.command_path} --help'.", err=True)
    return INPUT_ERROR
