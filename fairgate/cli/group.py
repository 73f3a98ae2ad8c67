"""Make groups of commands that behave as users of git and kubectl expect: without a command, a group prints its help."""

from typing import Any

import typer


def group(text: str | None = None, **settings: Any) -> typer.Typer:
    """Return a group of commands; `fairgate GROUP` alone prints its help and exits with 0.

    Args:
        text: its help; None for the docstring of a callback that is set later.
        settings: of `typer.Typer`, beside those that all groups share.
    """
    described: dict[str, Any] = {} if text is None else {"help": text}
    return typer.Typer(
        callback=help_without_command,
        invoke_without_command=True,
        rich_markup_mode=None,  # importing rich's markup takes longer than everything else that --help does
        **described,
        **settings,
    )


def examples(*lines: str) -> str:
    """Return what ends the help of a command: examples, each as it is typed."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])  # "\b" keeps the lines as they are


def help_without_command(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
