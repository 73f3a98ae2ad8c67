"""Digits: convert the 1,797 hand-written digits of 8x8 pixels that ship inside scikit-learn. Needs no network.

Out: canonical gzip TFRecords (`data.images.conversion`), with a seeded, stratified tenth of the images in eval.
Nothing heavy is imported before the conversion starts.

    convert(Path("converted"))
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data.conversion_report import ConversionReport, SourceReport
from data.images.examples import LabelledImages
from data.images.formats import DIGITS

EVAL_SHARE = 0.1


def convert(output: Path, *, seed: int = 0, shards: int | None = None, beam_args: Sequence[str] = ()) -> ConversionReport:
    """Convert the digits to canonical TFRecords in the folder `output`; the seed chooses which are held out for eval.

    Raises:
        InputError: as `data.images.conversion.convert_images`.
    """
    from data.images.conversion import convert_images  # imports Beam

    splits = read_splits(seed)
    sources = [
        SourceReport("sklearn.datasets.load_digits()", "sklearn", "stratified", _digest(splits), sum(map(len, splits.values())))
    ]
    return convert_images(splits, DIGITS, sources, output, shards=shards, beam_args=beam_args)


def read_splits(seed: int = 0) -> dict[str, LabelledImages]:
    """Return the digits in "train" (1,617) and "eval" (180), stratified by class."""
    from sklearn.datasets import load_digits  # slow to import
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    train, held_out = train_test_split(np.arange(len(labels)), test_size=EVAL_SHARE, stratify=labels, random_state=seed)
    return {"train": LabelledImages(images[train], labels[train]), "eval": LabelledImages(images[held_out], labels[held_out])}


def _digest(splits: dict[str, LabelledImages]) -> str:
    """Return the SHA-256 of the pixels and labels, in the order of the splits."""
    digest = hashlib.sha256()
    for labelled in splits.values():
        digest.update(labelled.images.tobytes() + labelled.labels.tobytes())
    return digest.hexdigest()
