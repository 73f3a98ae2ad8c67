"""The sources of a conversion according to a run's configuration. No TensorFlow, no Beam."""

from components.tasks.civil_comments.config import CommentsInput
from data.comments.column_names import ColumnNames
from data.comments.conversion_plan import Sources


def sources_of(chosen: CommentsInput) -> Sources:
    """Return the files, and what the configuration says about their columns and their format."""
    columns = ColumnNames(chosen.columns, chosen.ignored_columns)
    return Sources(chosen.train, chosen.eval, columns, chosen.tag_identities, chosen.text_format)
