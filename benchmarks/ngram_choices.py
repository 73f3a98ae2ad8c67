"""Measure two choices of the n-gram model: priors by log-count ratio, and the scale of word vectors beside the n-grams.

    .venv/bin/python -m benchmarks.ngram_choices FILES… --vectors GLOVE.txt [--seeds 1]

In: CSV files with Civil Comments' columns. Out: a Markdown page; per file and seed the AUC on the held-out quarter of the
baseline without priors (plain ridge) and with them, and per scale the AUC out of fold in train, which chooses, and on the
held-out quarter, which judges. Scale 0 leaves the vectors out. Ten minutes for 40,000 rows on two cores.
"""

import argparse
import json
import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.text_models import HeldComments, answers, extract
from components.modelling.linear.calibration import balanced_weights
from components.modelling.linear.folds import fold_models, held_out_logits
from components.modelling.linear.rows import read_rows
from components.modelling.linear.solver import LinearModel, fit
from components.modelling.metadata import ModelMetadata
from components.tasks.civil_comments.ngrams import VECTOR_SCALES, NgramModel, auc
from components.tasks.civil_comments.ngrams_trainer import classifier
from data.comments.conversion import ConversionOptions, Sources, convert
from data.text import text_embedding
from data.text.feature_shards import read_shards
from fairgate.names import TRAIN

SCALES = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
PAGE = Path(__file__).parents[1] / "docs" / "ngram-choices.md"


@dataclass(frozen=True)
class NgramChoices:
    """The AUC of one split by each choice.

    Attributes:
        plain, priors: on the held-out quarter, without vectors; plain ridge, and penalised by log-count ratio.
        scales: scale of the vectors -> (AUC out of fold, AUC on the held-out quarter), with priors.
    """

    file: str
    seed: int
    plain: float
    priors: float
    scales: Mapping[float, tuple[float, float]]


def measure(file: Path, seed: int, vectors: Path) -> NgramChoices:
    """Fit the baseline of one split by each choice."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        convert(Sources((str(file),)), folder / "examples", options=ConversionOptions(seed=seed))
        held_out = HeldComments.read(folder / "examples", "eval")
        embedding = str(text_embedding.build_from_vectors(vectors, folder / "vectors"))
        features = folder / "features"
        extract(folder / "examples", features, embedding)
        shards = partial(read_shards, features, TRAIN)
        rows = read_rows(shards)
        weights = balanced_weights(rows.labels)

        def held_out_auc(model: LinearModel) -> float:
            whole = NgramModel(model, 0.0, 0.0, ModelMetadata(architecture="ngrams", recipe="baseline"))
            scores = answers(classifier(features, whole, embedding), held_out.serialized)
            return auc(scores, held_out.labels.astype("uint8"))

        by_scale = {}
        for scale in SCALES:
            fitted = fold_models(shards, weights, vector_scale=scale, by_ratio=True)
            out_of_fold = auc(held_out_logits(fitted, shards), rows.labels)
            by_scale[scale] = (out_of_fold, held_out_auc(fit(shards, weights, vector_scale=scale, by_ratio=True)))
        plain = held_out_auc(fit(shards, weights))
    return NgramChoices(file.name, seed, plain, by_scale[0.0][1], by_scale)


def page(results: Sequence[NgramChoices], vectors: str) -> Iterator[str]:
    """Yield the lines of the Markdown page; `vectors` names the file of word vectors."""
    files = " ".join(dict.fromkeys(result.file for result in results))
    yield "# Two choices of the n-gram model, measured\n"
    yield f"Written by `.venv/bin/python -m benchmarks.ngram_choices {files} --vectors {vectors}`."
    yield "All figures are AUC, of the baseline; a quarter of the texts is held out.\n"
    yield "## Priors by log-count ratio\n"
    yield "| file | seed | plain ridge | priors | difference |"
    yield "|---|--:|--:|--:|--:|"
    for each in results:
        yield f"| {each.file} | {each.seed} | {each.plain:.4f} | {each.priors:.4f} | {each.priors - each.plain:+.4f} |"
    yield "\n## Scale of the vectors beside the n-grams\n"
    yield f"Each cell: out of fold in train, held out. A run chooses among {', '.join(f'{scale:g}' for scale in VECTOR_SCALES)}"
    yield "out of fold; 0 leaves the vectors out.\n"
    yield f"| file, seed | {' | '.join(f'{scale:g}' for scale in SCALES)} | chosen | gain held out |"
    yield f"|---{'|---' * (len(SCALES) + 2)}|"
    for each in results:
        chosen = max(VECTOR_SCALES, key=lambda scale: each.scales[scale][0])
        cells = " | ".join(f"{inside:.4f}, {outside:.4f}" for inside, outside in each.scales.values())
        yield f"| {each.file}, {each.seed} | {cells} | {chosen:g} | {each.scales[chosen][1] - each.priors:+.4f} |"


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args()
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    results = []
    for file in given.files:
        for seed in range(1, given.seeds + 1):
            results.append(measure(file, seed, given.vectors))
            print(json.dumps(asdict(results[-1])), flush=True)
    given.to.write_text("\n".join(page(results, given.vectors.name)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
