"""Convert comment files according to a run's configuration: `CommentsInput` in, a folder and its report out. No TensorFlow."""

from pathlib import Path

from components.tasks.civil_comments.config import CommentsInput
from components.tasks.civil_comments.conversion_sources import options_of, sources_of
from data.comments.conversion import convert
from data.conversion_report import ConversionReport


def convert_comments(chosen: CommentsInput, output: Path, seed: int, beam_args: tuple[str, ...] = ()) -> ConversionReport:
    """Convert the files into the folder `output`.

    Raises:
        InputError: as `data.comments.conversion.convert`.
    """
    return convert(sources_of(chosen), output, options=options_of(chosen, seed, beam_args))
