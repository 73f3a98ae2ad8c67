"""Publishing a model: a folder `serving/<version>/` that appears whole or not at all, and holds what the gate has blessed.

In: the folder of a SavedModel, the digest that the gate took of it, the folder `serving/`. Out: the version's folder. The model
is copied to a hidden folder beside it, written to the disk, compared with the digest, and renamed. Imports no TensorFlow.
"""

import os
import shutil
from pathlib import Path

from data.folders import PARTIAL, copy_folder
from fairgate.errors import InputError, os_reason
from fairgate.files import folder_digest

MODEL_DIGEST = "model_digest"  # the property of a blessing that carries the digest of the model it is for


def publish(model: Path, digest: str, serving: Path, now: float) -> Path:
    """Publish a model as a new version, unless the newest version is this very model already.

    A run that was killed after the renaming, but before it could record it, finds its version there and publishes nothing twice.

    Args:
        model: folder of the SavedModel.
        digest: `folder_digest` of the model as it was judged.
        serving: folder of the versions; made if need be.
        now: seconds since 1970; the version is the whole part, or one more than the newest version where that is greater.

    Returns:
        the folder of the version.

    Raises:
        InputError: the model has changed since the gate, or `serving` cannot be written. Then no version appears.
    """
    try:
        newest = max(versions(serving), default=0)
        if newest and folder_digest(serving / str(newest)) == digest:
            return serving / str(newest)
        return _publish(model, digest, serving / str(max(int(now), newest + 1)))
    except OSError as error:
        place = error.filename or serving
        raise InputError(f"{place}: the model cannot be published ({os_reason(error)}); fix that and run again.") from error


def versions(serving: Path) -> list[int]:
    """Return the published versions, in no order; none where there is no such folder."""
    return [int(path.name) for path in serving.glob("*") if path.name.isdecimal() and path.is_dir()]


def _publish(model: Path, digest: str, version: Path) -> Path:
    partial = version.with_name(f".{version.name}{PARTIAL}")
    partial.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(partial, ignore_errors=True)
    try:
        copy_folder(model, partial)
        if (found := folder_digest(partial)) != digest:
            raise InputError(
                f"{model}: not the model that the gate judged (its digest is {found}, the gate's {digest}), so it is not "
                "published. Run again with a new --root, where the model is trained again."
            )
        _write_through(partial)
        partial.rename(version)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _sync(version.parent)
    return version


def _write_through(folder: Path) -> None:
    """Flush every file and folder to the disk, so that a power cut cannot leave a renamed folder with empty files."""
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
