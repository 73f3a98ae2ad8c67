"""Reads and removes what the steps of a run left in the object store: as files of a folder, or through S3."""

import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from pyarrow import fs

from tests.kubeflow.backend.backend_api import BackendError


class ArtifactStore:
    """The artifacts below one root: ROOT/PIPELINE/RUN/STEP/…, as Kubeflow's driver names them."""

    def __init__(self, store: str, root: str, pipeline_name: str) -> None:
        """Take a folder or an address (keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the root's URI, and the pipeline."""
        self._store = store
        base = PurePosixPath(root.partition("://")[2])
        if store.startswith(("http://", "https://")):
            address = urlsplit(store)
            os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")  # else it looks for a cloud's keys for seconds
            self._files = fs.S3FileSystem(
                endpoint_override=address.netloc,
                scheme=address.scheme,
                region="us-east-1",
                connect_timeout=10,
                request_timeout=60,
            )
            self._bucket = base.parts[0]
            self._base = str(base / pipeline_name)
        else:
            self._files = fs.LocalFileSystem()
            self._bucket = str(Path(store) / base.parts[0])
            self._base = str(Path(store) / base / pipeline_name)

    def check(self) -> None:
        """Raise BackendError if the bucket cannot be listed."""
        try:
            self._files.get_file_info(fs.FileSelector(self._bucket))
        except OSError as error:
            raise BackendError(f"{self._store}: the bucket {self._bucket} cannot be listed: {error}") from None

    def steps(self, run_id: str) -> set[str]:
        """Return the steps that wrote something in this run: those that did not come from the cache."""
        folder = f"{self._base}/{run_id}/"
        return {path.removeprefix(folder).partition("/")[0] for path in self._listed(run_id)}

    def copies(self, run_id: str, step: str, file: str) -> int:
        """Return how often a step wrote a file in this run: more than once if the step was repeated."""
        return len(self._named(run_id, step, file))

    def read(self, run_id: str, step: str, file: str) -> bytes:
        """Return the content of a file, named as in "report/verdict.json" from the output on.

        Raises:
            FileNotFoundError: the step did not write it in this run.
        """
        found = self._named(run_id, step, file)
        if not found:
            raise FileNotFoundError(f"{self._base}/{run_id}/{step}/…/{file}")
        with self._files.open_input_stream(found[-1]) as stream:
            return bytes(stream.read())

    def remove(self, run_id: str, but: Collection[str]) -> None:
        """Remove what a run wrote, except the steps in `but`. Raises OSError where the store does not let it."""
        folder, steps = f"{self._base}/{run_id}", self.steps(run_id)
        if steps.isdisjoint(but):
            wanted = [folder] if steps else []
        else:
            wanted = [f"{folder}/{step}" for step in sorted(steps.difference(but))]
        for path in wanted:
            self._files.delete_dir(path)

    def _named(self, run_id: str, step: str, file: str) -> list[str]:
        """A backend may put a folder between step and output, one for each time that the step was started."""
        folder = f"{self._base}/{run_id}/{step}/"
        return [path for path in self._listed(run_id) if path.startswith(folder) and path.endswith(f"/{file}")]

    def _listed(self, run_id: str) -> list[str]:
        selector = fs.FileSelector(f"{self._base}/{run_id}", recursive=True, allow_not_found=True)
        return sorted(found.path for found in self._files.get_file_info(selector) if found.type == fs.FileType.File)
