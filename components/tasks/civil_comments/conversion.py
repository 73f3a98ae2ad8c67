"""Convert comment files according to a run's configuration: `CommentsInput` in, a folder and its report out. No TensorFlow."""

from pathlib import Path

from components.tasks.civil_comments.config import CommentsInput
from data.comments.conversion import ConversionOptions, Sources, convert
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
    sources = Sources(chosen.train, chosen.eval, chosen.column_names, chosen.tag_identities, chosen.text_format)
    return convert(sources, output, options=options)
