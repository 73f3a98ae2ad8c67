"""Prepare the images for the graph: download or find the files, and convert them.

In: the task's input configuration. Out: `Prepared`. A conversion lies under a name that is a digest of what it was made from,
so that a second run finds it again.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from components.tasks.base import Preparation, Prepared
from components.tasks.images.config import DigitsInput, FashionInput
from data.conversion_report import ConversionReport
from data.images import digits, fashion_mnist
from fairgate.files import file_digest


def prepare_digits(request: Preparation) -> Prepared:
    """Prepare scikit-learn's digits, a stratified tenth held out."""
    if not isinstance(request.input, DigitsInput):
        raise TypeError(f"not of this task: {type(request.input).__name__}")
    folder = _folder(request, {"task": "digits", "seed": request.seed, "reader": file_digest(digits.__file__)})
    report = (
        ConversionReport.read(folder)
        if folder.exists()
        else digits.convert(folder, seed=request.seed, beam_args=request.beam_args)
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
    files = Path(chosen.data_dir) if chosen.data_dir else request.root / "downloads" / "fashion-mnist"
    if not chosen.data_dir:
        fashion_mnist.fetch_all(files)
    limits = {"train": chosen.train_rows, "eval": chosen.eval_rows}
    stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(files.glob("*-ubyte*"))]
    folder = _folder(
        request,
        {"files": str(files.resolve()), "stamps": stamps, "limits": limits, "reader": file_digest(fashion_mnist.__file__)},
    )
    report = (
        ConversionReport.read(folder)
        if folder.exists()
        else fashion_mnist.convert(files, folder, limits=limits, beam_args=request.beam_args)
    )
    return _prepared(request, folder, report, "Fashion-MNIST (Zalando Research), official files")


def _folder(request: Preparation, made_from: dict[str, Any]) -> Path:
    key = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
    return request.root / "examples" / f"images-{key}"


def _prepared(request: Preparation, folder: Path, report: ConversionReport, source: str) -> Prepared:
    rows = {split: known.rows for split, known in report.splits.items()}
    return Prepared(folder, request.training, source, rows, report.warnings)
