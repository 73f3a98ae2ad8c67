"""Convert comment files according to a run's configuration: `CommentsInput` in, a folder and its report out. No TensorFlow."""

from pathlib import Path

from components.tasks.civil_comments.config import CommentsInput
from components.tasks.civil_comments.conversion_sources import sources_of
from data.comments.conversion import ConversionOptions, convert
from data.conversion_report import ConversionReport


def convert_comments(chosen: CommentsInput, output: Path, seed: int, beam_args: tuple[str, ...] = ()) -> ConversionReport:
    """Convert the files into the folder `output`.

    Raises:
        InputError: as `data.comments.conversion.convert`.
    """
    options = ConversionOptions(
        eval_fraction=chosen.eval_fraction,
        seed=seed,
        validation_fraction=chosen.validation_fraction,
        max_malformed_fraction=chosen.max_malformed_fraction,
        beam_args=beam_args,
    )
    return convert(sources_of(chosen), output, options=options)
