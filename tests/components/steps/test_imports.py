"""The steps that import: examples where they lie, the schema by its content."""

from pathlib import Path
from typing import Any

import pytest
from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.pipeline import Pipeline
from tfx.types import artifact_utils, standard_artifacts

from components.steps.import_examples import registered
from components.steps.import_schema import ImportSchema
from data.records import encode_example, write_split
from fairgate.errors import InputError
from fairgate.files import file_digest

pytestmark = pytest.mark.slow

SCHEMA = 'feature { name: "number" type: INT }\n'


def examples(folder: Path, number: int = 1) -> Path:
    """Write one example into each split."""
    for split in ("train", "eval"):
        write_split(folder, split, [encode_example({"number": [number]})])
    return folder


def run(root: Path, *steps: Any) -> None:
    """Run steps on this machine, with the metadata of earlier runs below the same root."""
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.orchestration.metadata import sqlite_metadata_connection_config

    connection = sqlite_metadata_connection_config(str(root / "metadata.sqlite"))
    LocalDagRunner().run(
        Pipeline("imports", str(root), components=list(steps), enable_cache=True, metadata_connection_config=connection)
    )


def artifacts(root: Path, kind: str) -> list[metadata_store_pb2.Artifact]:
    """Return what is registered of one type, the oldest first."""
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(root / "metadata.sqlite")
    return sorted(metadata_store.MetadataStore(config).get_artifacts_by_type(kind), key=lambda artifact: artifact.id)


def test_examples_are_registered_where_tfx_finds_their_splits(tmp_path: Path) -> None:
    """As a later step resolves them from the metadata."""
    folder = examples(tmp_path / "examples")
    run(tmp_path, registered(folder))
    (known,) = artifacts(tmp_path, "Examples")
    found = standard_artifacts.Examples()
    found.set_mlmd_artifact(known)
    assert artifact_utils.get_split_uris([found], "eval") == [str(folder / "Split-eval")]
    assert artifact_utils.decode_split_names(found.split_names) == ["train", "eval"]


def test_split_validation_is_registered_where_there_is_one(tmp_path: Path) -> None:
    folder = examples(tmp_path / "examples")
    write_split(folder, "validation", [encode_example({"number": [3]})])
    run(tmp_path, registered(folder))
    (known,) = artifacts(tmp_path, "Examples")
    assert known.properties["split_names"].string_value == '["train", "validation", "eval"]'


def test_same_content_is_the_same_artifact_and_changed_content_another(tmp_path: Path) -> None:
    """The steps behind it are cached by the artifact."""
    folder = examples(tmp_path / "examples")
    run(tmp_path, registered(folder))
    run(tmp_path, registered(folder))
    assert len(artifacts(tmp_path, "Examples")) == 1
    run(tmp_path, registered(examples(folder, number=2)))
    assert len(artifacts(tmp_path, "Examples")) == 2


def import_schema(file: Path) -> Any:
    """Return the step for the schema as it is now."""
    return ImportSchema(schema_file=str(file), digest=file_digest(file))


def test_schema_is_imported_again_when_its_text_changed(tmp_path: Path) -> None:
    """Under the same name of a file."""
    file = tmp_path / "schema.pbtxt"
    texts = [SCHEMA, SCHEMA, SCHEMA.replace("number", "other")]
    for text in texts:
        file.write_text(text)
        run(tmp_path, import_schema(file))
    imported = [Path(artifact.uri, "schema.pbtxt").read_text() for artifact in artifacts(tmp_path, "Schema")]
    assert imported == [texts[0], texts[2]]


def test_schema_of_another_image_is_refused(tmp_path: Path) -> None:
    """The container image may be older than the compiled pipeline."""
    file = tmp_path / "schema.pbtxt"
    file.write_text(SCHEMA)
    step = ImportSchema(schema_file=str(file), digest="sha256:other")
    with pytest.raises(InputError, match="another schema than the one that the pipeline was built with; compile"):
        run(tmp_path, step)
