"""The ImportSchema step: the curated schema of a task becomes an artifact.

In: the schema's file and the digest of its text. Out: `schema`, with `schema.pbtxt`. TFX's ImportSchemaGen does the same, but its
result is cached by the name of the file: a changed text would not be seen.
"""

import shutil
from pathlib import Path

from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from fairgate.errors import InputError
from fairgate.files import file_digest

SCHEMA = "schema.pbtxt"  # TFX's components look for this name


@component
def ImportSchema(  # noqa: N802  # a TFX component is named like a class
    schema: OutputArtifact[standard_artifacts.Schema],
    schema_file: Parameter[str],
    digest: Parameter[str],
) -> None:
    """Copy the schema.

    Args:
        schema: receives the file.
        schema_file: of the curated schema.
        digest: of its text, when the pipeline was built.
    """
    if file_digest(schema_file) != digest:
        remedy = "compile the pipeline again, and build its image again with `make image`"
        raise InputError(f"{schema_file}: another schema than the one that the pipeline was built with; {remedy}.")
    Path(schema.uri).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(schema_file, Path(schema.uri, SCHEMA))
