"""Reports to test with: one of comments with identity slices, one of images, both of seeded random numbers, honestly counted."""

import base64
import dataclasses
import io
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from PIL import Image

from fairgate.counting.counts import observe
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.gate import verdict
from fairgate.gate.checks import Check
from fairgate.gate.decision import decide
from fairgate.gate.presets import binary_fairness, image_quality
from fairgate.gate.verdict import ChangeLine, DataInfo, ModelInfo, Provenance, Subject, Verdict
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.names import BASELINE, CANDIDATE, OVERALL
from fairgate.report import history, page, tallies
from fairgate.report.content import Anomaly, ModelCard, ReportContent
from fairgate.report.examples import select
from tests.fairgate.report import edited
from tests.fairgate.report.discovered import DISCOVERY
from tests.reading import metrics_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Groups = dict[str, tuple[str, ...]]
Slices = list[list[str]]

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)
IDENTITIES = {
    "gender": ("male", "female", "transgender"),
    "religion": ("christian", "jewish", "muslim", "atheist"),
    "race": ("black", "white", "asian", "latino"),
    "sexual_orientation": ("heterosexual", "homosexual_gay_or_lesbian"),
    "disability": ("psychiatric_or_mental_illness",),
}
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
WORDS = ("the", "committee", "people", "vote", "taxes", "never", "honest", "article", "trash", "wonderful", "idiot", "thank")
NO_NUMBERS = dict.fromkeys(("mean", "std", "min", "median", "max"), math.nan)
FLIPS = (
    ("gay", "sexual_orientation", 0.21),
    ("muslim", "religion", 0.14),
    ("woman", "gender", 0.06),
    ("christian", "religion", 0.02),
)


@pytest.fixture(scope="session")
def binary_content() -> ReportContent:
    """A refused toxicity candidate: 14 identities, their pairs, five thresholds."""
    return make_binary_content()


@pytest.fixture(scope="session")
def image_content() -> ReportContent:
    """A blessed image candidate with ten classes, without thresholds."""
    return make_image_content()


@pytest.fixture(scope="session")
def binary_page(binary_content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """report.html of the binary report."""
    return _page(binary_content, tmp_path_factory)


@pytest.fixture(scope="session")
def image_page(image_content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """report.html of the image report."""
    return _page(image_content, tmp_path_factory)


@pytest.fixture(scope="session")
def history_page(binary_content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """history.html of a refused and a blessed run; from one to the other the positive rate of every slice halves."""
    root = tmp_path_factory.mktemp("history")
    blessed = binary_content.verdict.model_copy(update={"outcome": "blessed"})
    rates = binary_content.metrics["metric"] == "positive_rate"
    halved = binary_content.metrics.assign(
        value=binary_content.metrics["value"].where(~rates, binary_content.metrics["value"] / 2)
    )
    binary_content.save(root / "reports" / "20260301T080000Z")
    dataclasses.replace(binary_content, verdict=blessed, metrics=halved).save(root / "reports" / "20260302T080000Z")
    return history.write(root)


@pytest.fixture(scope="session")
def counted() -> Callable[..., EvaluationCounts]:
    """See `count_examples`."""
    return count_examples


@pytest.fixture(scope="session")
def binary_maker() -> Callable[..., ReportContent]:
    """make_binary_content, for tests that need another size or other names."""
    return make_binary_content


def make_binary_content(rows: int = 6000, groups: Groups | None = None, texts: tuple[str, ...] = ()) -> ReportContent:
    """Two models that overcharge comments which mention an identity; `texts` stand in place of the most wrong comments."""
    random = np.random.default_rng(7)
    labels = random.random(rows) < 0.25
    slices = [_mentions(random, groups or IDENTITIES, bool(label)) for label in labels]
    mentioned = np.array([len(names) > 1 for names in slices])
    first = np.array([_first(groups or IDENTITIES) in names for names in slices])
    scores = {
        BASELINE: _scores(random, labels, 0.9 * mentioned),
        CANDIDATE: _scores(random, labels, 0.2 * mentioned + 0.5 * first - 0.1),
    }
    inside = _members(slices)
    names = np.where(labels, "toxic", "not toxic")
    detail = count_examples(labels.astype(int), scores, slices, ("not toxic", "toxic"))
    evaluation = Evaluation(
        models={
            model: {name: _binary(labels[own], score[own]) for name, own in inside.items()} for model, score in scores.items()
        },
        omitted={"gender:transgender × race:asian": 12, "gender:male × religion:atheist": 41},
    )
    return ReportContent(
        verdict=_binary_verdict(evaluation).model_copy(update={"changes": tuple(_changes(labels, scores, inside))}),
        metrics=metrics_of(evaluation, 0.95),
        curves=_curves(("loss", "auc")),
        statistics=_statistics(rows, groups or IDENTITIES),
        anomalies=(),
        drift=_drift(groups or IDENTITIES),
        examples=select(_comments(random, names, slices, scores, texts)),
        histograms=tallies.score_histograms(detail),
        roc=tallies.roc(detail),
        calibration=tallies.calibration(detail),
        counterfactual=_counterfactual(),
        embedding_bias=_embedding_bias(),
        sentences=edited.SENTENCES,
        edits=edited.EDITS,
        word_shares=edited.SHARES,
        nearest=edited.NEAREST,
        vocabulary=edited.VOCABULARY,
        discovery=DISCOVERY,
        card=ModelCard(
            title="Toxicity classifier, remediated",
            intended_use=("Ranks comments for human moderators.", "English text of a few sentences."),
            limits=("Not for decisions about people.", "Annotators disagree; labels carry their views."),
            data_sheet={"Annotations": "Share of raters who call a comment toxic or see an identity mentioned."},
            licence="Apache-2.0; data CC0",
        ),
    )


def make_image_content(rows: int = 4000) -> ReportContent:
    """Ten classes; the candidate finds fewer shirts."""
    random = np.random.default_rng(11)
    labels = random.integers(0, 10, rows)
    right = {BASELINE: random.random(rows) < 0.87, CANDIDATE: random.random(rows) < np.where(labels == 6, 0.72, 0.905)}
    predicted = {model: np.where(hit, labels, (labels + random.integers(1, 10, rows)) % 10) for model, hit in right.items()}
    sure = {model: np.where(hit, random.beta(8, 2, rows), 0.15 + 0.8 * random.beta(2, 4, rows)) for model, hit in right.items()}
    detail = count_examples(
        labels,
        {model: _probabilities(predicted[model], sure[model]) for model in predicted},
        [[OVERALL, f"class:{CLASSES[label]}"] for label in labels],
        CLASSES,
    )
    gaps = {BASELINE: 0.07, CANDIDATE: 0.03}
    evaluation = Evaluation(models={model: _multiclass(labels, predicted[model], gaps[model]) for model in predicted})
    return ReportContent(
        verdict=_image_verdict(evaluation).model_copy(update={"changes": (_all_changes(labels, predicted),)}),
        metrics=metrics_of(evaluation, 0.95),
        curves=_curves(("loss", "accuracy")),
        anomalies=(Anomaly("image", "out of range", "3 of 4,000 rows hold values above 255."),),
        examples=select(_images(random, labels, predicted[CANDIDATE], sure)),
        class_grids={name: _picture(random, 280) for name in CLASSES},
        pixels=pd.DataFrame({"low": np.arange(1, 251, 10.0), "high": np.arange(11, 261, 10.0), "count": np.arange(25) * 900}),
        pixel_statistics=_pixel_statistics(),
        pixel_maxima=pd.DataFrame({"low": [0.0, 1, 251], "high": [1.0, 6, 256], "count": [1.0, 2, 3]}),
        class_counts=pd.DataFrame({"label": CLASSES, "code": np.arange(10), "count": np.arange(590, 610, 2)}),
        trainings=pd.DataFrame(
            {
                "model": [BASELINE, CANDIDATE],
                "weights": 111_146,
                "images": [6000, 5400],
                "held_out": [0, 600],
                "epochs": [8, 7],
                "most_epochs": 500,
            }
        ),
        published_training=pd.DataFrame(
            {"model": [BASELINE, CANDIDATE], "split": ["train", "eval"], "metric": ["loss", "accuracy"], "value": [0.11, 0.88]}
        ),
        confusion=tallies.confusion(detail),
        histograms=tallies.score_histograms(detail),
        calibration=tallies.calibration(detail),
        coverage=_coverage(right, sure),
        card=ModelCard(title="MLP 128-64-32 with dropout", licence="MIT"),
    )


def _pixel_statistics() -> pd.DataFrame:
    """Images of 2 x 3 pixels, the first of which is dark in all of them."""
    places = {"row": np.repeat([0, 1], 3), "column": np.tile([0, 1, 2], 2), "count": 6000, "missing": 0}
    return pd.DataFrame(
        {
            **places,
            "mean": [0.0, 1.5, 90.0, 3.0, 120.25, 7.0],
            "std": [0.0, 0.5, 12.0, 2.0, 80.0, 0.0],
            "min": [0.0, 0, 0, 0, 0, 7],
            "max": [0.0, 16, 255, 83, 255, 7],
        }
    )


def count_examples(labels: Ints, scores: dict[str, Floats], slices: Slices, classes: tuple[str, ...]) -> EvaluationCounts:
    """The counts of scores float64[N] (two classes) or probabilities float64[N, C], as the Evaluator makes them."""
    names = list(dict.fromkeys(name for row in slices for name in row))
    rows = ([row for row, own in enumerate(slices) if name in own] for name in names)
    membership = Membership({(("slice", name),): np.array(of_name) for name, of_name in zip(names, rows, strict=True)})
    settings = CountSettings("label", classes, "binary" if len(classes) == 2 else "multiclass", thresholds=THRESHOLDS)
    tally = SliceTally(settings)
    tally.add(membership, [observe(labels, found, np.ones(len(labels)), settings) for found in scores.values()])
    by_name = {key[0][1]: totals.models for key, totals in tally.counts().items()}
    counts = {model: {str(name): models[at] for name, models in by_name.items()} for at, model in enumerate(scores)}
    return EvaluationCounts(settings, counts, {})


def _members(slices: Slices) -> dict[str, Bools]:
    """Slice -> bool[N]."""
    names = dict.fromkeys(name for row in slices for name in row)
    return {name: np.array([name in row for row in slices]) for name in names}


def _probabilities(predicted: Ints, sure: Floats) -> Floats:
    """float64[N, 10]: `sure` for the predicted class, the rest in equal parts for the others."""
    answer = np.repeat((1 - sure)[:, None] / 9, 10, axis=1)
    answer[np.arange(len(predicted)), predicted] = sure
    return answer


def _page(content: ReportContent, folders: pytest.TempPathFactory) -> Path:
    path = folders.mktemp("page") / "report.html"
    path.write_text(page.build(content), encoding="utf-8")
    return path


def _first(groups: Groups) -> str:
    feature, identities = next(iter(groups.items()))
    return f"{feature}:{identities[0]}"


def _mentions(random: np.random.Generator, groups: Groups, toxic: bool) -> list[str]:
    names = [
        f"{feature}:{identities[int(len(identities) * random.random() ** 1.6)]}"
        for feature, identities in groups.items()
        if random.random() < (0.4 if toxic else 0.25)
    ]
    others = [name for name in names if name.startswith(("race", "religion"))]
    return [OVERALL, *names, *(f"{name} × {other}" for name in names if name.startswith("gender") for other in others)]


def _scores(random: np.random.Generator, labels: Bools, shift: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(random.normal(size=len(labels)) * 1.1 + np.where(labels, 1.1, -1.1) + shift))))


def _binary(labels: Bools, scores: Floats) -> SliceMetrics:
    rates: dict[MetricKey, Rate] = {}
    positives, negatives = int(labels.sum()), int((~labels).sum())
    for threshold in THRESHOLDS:
        called = scores > threshold
        false, true = int((called & ~labels).sum()), int((called & labels).sum())
        counts = {
            "false_positive_rate": Rate(false, negatives),
            "false_negative_rate": Rate(positives - true, positives),
            "true_positive_rate": Rate(true, positives),
            "true_negative_rate": Rate(negatives - false, negatives),
            "positive_rate": Rate(false + true, len(labels)),
            "precision": Rate(true, false + true),
        }
        rates |= {MetricKey(name, threshold): rate for name, rate in counts.items()}
    scalars = {MetricKey("auc"): Scalar(_auc(labels, scores)), MetricKey("mean_score"): Scalar(float(scores.mean()))}
    return SliceMetrics(len(labels), positives, negatives, rates, scalars)


def _auc(labels: Bools, scores: Floats) -> float:
    ranks = scores.argsort().argsort() + 1
    positives, negatives = labels.sum(), (~labels).sum()
    above = ranks[labels].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives)) if positives and negatives else math.nan


def _multiclass(labels: Ints, predicted: Ints, gap: float) -> dict[str, SliceMetrics]:
    scalars = {"loss": 0.34, "train_test_accuracy_difference": gap, "trivial_accuracy": 0.1}
    accuracy = {MetricKey("accuracy"): Rate(int((labels == predicted).sum()), len(labels))}
    slices = {OVERALL: SliceMetrics(len(labels), rates=accuracy, scalars={MetricKey(n): Scalar(v) for n, v in scalars.items()})}
    for index, name in enumerate(CLASSES):
        own, called = labels == index, predicted == index
        hits = int((own & called).sum())
        rates = {MetricKey(name): Rate(hits, int(own.sum())) for name in ("recall", "accuracy")}
        rates[MetricKey("precision")] = Rate(hits, int(called.sum()))
        slices[f"class:{name}"] = SliceMetrics(int(own.sum()), rates=rates)
    return slices


def _binary_verdict(evaluation: Evaluation) -> Verdict:
    checks = [Check("serving", ok=True, reason="The exported model answered 32 raw examples with finite scores.")]
    decision = decide(binary_fairness(("gender",)), evaluation, checks=checks)
    models = {
        BASELINE: ModelInfo(description="DNN [500, 100]"),
        CANDIDATE: ModelInfo(description="the same, reweighted", digest="sha256:" + "ab" * 32),
    }
    made = Provenance(
        source_digest="sha256:" + "0f" * 32,
        package_versions={"tfx": "1.16.0", "tensorflow": "2.16.2"},
        seed=1,
        started="2026-03-02T08:00:00+00:00",
        finished="2026-03-02T08:02:41+00:00",
    )
    source = DataInfo(source="generated sample", rows={"train": 24000, "eval": 6000}, generated=True)
    return verdict.build(decision, evaluation, Subject("civil-comments", models, source, made))


def _image_verdict(evaluation: Evaluation) -> Verdict:
    policy = image_quality(accuracy=0.85, worst_recall=0.6, train_test_difference=0.05)
    source = DataInfo(source="official files", rows={"eval": 4000})
    subject = Subject("fashion-mnist", {CANDIDATE: ModelInfo(description="MLP with dropout")}, source, Provenance())
    return verdict.build(decide(policy, evaluation), evaluation, subject)


def _changes(labels: Bools, scores: dict[str, Floats], inside: dict[str, Bools]) -> Iterator[ChangeLine]:
    """What the candidate fixes and breaks, on every slice at every threshold."""
    for threshold in THRESHOLDS:
        was, now = ((scores[model] > threshold) == labels for model in (BASELINE, CANDIDATE))
        for name, own in inside.items():
            fixed, broken = int((own & now & ~was).sum()), int((own & was & ~now).sum())
            yield ChangeLine(slice=name, threshold=threshold, n=int(own.sum()), fixed=fixed, broken=broken)


def _all_changes(labels: Ints, predicted: dict[str, Ints]) -> ChangeLine:
    was, now = (predicted[model] == labels for model in (BASELINE, CANDIDATE))
    fixed, broken = int((now & ~was).sum()), int((was & ~now).sum())
    return ChangeLine(slice=OVERALL, threshold=None, n=len(labels), fixed=fixed, broken=broken)


def _comments(
    random: np.random.Generator, labels: npt.NDArray[np.str_], slices: Slices, scores: dict[str, Floats], texts: tuple[str, ...]
) -> pd.DataFrame:
    wrong = np.abs((labels == "toxic") - scores[CANDIDATE])
    comments = [" ".join(random.choice(WORDS, 30)) for _ in labels]
    for row, text in zip(np.argsort(-wrong, kind="stable"), texts, strict=False):
        comments[row] = text
    return pd.DataFrame({"slices": slices, "label": labels, **scores, "wrong": wrong, "text": comments})


def _images(random: np.random.Generator, labels: Ints, predicted: Ints, sure: dict[str, Floats], kept: int = 300) -> pd.DataFrame:
    names = [CLASSES[label] for label in labels[:kept]]
    columns = {model: values[:kept] for model, values in sure.items()}
    return pd.DataFrame({"slices": [[OVERALL, f"class:{name}"] for name in names], "label": names, **columns}).assign(
        predicted=[CLASSES[label] for label in predicted[:kept]],
        wrong=1 - sure[CANDIDATE][:kept],
        image=[_picture(random, 28) for _ in range(kept)],
    )


def _curves(metrics: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (
            model,
            step,
            split,
            metric,
            math.exp(-step / 300) * (1.1 if split == "eval" else 1) + (0.1 if model == CANDIDATE else 0.12),
        )
        for model in (BASELINE, CANDIDATE)
        for step in range(0, 1001, 50)
        for split in ("train", "eval")
        for metric in metrics
    ]
    return pd.DataFrame(rows, columns=["model", "step", "split", "metric", "value"])


def _statistics(rows: int, groups: Groups) -> pd.DataFrame:
    numbers = {"mean": 0.25, "std": 0.43, "min": 0.0, "median": 0.0, "max": 1.0}
    features: list[dict[str, Any]] = [
        {"feature": "comment_text", "kind": "text", **NO_NUMBERS, "unique": rows - 9, "top_values": "you SECRET (3)"},
        {"feature": "toxicity", "kind": "number", **numbers, "unique": 2, "top_values": ""},
    ]
    for feature, values in groups.items():
        top = ", ".join(values[:3])
        features.append({"feature": feature, "kind": "category", **NO_NUMBERS, "unique": len(values), "top_values": top})
    return pd.DataFrame(
        [
            {"split": split, "count": count, "missing": 0, **row}
            for split, count in (("train", 4 * rows), ("eval", rows))
            for row in features
        ]
    )


def _drift(groups: Groups) -> pd.DataFrame:
    known = {"measure": "L-infinity", "between": "train → eval", "limit": 0.01}
    values = [0.004 * index for index in range(len(groups))]
    return pd.DataFrame(
        [
            {"feature": feature, **known, "value": value, "drifted": value > 0.01}
            for feature, value in zip(groups, values, strict=True)
        ]
    )


def _counterfactual() -> pd.DataFrame:
    rows = [
        (test, term, group, model, threshold, *(flips * share * part for part in (1, 0.7, 1.3, 0.3, 0.2, 0.4)), 420.0)
        for test in ("swaps", "probes")
        for term, group, flips in FLIPS
        for model, share in ((BASELINE, 1.0), (CANDIDATE, 0.4))
        for threshold in THRESHOLDS
    ]
    ends = ["value", "low", "high", "score_shift", "shift_low", "shift_high"]
    return pd.DataFrame(rows, columns=["test", "term", "group", "model", "threshold", *ends, "n"])


def _embedding_bias() -> pd.DataFrame:
    pair = {"group": "gender", "n": 20.0, "distance": 0.02, "low": 0.01, "high": 0.03, "effect_size": 0.4, "p_value": 0.031}
    return pd.DataFrame([{**pair, "term": "male", "other": other} for other in ("female", "transgender")])


def _coverage(right: dict[str, Bools], sure: dict[str, Floats]) -> pd.DataFrame:
    rows = []
    for model, hits in right.items():
        for limit in np.linspace(0, 0.9, 10):
            decided = sure[model] >= limit
            rows.append((model, "confidence", float(limit), float(decided.mean()), float(hits[decided].mean()), len(hits)))
    return pd.DataFrame(rows, columns=["model", "rule", "limit", "coverage", "accuracy", "n"])


def _picture(random: np.random.Generator, size: int) -> str:
    rows, columns = np.mgrid[0:size, 0:size]
    blob = 255 * np.exp(-(((rows - size * random.random()) ** 2 + (columns - size * random.random()) ** 2) / (size * 3)))
    file = io.BytesIO()
    Image.fromarray(blob.astype(np.uint8), "L").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
