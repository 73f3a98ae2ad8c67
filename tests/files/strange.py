"""What a strange but good file is to a test: its bytes, the command line, and the rows that must come of it."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.comments.civil_comments import Comment
from data.comments.names import IDENTITIES

Make = Callable[[Path], object]


def comment(text: str, toxic: bool = False, **groups: str) -> Comment:
    """Return a comment; `gender="male,female"` names the groups of a feature, the other features have none."""
    return Comment(text, toxic, {feature: tuple(filter(None, groups.get(feature, "").split(","))) for feature in IDENTITIES})


# The rows that most of the files hold, however they are written.
ROWS = (
    ("comment_text", "toxicity", "male", "split"),
    ("first text", "0", "0", "train"),
    ("second text", "1", "1", "train"),
    ("third text", "0", "", "test"),
)
TRAIN = (comment("first text"), comment("second text", toxic=True, gender="male"))
EVAL = (comment("third text"),)


def table(rows: Sequence[Sequence[str]] = ROWS, separator: str = ",", end: str = "\n") -> str:
    """Return the rows as text without any quoting."""
    return "".join(separator.join(row) + end for row in rows)


@dataclass(frozen=True)
class StrangeSource:
    """A source of comments.

    Attributes:
        content: of the file, or what makes the file or files in a folder.
        name: of the file.
        arguments: beside `--train NAME`; where one is "--train", all of them.
        train, eval: the comments that must come of it, in this order.
        said: what the command must say, beside the counts.
    """

    content: bytes | str | Make
    name: str = "a.csv"
    arguments: tuple[str, ...] = ()
    train: Sequence[Comment] = TRAIN
    eval: Sequence[Comment] = EVAL
    said: tuple[str, ...] = ()

    def make(self, folder: Path) -> None:
        """Write the file into the folder."""
        if callable(self.content):
            self.content(folder)
        else:
            content = self.content.encode() if isinstance(self.content, str) else self.content
            Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(self.name))).write_bytes(content)

    @property
    def command(self) -> tuple[str, ...]:
        """Return the arguments that name the sources."""
        return self.arguments if "--train" in self.arguments else (f"--train={self.name}", *self.arguments)


@dataclass(frozen=True)
class StrangeInput:
    """A file of comments that `fairgate predict` reads.

    Attributes:
        content: of the file.
        texts: the comments that the model must be asked about, in this order.
        name: of the file.
        arguments: beside the file.
        malformed: number of a row -> words of the reason why it is answered as malformed.
        said: what must be printed beside the answers.
    """

    content: bytes | str
    texts: Sequence[str]
    name: str = "a.txt"
    arguments: tuple[str, ...] = ()
    malformed: Mapping[int, str] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True)
class StrangePicture:
    """A file of pictures of 8 x 8 pixels from 0 to 16 that `fairgate predict digits` reads.

    Attributes:
        content: of the file.
        images: pixels of each, row by row; None for the one image that rises from 0 to 16 and falls again.
        name: of the file.
    """

    content: bytes
    images: Sequence[Sequence[int]]
    name: str = "a.png"
