"""Canonical examples that become an artifact where they lie, without a copy. Imports no TensorFlow.

TFX's Importer registers a folder of this machine. An engine that keeps its artifacts in an object store cannot register the
folder of a volume: there an artifact holds one small file, POINTER, that names the folder, and `resolved` finds it.
"""

import json
from pathlib import Path

from components.artifacts.splits import split_folder, splits_in
from fairgate.errors import InputError
from fairgate.names import SPLITS

POINTER = "folder.txt"


def split_names(folder: Path) -> str:
    """Return the splits of a folder of examples as TFX writes the property `split_names`: '["train", "eval"]'."""
    return json.dumps(list(splits_in(folder)))


def write_pointer(artifact: Path, folder: Path) -> None:
    """Let the artifact name the folder.

    Raises:
        InputError: train or eval has no file there, or validation has a folder and no file.
    """
    for split in dict.fromkeys((*SPLITS, *splits_in(folder))):
        if not any(split_folder(folder, split).glob("*.tfrecord.gz")):
            remedy = "name a folder that `fairgate data convert` or a local run wrote, as the containers see it"
            raise InputError(f"{folder}: no file Split-{split}/*.tfrecord.gz; {remedy}.")
    artifact.mkdir(parents=True, exist_ok=True)
    (artifact / POINTER).write_text(str(folder), encoding="utf-8")


def resolved(uri: str) -> str:
    """Return the folder that the artifact at `uri` names, or `uri` itself if it holds what it is."""
    pointer = Path(uri, POINTER)
    return pointer.read_text(encoding="utf-8") if pointer.is_file() else uri
