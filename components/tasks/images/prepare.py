"""Prepare the images for the graph: download or find the files, and convert them.

In: the task's input configuration. Out: `Prepared`. A conversion lies where `Preparation.folder` says, so that a second run
finds it again.
"""

from pathlib import Path

from components.tasks.base import Preparation, Prepared
from components.tasks.images.config import DigitsInput, FashionInput
from data.conversion_report import ConversionReport
from data.images import digits, fashion_mnist


def prepare_digits(request: Preparation) -> Prepared:
    """Prepare scikit-learn's digits, a stratified tenth held out."""
    if not isinstance(request.input, DigitsInput):
        raise TypeError(f"not of this task: {type(request.input).__name__}")
    shards = request.input.shards
    folder = request.folder("examples", "digits", {"seed": request.seed, "shards": shards})
    report = (
        ConversionReport.read(folder)
        if folder.exists()
        else digits.convert(folder, seed=request.seed, shards=shards, beam_args=request.beam_args)
    )
    return _prepared(request, folder, report, "scikit-learn's digits: 1,797 scanned digits of 8x8 pixels")


def prepare_fashion_mnist(request: Preparation) -> Prepared:
    """Prepare the official Fashion-MNIST files.

    Raises:
        InputError: files that are missing, damaged or cannot be downloaded.
    """
    chosen = request.input
    if not isinstance(chosen, FashionInput):
        raise TypeError(f"not of this task: {type(chosen).__name__}")
    files = Path(chosen.data_dir) if chosen.data_dir else request.downloads("fashion-mnist")
    if not chosen.data_dir:
        fashion_mnist.fetch_all(files)
    limits = {"train": chosen.train_rows, "eval": chosen.eval_rows}
    stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(files.glob("*-ubyte*"))]
    made_from = {"files": str(files.resolve()), "stamps": stamps, "limits": limits, "shards": chosen.shards}
    folder = request.folder("examples", "fashion-mnist", made_from)
    report = (
        ConversionReport.read(folder)
        if folder.exists()
        else fashion_mnist.convert(files, folder, limits=limits, shards=chosen.shards, beam_args=request.beam_args)
    )
    return _prepared(request, folder, report, "Fashion-MNIST (Zalando Research), official files")


def _prepared(request: Preparation, folder: Path, report: ConversionReport, source: str) -> Prepared:
    return Prepared(folder, request.training, source, report.warnings)
