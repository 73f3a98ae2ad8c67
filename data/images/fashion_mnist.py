"""Fashion-MNIST: the four official files, and their conversion.

In: the IDX files in a folder, fetched or given. Out: canonical gzip TFRecords (`data.images.conversion`): the official training
files become train, the t10k files eval. Nothing heavy is imported before the conversion starts.

    fetch_all(Path("fashion-mnist"))
    convert(Path("fashion-mnist"), Path("converted"))
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from data.conversion_report import ConversionReport, SourceReport
from data.images.examples import LabelledImages
from data.images.formats import FASHION_MNIST
from data.images.idx import read_labelled_images
from fairgate.errors import InputError
from fairgate.files import hex_digest

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class OfficialFile:
    """One of the four files that Zalando Research published, by content."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class SplitFiles:
    """The files of one split."""

    images: OfficialFile
    labels: OfficialFile


OFFICIAL_FILES: Mapping[str, SplitFiles] = MappingProxyType(
    {
        "train": SplitFiles(
            OfficialFile(
                "train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26_421_880
            ),
            OfficialFile(
                "train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29_515
            ),
        ),
        "eval": SplitFiles(
            OfficialFile(
                "t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4_422_102
            ),
            OfficialFile("t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5_148),
        ),
    }
)
MIRROR = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"  # mirror of the official site, which has no HTTPS
ALTERNATIVES = "get the four files elsewhere and name their folder with --data-dir FOLDER"


def fetch_all(folder: Path, progress: Progress | None = None) -> None:
    """Download the four files into `folder`, 30 MB; those that are there and right are kept.

    Args:
        folder: created if missing.
        progress: called with a file's name, the bytes so far and the size.

    Raises:
        InputError: the network is unreachable, or a file is not the official one.
    """
    from data.download import fetch  # imports httpx, which --help and check do without

    for files in OFFICIAL_FILES.values():
        for file in (files.images, files.labels):
            fetch(
                MIRROR + file.name,
                folder / file.name,
                sha256=file.sha256,
                size=file.size,
                progress=_named(progress, file.name) if progress else None,
                alternatives=ALTERNATIVES,
            )


def _named(progress: Progress, name: str) -> Callable[[int, int | None], None]:
    return lambda done, total: progress(name, done, total)


def convert(
    folder: Path,
    output: Path,
    *,
    limits: Mapping[str, int | None] = MappingProxyType({}),
    shards: int | None = None,
    beam_args: Sequence[str] = (),
) -> ConversionReport:
    """Convert the four files in `folder` to canonical TFRecords in the folder `output`; 70,000 images take some 15 s.

    Args:
        folder: with the official names.
        output: see `data.images.conversion.convert_images`.
        limits: split -> number of its first images to use; all if it is absent or None.
        shards: number of files of each split; None for files by size.
        beam_args: pipeline options for Apache Beam.

    Raises:
        InputError: a file is missing or damaged (`data.images.idx`), or as `data.images.conversion.convert_images`.
    """
    from data.images.conversion import convert_images  # imports Beam

    splits = {split: found.first(limits.get(split)) for split, found in read_splits(folder).items()}
    return convert_images(splits, FASHION_MNIST, list(_sources(folder, splits)), output, shards=shards, beam_args=beam_args)


def read_splits(folder: Path) -> dict[str, LabelledImages]:
    """Return the images and labels of "train" and "eval" from the four files in `folder`, gzip or plain, with the official names.

    Raises:
        InputError: a file is missing or damaged.
    """
    return {
        split: LabelledImages(
            *read_labelled_images(
                _find(folder, files.images),
                _find(folder, files.labels),
                shape=FASHION_MNIST.shape,
                classes=len(FASHION_MNIST.classes),
            )
        )
        for split, files in OFFICIAL_FILES.items()
    }


def _find(folder: Path, file: OfficialFile) -> Path:
    """Return the path of the file in the folder, gzip or plain."""
    names = (file.name, file.name.removesuffix(".gz"))
    for name in names:
        if (folder / name).exists():
            return folder / name
    state = "is not there" if folder.is_dir() else "is not there, nor is the folder"
    fetch = f"fairgate data fetch fashion-mnist --to {quote(str(folder))}"
    raise InputError(f"{folder / file.name}: {state}; put the four Fashion-MNIST files there, or fetch them: `{fetch}`")


def _sources(folder: Path, splits: Mapping[str, LabelledImages]) -> Iterator[SourceReport]:
    for split, files in OFFICIAL_FILES.items():
        for file in (files.images, files.labels):
            path = _find(folder, file)
            yield SourceReport(str(path), "idx", split, hex_digest(path), len(splits[split]))
