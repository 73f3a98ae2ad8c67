"""What a mistake is to a test: files in a folder, a command line, the words of the one message, and the advice that it gives."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.files.strange import Make

REPEATED = ("--set", "--columns", "--ignore-column")  # options that are added to those of the same name
_OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


@dataclass(frozen=True)
class Mistake:
    """A command line that ends with exit code 3.

    Attributes:
        command: what is typed after `fairgate`, in the folder with the files.
        says: words of its message.
        files: name -> content, or what makes the files in a folder.
        advice: words of the message, as they are typed -> what is typed for them; "" where they hold no placeholder.
    """

    command: str
    says: Sequence[str]
    files: Mapping[str, bytes | str] | Make = field(default_factory=dict)
    advice: Mapping[str, str] = field(default_factory=dict)

    def make(self, folder: Path) -> None:
        """Write the files into the folder."""
        if callable(self.files):
            self.files(folder)
            return
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    @property
    def arguments(self) -> list[str]:
        """Return the command line's arguments."""
        return shlex.split(self.command)

    def advised(self) -> list[list[str]]:
        """Return the arguments of the command line after each advice."""
        return [follow(self.arguments, shlex.split(typed or words)) for words, typed in self.advice.items()]

    def untried(self, message: str) -> set[str]:
        """Return the options that a message names, that are neither in an advice nor on the command line."""
        tried = {option for words in self.advice for option in _OPTION.findall(words)}
        return set(_OPTION.findall(message)) - tried - {argument.partition("=")[0] for argument in (*self.arguments, "--help")}


def follow(arguments: Sequence[str], typed: Sequence[str]) -> list[str]:
    """Return the arguments after an advice: another command, or options that are added or replace those of their name."""
    if typed[0] == "fairgate":
        return list(typed[1:])
    replaced = {option for option in typed if option.startswith("--")}.difference(REPEATED)
    kept: list[str] = []
    value_follows = False
    for argument in arguments:
        if value_follows and not argument.startswith("--"):
            value_follows = False
            continue
        value_follows = argument in replaced
        if argument.partition("=")[0] not in replaced:
            kept.append(argument)
    return [*kept, *typed]
