"""All mistakes of the corpus, by name."""

from tests.files import bad_comments, bad_configurations, bad_inputs

MISTAKES = {
    f"{kind}: {name}": mistake
    for kind, mistakes in {
        "format": bad_comments.FORMATS,
        "quoting": bad_comments.QUOTING,
        "encoding": bad_comments.ENCODINGS,
        "separator": bad_comments.SEPARATORS,
        "columns": bad_comments.COLUMNS,
        "labels": bad_comments.LABELS,
        "rows": bad_comments.ROWS_LOST,
        "splits": bad_comments.SPLITS,
        "places": bad_comments.PLACES,
        "comments to predict on": bad_inputs.INPUTS,
        "pictures": bad_inputs.DRAWN,
        "YAML": bad_configurations.YAML,
        "policy": bad_configurations.POLICIES,
        "option": bad_configurations.OPTIONS,
        "folder": bad_configurations.FOLDERS,
    }.items()
    for name, mistake in mistakes.items()
}
