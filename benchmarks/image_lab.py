"""Repeat the published image lab: its two networks over five seeds, on the official Fashion-MNIST files.

Flow: the four files -> for each seed both recipes of the preset, built, trained and measured by the image tasks' own functions
-> one JSON line per network, appended as it is done -> the lab's 2 x 2 table (dropout x split) with mean and standard deviation.

    nice .venv/bin/python -m benchmarks.image_lab --data-dir FOLDER

One network takes three to ten minutes on one core. A second call trains what the file of results lacks and prints the table.
"""

import argparse
import itertools
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.tasks.base import Recipe
from components.tasks.images import published
from components.tasks.images.config import ImagesTraining
from components.tasks.images.model_config import ImageModelConfig
from data.images import digits, fashion_mnist
from data.images.examples import LabelledImages
from data.images.formats import DIGITS, FASHION_MNIST, ImageFormat
from fairgate.names import BASELINE, CANDIDATE, EVAL

RESULTS = Path("runs/benchmarks/image_lab.jsonl")
RECIPES: dict[Recipe, str] = {"baseline": "without dropout", "remediated": "with dropout"}
FIGURES = ("train_accuracy", "train_loss", "fitted_accuracy", "fitted_loss", "test_accuracy", "test_loss", "epochs")
_NETWORKS: dict[str, Recipe] = {BASELINE: "baseline", CANDIDATE: "remediated"}
# Figures of the published lab: those of train are running means of the last epoch.
PUBLISHED: dict[tuple[Recipe, str], float] = {
    (_NETWORKS[model], f"{'test' if split == EVAL else split}_{metric}"): value
    for model, split, metric, value in published.FIGURES
}


@dataclass(frozen=True)
class LabResult:
    """The figures of one trained network.

    Attributes:
        preset, recipe, seed: of which network.
        epochs: after which training ended.
        train_accuracy, train_loss: running means of the last epoch, with dropout at work and the weights still moving.
        fitted_accuracy, fitted_loss: of the finished network on the training images.
        test_accuracy, test_loss: of the finished network on the test images.
        seconds: of the training.
    """

    preset: str
    recipe: Recipe
    seed: int
    epochs: int
    train_accuracy: float
    train_loss: float
    fitted_accuracy: float
    fitted_loss: float
    test_accuracy: float
    test_loss: float
    seconds: float


def measure(preset: str, recipe: Recipe, seed: int, splits: dict[str, LabelledImages], image_format: ImageFormat) -> LabResult:
    """Train one network of a preset with the image tasks' own functions, and measure it on both splits."""
    from components.tasks.images.model import predict, train_members  # imports TensorFlow

    training = ImagesTraining(preset=preset)
    config: ImageModelConfig = training.model(recipe)
    arrays = {split: _scaled(labelled, image_format) for split, labelled in splits.items()}
    begin = time.monotonic()
    (network,), curves = train_members(*arrays["train"], len(image_format.classes), config, seed)
    seconds = time.monotonic() - begin
    last = max(point.step for point in curves)
    train = {point.metric: point.value for point in curves if point.step == last and point.split == "train"}
    fitted, test = (accuracy_and_loss(predict(network, images), labels) for images, labels in (arrays["train"], arrays["eval"]))
    epochs = len({point.step for point in curves})
    return LabResult(preset, recipe, seed, epochs, train["accuracy"], train["loss"], *fitted, *test, round(seconds, 1))


def _scaled(labelled: LabelledImages, image_format: ImageFormat) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images float32[N, pixels], 0..1, as the graph's preprocessing does, and labels int64[N]."""
    images = labelled.images.reshape(len(labelled), -1).astype(np.float32) / np.float32(image_format.pixel_max)
    return images, labelled.labels.astype(np.int64)


def accuracy_and_loss(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return the accuracy and the mean cross-entropy of probabilities float32[N, C]; a probability counts as 1e-7 at least."""
    right = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float((probabilities.argmax(axis=1) == labels).mean()), float(-np.log(np.clip(right, 1e-7, 1)).mean())


def read_results(path: Path) -> list[LabResult]:
    """Return the results that the file holds; none where there is no file."""
    return [LabResult(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def table(results: Sequence[LabResult], known: Mapping[tuple[Recipe, str], float]) -> Iterator[str]:
    """Yield the lines of a Markdown table: of each figure and network the mean and the standard deviation (of n - 1).

    Where a figure is published, it stands beside, with its distance from the mean in standard deviations.
    """
    yield f"| figure | {' | '.join(f'{words} | published' for words in RECIPES.values())} |"
    yield "|---|" + "--:|" * 2 * len(RECIPES)
    for figure in FIGURES:
        cells = [
            _cells([getattr(result, figure) for result in results if result.recipe == recipe], known.get((recipe, figure)))
            for recipe in RECIPES
        ]
        yield f"| {figure.replace('_', ' ')} | {' | '.join(cells)} |"


def _cells(values: Sequence[float], known: float | None) -> str:
    if len(values) < 2:
        return "– | –"
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    away = f" ({(known - mean) / deviation:+.1f} sd)" if known is not None and deviation else ""
    beside = "–" if known is None else f"{known:.4g}{away}"
    digits = 1 if mean > 1 else 4  # epochs, or shares and losses
    return f"{mean:.{digits}f} ± {deviation:.{digits}f} (n = {len(values)}) | {beside}"


def main(argv: Sequence[str] | None = None) -> None:
    """Train what the file of results lacks, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-dir", type=Path, help="folder with the four official files of Fashion-MNIST")
    parser.add_argument("--preset", choices=["lab", "digits-lab"], default="lab", help="preset of both networks")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 1 (default: 5)")
    parser.add_argument("--results", type=Path, default=RESULTS, help=f"JSON lines of results (default: {RESULTS})")
    parser.add_argument("--threads", type=int, default=1, help="threads of TensorFlow (default: 1)")
    asked = parser.parse_args(argv)
    if asked.preset == "lab" and asked.data_dir is None:
        parser.error("the preset lab needs --data-dir FOLDER with the four official files of Fashion-MNIST")
    _use_threads(asked.threads)
    asked.results.parent.mkdir(parents=True, exist_ok=True)
    splits, image_format = (
        (fashion_mnist.read_splits(asked.data_dir), FASHION_MNIST) if asked.preset == "lab" else (digits.read_splits(), DIGITS)
    )
    done = complete(asked.results, asked.preset, range(1, asked.seeds + 1), splits, image_format)
    print(*table(done, PUBLISHED if asked.preset == "lab" else {}), sep="\n")


def complete(
    path: Path, preset: str, seeds: Iterable[int], splits: dict[str, LabelledImages], image_format: ImageFormat
) -> list[LabResult]:
    """Train what the file of results lacks, append each result to it, and return all of the preset and the seeds."""
    seeds = list(seeds)
    done = {(result.seed, result.recipe): result for result in read_results(path) if result.preset == preset}
    for seed, recipe in itertools.product(seeds, RECIPES):
        if (seed, recipe) not in done:
            result = measure(preset, recipe, seed, splits, image_format)
            with path.open("a") as file:
                file.write(json.dumps(asdict(result)) + "\n")
            done[seed, recipe] = result
            print(f"seed {seed}, {RECIPES[recipe]}: {result.epochs} epochs, {result.seconds:.0f} s", flush=True)
    return [done[seed, recipe] for seed, recipe in itertools.product(seeds, RECIPES)]


def _use_threads(threads: int) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


if __name__ == "__main__":
    main()
