"""The sources and the options of a conversion according to a run's configuration. No TensorFlow, no Beam."""

from components.tasks.civil_comments.config import CommentsInput
from data.comments.conversion_checks import ConversionOptions
from data.comments.conversion_plan import Sources


def sources_of(chosen: CommentsInput) -> Sources:
    """Return the files, and what the configuration says about their columns and their format."""
    columns = chosen.column_names
    return Sources(chosen.train, chosen.eval, columns, chosen.tag_identities, chosen.text_format)


def options_of(chosen: CommentsInput, seed: int = 0, beam_args: tuple[str, ...] = ()) -> ConversionOptions:
    """Return how the rows are divided, and what happens to those that cannot be used."""
    return ConversionOptions(
        eval_fraction=chosen.eval_fraction,
        seed=seed,
        validation_fraction=chosen.validation_fraction,
        max_malformed_fraction=chosen.max_malformed_fraction,
        shared_texts=chosen.shared_texts,
        shards=chosen.shards,
        beam_args=beam_args,
    )
