"""Reports to test with: a binary one with identity slices and one with images, both drawn from seeded random numbers and counted honestly."""

import base64
import io
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from components.evaluation.measurement import BASELINE, CANDIDATE, OVERALL, Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from components.gate import verdict
from components.gate.outcome import Decision, RuleOutcome
from components.gate.verdict import DataInfo, ModelInfo, Provenance, Subject
from components.report import content as contents
from components.report.content import Anomaly, ModelCard, ReportContent
from components.report.examples import select

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)
IDENTITIES = {
    "gender": ("male", "female", "transgender"),
    "religion": ("christian", "jewish", "muslim", "atheist"),
    "race": ("black", "white", "asian", "latino"),
    "sexual_orientation": ("heterosexual", "homosexual_gay_or_lesbian"),
    "disability": ("psychiatric_or_mental_illness",),
}
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
WORDS = "the a this committee people vote taxes never always honest article writer trash wonderful idiot thank you council budget again".split()


@pytest.fixture(scope="session")
def binary_content() -> ReportContent:
    """A refused toxicity candidate: 14 identities, their pairs, five thresholds."""
    return make_binary_content()


@pytest.fixture(scope="session")
def image_content() -> ReportContent:
    """A blessed image candidate with ten classes, without thresholds."""
    return make_image_content()


@pytest.fixture(scope="session")
def binary_maker() -> Callable[..., ReportContent]:
    """make_binary_content, for tests that need another size or other names."""
    return make_binary_content


def make_binary_content(rows: int = 6000, identities: dict[str, tuple[str, ...]] | None = None, texts: tuple[str, ...] = ()) -> ReportContent:
    """Scores of two models whose baseline overcharges comments that mention an identity; `texts` stand in place of the first comments."""
    groups = identities or IDENTITIES
    random = np.random.default_rng(7)
    labels = random.random(rows) < 0.25
    slices = [_mentions(random, groups, bool(label)) for label in labels]
    mentioned = np.array([len(names) > 1 for names in slices])
    scores = {
        BASELINE: _squash(random, labels, 0.9 * mentioned),
        CANDIDATE: _squash(random, labels, 0.2 * mentioned + 0.5 * np.array(["gender:male" in names for names in slices]) - 0.1),
    }
    names = sorted({name for row in slices for name in row}, key=lambda name: (name != OVERALL, "×" in name, name))
    inside = {name: np.array([name in row for row in slices]) for name in names}
    evaluation = Evaluation(
        models={model: {name: _binary_metrics(labels[inside[name]], score[inside[name]]) for name in names} for model, score in scores.items()},
        omitted={"gender:transgender × race:asian": 12, "gender:male × religion:atheist": 41},
    )
    table = examples_table(random, labels, slices, scores, texts)
    return ReportContent(
        verdict=_binary_verdict(evaluation),
        metrics=contents.metrics_of(evaluation, 0.95),
        curves=_curves(("loss", "auc")),
        statistics=_text_statistics(rows, groups),
        anomalies=(),
        drift=_drift(groups),
        examples=select(table),
        histograms=_histograms(labels, inside, scores),
        counterfactual=_counterfactual(),
        card=ModelCard(
            title="Toxicity classifier, remediated",
            intended_use=("Ranks comments for human moderators.", "English text of a few sentences."),
            limits=("Not for decisions about people.", "Annotators disagree; labels carry their views."),
            data_sheet={"Annotations": "Share of raters who call a comment toxic or see an identity mentioned."},
            licence="Apache-2.0; data CC0",
        ),
    )


def examples_table(
    random: np.random.Generator, labels: np.ndarray, slices: list[list[str]], scores: dict[str, np.ndarray], texts: tuple[str, ...] = ()
) -> pd.DataFrame:
    """One row per example; where `texts` are given, the most wrong examples carry them."""
    wrong = np.abs(labels - scores[CANDIDATE])
    comments = [" ".join(random.choice(WORDS, 30)) for _ in labels]
    for row, text in zip(np.argsort(-wrong, kind="stable"), texts, strict=False):
        comments[row] = text
    return pd.DataFrame(
        {
            "slices": slices,
            "label": np.where(labels, "toxic", "not toxic"),
            "baseline": scores[BASELINE],
            "candidate": scores[CANDIDATE],
            "wrong": wrong,
            "text": comments,
        }
    )


def make_image_content(rows: int = 4000) -> ReportContent:
    """Ten classes with a few that look alike."""
    random = np.random.default_rng(11)
    labels = random.integers(0, 10, rows)
    correct = {BASELINE: random.random(rows) < 0.87, CANDIDATE: random.random(rows) < np.where(labels == 6, 0.72, 0.905)}
    predicted = {model: np.where(right, labels, (labels + random.integers(1, 10, rows)) % 10) for model, right in correct.items()}
    models = {}
    for model in (BASELINE, CANDIDATE):
        per_class = {f"class:{name}": _class_metrics(labels, predicted[model], index) for index, name in enumerate(CLASSES)}
        models[model] = {OVERALL: _whole_metrics(labels, predicted[model], 0.07 if model == BASELINE else 0.03), **per_class}
    evaluation = Evaluation(models=models)
    sure = {model: np.where(correct[model], random.beta(8, 2, rows), random.beta(2, 4, rows)) for model in correct}
    kept = 300
    examples = pd.DataFrame(
        {
            "slices": [[OVERALL, f"class:{CLASSES[label]}"] for label in labels[:kept]],
            "label": [CLASSES[label] for label in labels[:kept]],
            "predicted": [CLASSES[label] for label in predicted[CANDIDATE][:kept]],
            "baseline": sure[BASELINE][:kept],
            "candidate": sure[CANDIDATE][:kept],
            "wrong": 1 - sure[CANDIDATE][:kept],
            "image": [_picture(random, 28) for _ in range(kept)],
        }
    )
    return ReportContent(
        verdict=_image_verdict(evaluation),
        metrics=contents.metrics_of(evaluation, 0.95),
        curves=_curves(("loss", "accuracy")),
        anomalies=(Anomaly("image", "out of range", "3 of 4,000 rows hold values above 255."),),
        examples=select(examples),
        class_grids={name: _picture(random, 280) for name in CLASSES},
        pixels=pd.DataFrame({"low": np.arange(1, 251, 10.0), "high": np.arange(11, 261, 10.0), "count": random.integers(10_000, 90_000, 25)}),
        confusion=_confusion(labels, predicted),
        coverage=_coverage(correct, sure),
        card=ModelCard(title="MLP 128-64-32 with dropout", licence="MIT"),
    )


def _mentions(random: np.random.Generator, groups: dict[str, tuple[str, ...]], toxic: bool) -> list[str]:
    names = []
    for feature, identities in groups.items():
        if random.random() < (0.4 if toxic else 0.25):
            names.append(f"{feature}:{identities[int(len(identities) * random.random() ** 1.6)]}")
    pairs = [f"{first} × {second}" for first in names for second in names if first.startswith("gender") and second.startswith(("race", "religion"))]
    return [OVERALL, *names, *pairs]


def _squash(random: np.random.Generator, labels: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(random.normal(size=len(labels)) * 1.1 + np.where(labels, 1.1, -1.1) + shift)))


def _binary_metrics(labels: np.ndarray, scores: np.ndarray) -> SliceMetrics:
    rates = {}
    positives, negatives = int(labels.sum()), int((~labels).sum())
    for threshold in THRESHOLDS:
        called = scores > threshold
        false_positives, true_positives = int((called & ~labels).sum()), int((called & labels).sum())
        rates[MetricKey("false_positive_rate", threshold)] = Rate(false_positives, negatives)
        rates[MetricKey("false_negative_rate", threshold)] = Rate(positives - true_positives, positives)
        rates[MetricKey("true_positive_rate", threshold)] = Rate(true_positives, positives)
        rates[MetricKey("true_negative_rate", threshold)] = Rate(negatives - false_positives, negatives)
        rates[MetricKey("positive_rate", threshold)] = Rate(int(called.sum()), len(labels))
        rates[MetricKey("precision", threshold)] = Rate(true_positives, int(called.sum()))
    scalars = {MetricKey("auc"): Scalar(_auc(labels, scores)), MetricKey("mean_score"): Scalar(float(scores.mean()))}
    return SliceMetrics(len(labels), positives, negatives, rates, scalars)


def _auc(labels: np.ndarray, scores: np.ndarray) -> float:
    ranks = scores.argsort().argsort() + 1
    positives, negatives = labels.sum(), (~labels).sum()
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives)) if positives and negatives else math.nan


def _class_metrics(labels: np.ndarray, predicted: np.ndarray, index: int) -> SliceMetrics:
    own = labels == index
    hits = int((predicted[own] == index).sum())
    rates = {MetricKey("recall"): Rate(hits, int(own.sum())), MetricKey("precision"): Rate(hits, int((predicted == index).sum()))}
    return SliceMetrics(int(own.sum()), rates=rates)


def _whole_metrics(labels: np.ndarray, predicted: np.ndarray, gap: float) -> SliceMetrics:
    scalars = {MetricKey("loss"): Scalar(0.34), MetricKey("train_test_gap"): Scalar(gap), MetricKey("trivial_accuracy"): Scalar(0.1)}
    return SliceMetrics(len(labels), rates={MetricKey("accuracy"): Rate(int((labels == predicted).sum()), len(labels))}, scalars=scalars)


def _binary_verdict(evaluation: Evaluation) -> verdict.Verdict:
    key = MetricKey("false_positive_rate", 0.5)
    candidate = evaluation.models[CANDIDATE]
    whole = candidate[OVERALL].value(key)
    rules = []
    for name in candidate:
        if name.partition(":")[0] == "gender" and "×" not in name:
            ratio = candidate[name].value(key) / whole
            outcome = "failed" if ratio > 1.25 else "passed"
            reason = f"False positive rate of {name} at 0.5 is {ratio:.2f} times the overall {whole:.3f}; the limit is 1.25 times."
            rules.append(
                RuleOutcome("false-positive-gap", "gap", name, key.name, outcome, reason, 0.5, ratio, ratio - 0.2, ratio + 0.2, 1.25, 400)  # type: ignore[arg-type]
            )
    change = candidate[OVERALL].value(MetricKey("false_negative_rate", 0.5)) - evaluation.models[BASELINE][OVERALL].value(
        MetricKey("false_negative_rate", 0.5)
    )
    rules.append(
        RuleOutcome(
            "false-negative-guard",
            "guard",
            OVERALL,
            "false_negative_rate",
            "passed",
            f"False negative rate rose by {change:.3f}; at most 0.1 is allowed.",
            0.5,
            change,
            change - 0.02,
            change + 0.02,
            0.1,
            1500,
        )
    )
    rules.append(RuleOutcome("serving", "check", "", "", "passed", "The exported model answered 32 raw examples with finite scores."))
    failed = [rule for rule in rules if rule.outcome == "failed"]
    decision = Decision(
        "refused" if failed else "blessed",
        tuple(rules),
        f"{len(failed)} of {len(rules)} rules failed: the candidate is not published." if failed else "Every rule holds.",
    )
    subject = Subject(
        "civil-comments",
        {BASELINE: ModelInfo(description="DNN [500, 100]"), CANDIDATE: ModelInfo(description="the same, reweighted", digest="sha256:" + "ab" * 32)},
        DataInfo(source="generated sample", rows={"train": 24000, "eval": 6000}, generated=True, splits={"eval": "hash of the text"}),
        Provenance(
            source_digest="sha256:" + "0f" * 32,
            package_versions={"tfx": "1.16.0", "tensorflow": "2.16.2"},
            seed=1,
            started="2026-03-02T08:00:00+00:00",
            finished="2026-03-02T08:02:41+00:00",
        ),
    )
    return verdict.build(decision, evaluation, subject)


def _image_verdict(evaluation: Evaluation) -> verdict.Verdict:
    recalls = {name: metrics.value(MetricKey("recall")) for name, metrics in evaluation.models[CANDIDATE].items() if name != OVERALL}
    worst = min(recalls, key=lambda name: recalls[name])
    accuracy = evaluation.models[CANDIDATE][OVERALL].value(MetricKey("accuracy"))
    rules = (
        RuleOutcome("accuracy-floor", "quality", OVERALL, "accuracy", "passed", f"Accuracy is {accuracy:.3f}.", value=accuracy, limit=0.85, n=4000),
        RuleOutcome("worst-class-recall", "worst_slice", worst, "recall", "passed", f"{worst} is the worst.", value=recalls[worst], limit=0.6, n=400),
    )
    subject = Subject("fashion-mnist", {CANDIDATE: ModelInfo(description="MLP with dropout")}, DataInfo(source="official files", rows={"eval": 4000}), Provenance())
    return verdict.build(Decision("blessed", rules, "Both rules hold: the candidate may be published."), evaluation, subject)


def _curves(metrics: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (model, step, split, metric, math.exp(-step / 300) * (1.1 if split == "eval" else 1) + (0.1 if model == CANDIDATE else 0.12))
        for model in (BASELINE, CANDIDATE)
        for step in range(0, 1001, 50)
        for split in ("train", "eval")
        for metric in metrics
    ]
    return pd.DataFrame(rows, columns=["model", "step", "split", "metric", "value"])


def _text_statistics(rows: int, groups: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    nothing = dict.fromkeys(("mean", "std", "min", "median", "max"), math.nan)
    lines = []
    for split, count in (("train", rows * 4), ("eval", rows)):
        lines.append({"split": split, "feature": "comment_text", "kind": "text", "count": count, "missing": 0, **nothing, "unique": count - 9, "top_values": "you SECRET (3)"})
        lines.append({"split": split, "feature": "toxicity", "kind": "number", "count": count, "missing": 0, "mean": 0.25, "std": 0.43, "min": 0.0, "median": 0.0, "max": 1.0, "unique": 2, "top_values": ""})
        lines += [
            {"split": split, "feature": feature, "kind": "category", "count": count, "missing": count // 2, **nothing, "unique": len(values), "top_values": ", ".join(values[:3])}
            for feature, values in groups.items()
        ]
    return pd.DataFrame(lines)


def _drift(groups: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"feature": feature, "measure": "L-infinity", "between": "train → eval", "value": 0.004 * index, "limit": 0.01, "drifted": 0.004 * index > 0.01}
            for index, feature in enumerate(groups)
        ]
    )


def _histograms(labels: np.ndarray, inside: dict[str, np.ndarray], scores: dict[str, np.ndarray]) -> pd.DataFrame:
    edges = np.linspace(0, 1, 21)
    rows = []
    for model, score in scores.items():
        for name, member in inside.items():
            for label, text in ((True, "toxic"), (False, "not toxic")):
                chosen = member & (labels == label)
                counts, _ = np.histogram(score[chosen], edges)
                rows += [(model, name, text, low, high, n, n / max(chosen.sum(), 1)) for low, high, n in zip(edges, edges[1:], counts, strict=False)]
    return pd.DataFrame(rows, columns=["model", "slice", "label", "low", "high", "count", "share"])


def _counterfactual() -> pd.DataFrame:
    rows = [
        {"term": term, "group": group, "model": model, "threshold": threshold, "value": flips, "low": flips * 0.7, "high": flips * 1.3, "score_shift": 0.3 * flips, "n": 420}
        for term, group, flips in (("gay", "sexual_orientation", 0.21), ("muslim", "religion", 0.14), ("woman", "gender", 0.06), ("christian", "religion", 0.02))
        for model in (BASELINE, CANDIDATE)
        for threshold in THRESHOLDS
    ]
    return pd.DataFrame(rows).assign(value=lambda table: table["value"].where(table["model"] == BASELINE, table["value"] * 0.4))


def _confusion(labels: np.ndarray, predicted: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = []
    for model, answers in predicted.items():
        for label in range(10):
            own = answers[labels == label]
            rows += [(model, CLASSES[label], CLASSES[other], int((own == other).sum()), float((own == other).mean())) for other in range(10)]
    return pd.DataFrame(rows, columns=["model", "label", "predicted", "count", "share"])


def _coverage(correct: dict[str, np.ndarray], sure: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = []
    for model, right in correct.items():
        for limit in np.linspace(0, 0.9, 10):
            decided = sure[model] >= limit
            rows.append((model, "confidence", float(limit), float(decided.mean()), float(right[decided].mean()), len(right)))
    return pd.DataFrame(rows, columns=["model", "rule", "limit", "coverage", "accuracy", "n"])


def _picture(random: np.random.Generator, size: int) -> str:
    rows, columns = np.mgrid[0:size, 0:size]
    blob = 255 * np.exp(-(((rows - size * random.random()) ** 2 + (columns - size * random.random()) ** 2) / (size * 3)))
    file = io.BytesIO()
    Image.fromarray(blob.astype(np.uint8), "L").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
