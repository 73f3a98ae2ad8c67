"""Compare text models on comment files: the n-gram models, the network, and three that scikit-learn fits on the same rows.

    .venv/bin/python -m benchmarks.text_models FILES… [--seeds 5] [--vectors GLOVE.txt] [--to docs/text-models.md]

In: CSV files with Civil Comments' columns; those with fewer than 5,000 rows are split by several seeds. Out: a Markdown page: per
file the AUC of every model on the held-out quarter, error rates at 0.5, BPSN and BNSP AUC of the weakest group, and the outcome
of the default policy. Five minutes for 40,000 rows on two cores.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from components.evaluation.eval_config import auc_slices_of
from components.modelling.feature_extraction import extract_features
from components.modelling.feature_settings import FeatureSettings
from components.modelling.ngram_classifier import NgramClassifier
from components.remedies.reweighting import candidate_weights
from components.tasks.base import Recipe
from components.tasks.civil_comments import ngrams, trainer
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.features_plan import EMBEDDER
from components.tasks.civil_comments.ngrams_trainer import classifier
from components.tasks.civil_comments.task import TASK
from data.comments.conversion import ConversionOptions, Sources, convert
from data.comments.names import IDENTITIES, LABEL, TEXT
from data.records import decode_example, read_records
from data.text import text_embedding
from fairgate.gate.decision import decide
from fairgate.measurement import Evaluation, MetricKey
from fairgate.names import BASELINE, CANDIDATE, OVERALL, REFERENCE
from fairgate.predictions import evaluate_predictions

SMALL = 5000  # rows below which one split says little
Scores = npt.NDArray[np.float64]
MODELS: Mapping[Recipe, str] = {"baseline": BASELINE, "remediated": CANDIDATE, "reference": REFERENCE}
PAGE = Path(__file__).parents[1] / "docs" / "text-models.md"


@dataclass(frozen=True, eq=False)
class HeldComments:
    """The comments of one split: texts, labels int[n], and the identities of each by feature."""

    serialized: list[bytes]
    texts: list[str]
    labels: npt.NDArray[np.int64]
    identities: Mapping[str, list[tuple[str, ...]]]

    @classmethod
    def read(cls, folder: Path, split: str) -> "HeldComments":
        """Read a split of converted comments."""
        files = sorted((folder / f"Split-{split}").glob("*.tfrecord.gz"))
        serialized = [record for file in files for record in read_records(file)]
        rows = [decode_example(record) for record in serialized]
        identities = {name: [tuple(_text(value) for value in row.get(name, ())) for row in rows] for name in IDENTITIES}
        texts = [_text(row[TEXT][0]) for row in rows]
        return cls(serialized, texts, np.array([int(row[LABEL][0]) for row in rows]), identities)


@dataclass(frozen=True)
class TextResult:
    """What was measured on one split of one file: AUC of every model, the candidate's rates at 0.5, the verdict."""

    file: str
    seed: int
    rows: int
    toxic: float
    aucs: Mapping[str, float]
    false_positive_rate: float
    false_negative_rate: float
    bpsn_auc: float
    bnsp_auc: float
    outcome: str
    summary: str
    remedy: str
    seconds: float


def measure(file: Path, seed: int, vectors: Path | None) -> TextResult:
    """Split a file, train every model on one part and measure all of them on the other."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        convert(Sources((str(file),)), folder / "examples", options=ConversionOptions(seed=seed))
        train, held_out = (HeldComments.read(folder / "examples", split) for split in ("train", "eval"))
        scores = dict(_ngrams(folder, held_out, folder / "features", ""))
        remedy = json.loads((folder / "remedy.json").read_text())
        if vectors is not None:
            embedding = text_embedding.build_from_vectors(vectors, folder / "vectors")
            with_vectors = dict(_ngrams(folder, held_out, folder / "with-vectors", str(embedding), ("baseline",)))
            scores["ngrams + vectors"] = with_vectors[BASELINE]
        scores["network"] = _network(folder, train, held_out, seed)
    scores |= {name: make(train, held_out) for name, make in RIVALS.items()}
    evaluation = evaluate_predictions(
        held_out.labels,
        {name: scores[name] for name in (BASELINE, CANDIDATE, REFERENCE)},
        held_out.identities,
        auc_slices=auc_slices_of(TASK.policy),
    )
    decision = decide(TASK.policy, evaluation)
    overall = evaluation.models[CANDIDATE][OVERALL]
    return TextResult(
        file.name,
        seed,
        len(train.texts) + len(held_out.texts),
        float(np.mean(np.concatenate([train.labels, held_out.labels]))),
        {name: float(roc_auc_score(held_out.labels, of_model)) for name, of_model in scores.items()},
        overall.value(MetricKey("false_positive_rate", 0.5)),
        overall.value(MetricKey("false_negative_rate", 0.5)),
        _weakest(evaluation, "bpsn_auc"),
        _weakest(evaluation, "bnsp_auc"),
        decision.outcome,
        decision.summary,
        remedy,
        time.monotonic() - begun,
    )


def _ngrams(
    folder: Path,
    held_out: HeldComments,
    features: Path,
    embedding: str,
    recipes: Sequence[Recipe] = ("baseline", "remediated", "reference"),
) -> Iterator[tuple[str, Scores]]:
    """Yield the scores of the n-gram models on the held-out comments."""
    extract(folder / "examples", features, embedding)
    for recipe in recipes:
        model = ngrams.train(features, CommentsTraining(embedding=embedding), recipe)
        if recipe == "remediated" and not embedding:
            remedy = model.metadata.remedy
            (folder / "remedy.json").write_text(json.dumps(remedy.sentence if remedy else ""))
        yield MODELS[recipe], answers(classifier(features, model, embedding), held_out.serialized)


def extract(folder: Path, features: Path, embedding: str = "") -> None:
    """Write the features of the converted comments of a folder."""
    settings = FeatureSettings(
        text=TEXT, label=LABEL, groups=dict(IDENTITIES), embedding=embedding, embedder=EMBEDDER if embedding else ""
    )
    extract_features(beam.Pipeline(argv=["--direct_running_mode=in_memory"]), str(folder), settings, features)


def answers(model: NgramClassifier, serialized: Sequence[bytes]) -> Scores:
    """Return the score of each serialized example."""
    parts = [
        model.serve(tf.constant(serialized[at : at + 1024]))["score"].numpy()[:, 0] for at in range(0, len(serialized), 1024)
    ]
    return np.asarray(np.concatenate(parts), np.float64)


def _network(folder: Path, train: HeldComments, held_out: HeldComments, seed: int) -> Scores:
    """Return the scores of the network's candidate on a text embedding that is built from the training text."""
    text_embedding.build_from_texts(train.texts, folder / "embedding")
    embedding = TextEmbedding(str(folder / "embedding"))
    vectors = {name: _embedded(embedding, comments.texts) for name, comments in (("train", train), ("eval", held_out))}
    weights = candidate_weights(train.labels, train.identities["gender"])
    order = np.random.default_rng(seed).permutation(len(train.labels))
    rows = trainer.EmbeddedComments(vectors["train"], train.labels.astype(np.float32)[:, np.newaxis], weights[:, np.newaxis])
    model, _ = trainer.train(rows.rows(order), CommentsTraining(model="dnn"), seed)
    return np.asarray(model.predict(vectors["eval"], verbose=0)[:, 0], np.float64)


def _embedded(embedding: TextEmbedding, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    parts = [embedding(tf.constant(texts[at : at + 1024])).numpy() for at in range(0, len(texts), 1024)]
    return np.concatenate(parts)


def _fitted(train: Any, labels: npt.NDArray[np.int64], held_out: Any) -> Scores:
    fitted = LogisticRegression(C=2, max_iter=1000).fit(train, labels)
    return np.asarray(fitted.decision_function(held_out), np.float64)


def _words(train: HeldComments, held_out: HeldComments) -> Scores:
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    return _fitted(vectorizer.fit_transform(train.texts), train.labels, vectorizer.transform(held_out.texts))


def _words_and_characters(train: HeldComments, held_out: HeldComments) -> Scores:
    vectorizers = [
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)),
    ]
    fitted = sparse.hstack([vectorizer.fit_transform(train.texts) for vectorizer in vectorizers]).tocsr()
    return _fitted(
        fitted, train.labels, sparse.hstack([vectorizer.transform(held_out.texts) for vectorizer in vectorizers]).tocsr()
    )


def _nb_svm(train: HeldComments, held_out: HeldComments) -> Scores:
    """Return the scores of Wang and Manning 2012: binary word 1–2-grams scaled by their log-count ratio, logistic regression."""
    vectorizer = CountVectorizer(ngram_range=(1, 2), binary=True)
    counts, others = vectorizer.fit_transform(train.texts), vectorizer.transform(held_out.texts)
    toxic, harmless = (np.asarray(counts[train.labels == label].sum(0)).ravel() + 1 for label in (1, 0))
    ratio = sparse.diags(np.log((toxic / toxic.sum()) / (harmless / harmless.sum())))
    return _fitted(counts @ ratio, train.labels, others @ ratio)


RIVALS: Mapping[str, Callable[[HeldComments, HeldComments], Scores]] = {
    "TF-IDF words": _words,
    "words + characters": _words_and_characters,
    "NB-SVM": _nb_svm,
}


def _weakest(evaluation: Evaluation, metric: str) -> float:
    """Return the least value of a metric among groups of 100 examples or more; NaN without one."""
    key, slices = MetricKey(metric), evaluation.models[CANDIDATE].values()
    return min((each.scalars[key].value for each in slices if each.n >= 100 and key in each.scalars), default=float("nan"))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def page(results: Sequence[TextResult]) -> Iterator[str]:
    """Yield the lines of the Markdown page."""
    models = list(results[0].aucs)
    yield "# Text models compared\n"
    yield "Held out is a quarter of the texts, chosen by a hash; a file with several seeds shows the mean over its splits."
    yield "The candidate is the n-gram model with its remedy;"
    yield "the network is `model: dnn` on an embedding built from the training text.\n"
    yield "Written by `.venv/bin/python -m benchmarks.text_models FILES`.\n"
    yield "## AUC\n"
    yield f"| file (rows, toxic; seeds) | {' | '.join(models)} |"
    yield f"|---{'|--:' * len(models)}|"
    files = list(dict.fromkeys(result.file for result in results))
    for file in files:
        of_file = [result for result in results if result.file == file]
        head = f"{file} ({of_file[0].rows:,}, {of_file[0].toxic:.2f}; {len(of_file)})"
        yield f"| {head} | {' | '.join(f'{np.mean([result.aucs[name] for result in of_file]):.4f}' for name in models)} |"
    yield "\n## The candidate at 0.5, and the default policy\n"
    yield "| file | seed | FPR | FNR | weakest BPSN AUC | weakest BNSP AUC | outcome |"
    yield "|---|--:|--:|--:|--:|--:|---|"
    for result in results:
        rates = (result.false_positive_rate, result.false_negative_rate, result.bpsn_auc, result.bnsp_auc)
        yield f"| {result.file} | {result.seed} | {' | '.join(f'{rate:.3f}' for rate in rates)} | {result.summary} |"
    yield "\n## The remedy\n"
    for result in results:
        yield f"* {result.file}, seed {result.seed}: {result.remedy}"


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args()
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    results = []
    for file in given.files:
        with file.open("rb") as lines:
            small = sum(1 for _ in lines) < SMALL
        for seed in range(1, (given.seeds if small else 1) + 1):
            results.append(measure(file, seed, given.vectors))
            print(json.dumps(asdict(results[-1])), flush=True)
    given.to.write_text("\n".join(page(results)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
