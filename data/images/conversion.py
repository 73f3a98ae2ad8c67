"""Convert labelled images in memory to canonical gzip TFRecords in train and eval, through Beam.

In: the images of each split, and where they came from. Out, in one folder that appears only when it is complete:

    Split-train/train-00000-of-0000N.tfrecord.gz    canonical examples, in their order, cut into N files
    Split-eval/eval-00000-of-0000N.tfrecord.gz
    conversion.json                           a `ConversionReport`, written last

Equal images give equal bytes.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import apache_beam as beam
import numpy as np
from apache_beam.options.pipeline_options import PipelineOptions
from numpy.typing import NDArray

from data.conversion_report import REPORT_NAME, ConversionReport, SourceReport, SplitReport
from data.folders import check_replaceable, whole_folder
from data.images.examples import LabelledImages, encode_images
from data.images.formats import ImageFormat
from data.records import even_sizes, read_records, write_records, write_split
from fairgate.errors import InputError

Hashes = NDArray[np.uint64]

TRAIN = "train"
EVAL = "eval"
_BLOCK_ROWS = 5_000


@dataclass(frozen=True)
class ImageBlock:
    """Consecutive images of a split, as rows of the arrays on disk; pickled into Beam's graph, so kept small."""

    split: str
    start: int
    stop: int


@dataclass
class WriteBlocks(beam.PTransform):
    """Write each block to a portion (a file of canonical examples in `folder`) and return its number of examples."""

    folder: Path

    def expand(self, blocks: beam.PCollection) -> beam.PCollection:
        """Encode and write, block by block."""
        return blocks | "Spread blocks" >> beam.Reshuffle() | "Write portions" >> beam.Map(write_portion, self.folder)


def write_portion(block: ImageBlock, folder: Path) -> int:
    """Write the examples of a block under a name that sorts as the blocks do, and return their number."""
    images, labels = (
        np.load(_array_path(folder, block.split, what), mmap_mode="r")[block.start : block.stop] for what in ("images", "labels")
    )
    write_records(_portion_path(folder, block), encode_images(LabelledImages(images, labels)))
    return len(images)


def _portion_path(folder: Path, block: ImageBlock) -> Path:
    return folder / f"{block.start:010d}.{block.split}"


def _read_portion(folder: Path, block: ImageBlock, source: str) -> Iterator[bytes]:
    """Yield the examples of a block.

    Raises:
        InputError: not all of them came back from the worker.
    """
    path, expected, found = _portion_path(folder, block), block.stop - block.start, 0
    for record in read_records(path) if path.exists() else ():
        found += 1
        yield record
    if found != expected:
        raise InputError(
            f"{source}: images {block.start + 1:,} to {block.stop:,} of {block.split} are {expected:,}, and {found:,} came back "
            "from the workers; run again, with a --root that every worker sees under the same path and can write"
        )


def _array_path(folder: Path, split: str, what: str) -> Path:
    return folder / f"{split}-{what}.npy"


def convert_images(
    splits: Mapping[str, LabelledImages],
    image_format: ImageFormat,
    sources: Sequence[SourceReport],
    output: Path,
    *,
    shards: int | None = None,
    beam_args: Sequence[str] = (),
) -> ConversionReport:
    """Convert the images of "train" and "eval" into the folder `output`, replacing an earlier conversion there.

    Args:
        splits: images by split.
        image_format: shape and classes of the images.
        sources: sources of the images, for the report.
        output: a folder that is absent, empty, or an earlier conversion.
        shards: number of files of each split, at most one per image; None for files of `data.records.SHARD_BYTES`.
        beam_args: pipeline options for Apache Beam; they follow `--direct_running_mode=in_memory` and override it.

    Returns:
        The report, also in `output/conversion.json`; `identities` of a split holds its images by class, under "class".

    Raises:
        InputError: most images of eval are in train too, or `output` is another kind of folder. Nothing is left behind and an
            earlier conversion stays as it was.
    """
    check_replaceable(output)
    report = _report(splits, image_format, sources)
    with whole_folder(output) as folder:
        portions = folder / "portions"
        portions.mkdir()
        _run_beam(splits, portions, beam_args)
        for split, labelled in splits.items():
            source = ", ".join(each.file for each in sources if each.split == split) or split
            blocks = _blocks({split: labelled})
            examples = chain.from_iterable(_read_portion(portions, block, source) for block in blocks)
            write_split(folder, split, examples, even_sizes(len(labelled), shards) if shards else ())
        shutil.rmtree(portions)
        (folder / REPORT_NAME).write_text(report.to_json())
    return report


def _run_beam(splits: Mapping[str, LabelledImages], portions: Path, beam_args: Sequence[str]) -> None:
    for split, labelled in splits.items():
        np.save(_array_path(portions, split, "images"), labelled.images)
        np.save(_array_path(portions, split, "labels"), labelled.labels)
    options = PipelineOptions(["--direct_running_mode=in_memory", *beam_args])
    with beam.Pipeline(options=options) as root:
        _ = root | "Name blocks" >> beam.Create(list(_blocks(splits))) | "Write blocks" >> WriteBlocks(portions)


def _blocks(splits: Mapping[str, LabelledImages]) -> Iterator[ImageBlock]:
    for split, labelled in splits.items():
        for start in range(0, len(labelled), _BLOCK_ROWS):
            yield ImageBlock(split, start, min(start + _BLOCK_ROWS, len(labelled)))


def _report(splits: Mapping[str, LabelledImages], image_format: ImageFormat, sources: Sequence[SourceReport]) -> ConversionReport:
    hashes = {split: _hashes(labelled) for split, labelled in splits.items()}
    shared = int(np.isin(hashes[EVAL], hashes[TRAIN]).sum())
    rows = sum(map(len, splits.values()))
    if 2 * shared > len(splits[EVAL]):
        raise InputError(
            f"{sources[-1].file}: {shared:,} of the {len(splits[EVAL]):,} images for eval are in train too; give other files"
        )
    warnings = (f"{shared:,} images of eval are also in train",) if shared else ()
    return ConversionReport(
        sources=tuple(sources),
        rows_read=rows,
        rows_kept=rows,
        rows_empty=0,
        rows_malformed=0,
        shared_rows=shared,
        splits={split: _split_report(labelled, hashes[split], image_format) for split, labelled in splits.items()},
        warnings=warnings,
    )


def _hashes(labelled: LabelledImages) -> Hashes:
    """Return a 64-bit hash per image; equal images have equal hashes."""
    digests = b"".join(hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in labelled.images)
    return np.frombuffer(digests, np.uint64)


def _split_report(labelled: LabelledImages, hashes: Hashes, image_format: ImageFormat) -> SplitReport:
    counts = np.bincount(labelled.labels, minlength=len(image_format.classes)).tolist()
    return SplitReport(
        rows=len(labelled),
        positive=0,
        duplicates=len(labelled) - np.unique(hashes).size,
        identities={"class": dict(zip(image_format.classes, counts, strict=True))},
    )
