"""The ImportExamples step: canonical examples become an artifact where they lie.

In: a folder with `Split-train/`, `Split-eval/` and perhaps `Split-validation/`. Out: `examples`. `registered` is for a folder of
the machine that runs the pipeline. An engine that keeps its artifacts in an object store cannot register the folder of a volume;
its step is `ImportExamples`, whose artifact names the folder, see `components.artifacts.imported`.
"""

from pathlib import Path

from tfx import version
from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.common.importer import Importer
from tfx.types import standard_artifacts

from components.artifacts.imported import split_names, write_pointer
from fairgate.files import folder_digest


def registered(folder: Path) -> Importer:
    """Return the step that registers a folder of this machine; the same folder with the same content is the same artifact."""
    return Importer(
        source_uri=str(folder),
        artifact_type=standard_artifacts.Examples,
        reimport=False,
        properties={"split_names": split_names(folder), "span": 0},
        # Without its version, TFX takes an artifact for one of the time before folders were named Split-….
        custom_properties={"tfx_version": version.__version__, "content": folder_digest(folder)},
        output_key="examples",
    ).with_id(ImportExamples.__name__)


@component
def ImportExamples(  # noqa: N802  # a TFX component is named like a class
    examples: OutputArtifact[standard_artifacts.Examples],
    folder: Parameter[str],
) -> None:
    """Name the folder.

    Args:
        examples: receives the name.
        folder: as every container of the engine sees it.
    """
    write_pointer(Path(examples.uri), Path(folder))
    examples.split_names = split_names(Path(folder))
