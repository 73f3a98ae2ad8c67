"""The official files of Fashion-MNIST: finding and fetching them."""

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from data.images import fashion_mnist
from fairgate.errors import InputError
from fairgate.files import file_digest


def write_idx(path: Path, values: NDArray[Any]) -> None:
    """Writes the values as an IDX file, gzip when its name says so."""
    content = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes() + values.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("suffix", [".gz", ""], ids=["gzip", "plain"])
def test_files_are_found_gzip_or_plain(tmp_path: Path, suffix: str) -> None:
    """Many copies of the data set are unpacked."""
    random = np.random.default_rng(0)
    for split, files in fashion_mnist.OFFICIAL_FILES.items():
        count = 5 if split == "train" else 3
        write_idx(tmp_path / (files.images.name[:-3] + suffix), random.integers(0, 256, (count, 28, 28), np.uint8))
        write_idx(tmp_path / (files.labels.name[:-3] + suffix), np.arange(count, dtype=np.uint8))
    splits = fashion_mnist.read_splits(tmp_path)
    assert {split: len(labelled) for split, labelled in splits.items()} == {"train": 5, "eval": 3}


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    """The first missing file, its folder and the command that fetches it."""
    with pytest.raises(InputError, match=rf"{tmp_path}/train-images-idx3-ubyte.gz: is not there; .*fairgate data fetch"):
        fashion_mnist.read_splits(tmp_path)
    with pytest.raises(InputError, match="nor is the folder"):
        fashion_mnist.read_splits(tmp_path / "absent")


def test_sums_and_sizes_are_those_of_the_official_files(shared_data: Path) -> None:
    """What a download is checked against."""
    for files in fashion_mnist.OFFICIAL_FILES.values():
        for file in (files.images, files.labels):
            path = shared_data / "fashion-mnist" / file.name
            assert file_digest(path) == f"sha256:{file.sha256}"
            assert path.stat().st_size == file.size


def test_fetches_four_files_with_their_sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file comes over HTTPS, checked, and reports its progress under its name."""
    fetched, seen = [], []

    def fetch(url: str, destination: Path, **checks: object) -> Path:
        fetched.append((url, destination, checks["sha256"], checks["size"]))
        checks["progress"](1, 2)  # type: ignore[operator]
        return destination

    monkeypatch.setattr("data.download.fetch", fetch)
    fashion_mnist.fetch_all(tmp_path, lambda *step: seen.append(step))
    files = [file for split in fashion_mnist.OFFICIAL_FILES.values() for file in (split.images, split.labels)]
    assert fetched == [(fashion_mnist.MIRROR + file.name, tmp_path / file.name, file.sha256, file.size) for file in files]
    assert fashion_mnist.MIRROR.startswith("https://")
    assert seen == [(file.name, 1, 2) for file in files]


@pytest.mark.parametrize("module", ["data.images.fashion_mnist", "data.images.digits", "components.tasks.images.model_config"])
def test_names_are_light(module: str) -> None:
    """`fairgate check` answers without the heavy libraries."""
    heavy = "{'tensorflow', 'apache_beam', 'sklearn', 'pandas', 'keras', 'tfx'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
