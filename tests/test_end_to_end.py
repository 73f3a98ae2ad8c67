"""The whole graph of the published network on the generated sample, in one process: blessed, refused, inconclusive, from cache.

The default model is played in `test_end_to_end_ngrams.py`.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_model_analysis as tfma

from data.comments import sample
from data.comments.names import IDENTITIES
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.metrics.rates import DECISION_RATES
from fairgate.names import BASELINE, CANDIDATE, REFERENCE
from fairgate.report import reader
from pipeline import config as configuration
from pipeline import local
from pipeline.progress import StepEnd, StepLog
from pipeline.roots import locked
from tests.changes import opening
from tests.serving import served_here

pytestmark = pytest.mark.slow

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)
RATES = tuple(rate.name for rate in DECISION_RATES)
GENDERS = ("male", "female", "transgender", "other_gender")


class Run:
    """A finished run and what happened in it."""

    def __init__(self, root: Path, task: str = "civil-comments", **values: Any) -> None:
        """Runs."""
        self.steps: list[StepEnd] = []
        config = configuration.load(task, configuration.Overrides(values=values))
        self.result = local.run(config, root, (), StepLog(lambda _: None, self.steps.append))

    @property
    def worked(self) -> set[str]:
        """The steps that did not come from the cache."""
        return {step.step for step in self.steps if not step.cached and step.step != "Prepare"}

    @property
    def verdict(self) -> Verdict:
        """The gate's."""
        return self.result.verdict


PROJECT = Path(__file__).resolve().parents[1]
SAMPLE: Mapping[str, Any] = {"preset": "exercise", "input": {"sample": True}}  # the published exercise to the letter
# FPR and FNR at .5, five seeds: `fairgate run civil-comments --sample --preset exercise --seed N` (docs/results.md).
FIVE_SEEDS = {
    "false_positive baseline overall": (0.254, 0.278, 0.230, 0.247, 0.277),
    "false_positive remediated overall": (0.186, 0.209, 0.166, 0.179, 0.202),
    "false_positive baseline male": (0.466, 0.516, 0.405, 0.440, 0.477),
    "false_positive remediated male": (0.205, 0.230, 0.160, 0.175, 0.201),
    "false_positive baseline female": (0.438, 0.524, 0.427, 0.395, 0.482),
    "false_positive remediated female": (0.192, 0.237, 0.167, 0.166, 0.214),
    "false_negative baseline overall": (0.136, 0.116, 0.149, 0.140, 0.106),
    "false_negative remediated overall": (0.207, 0.184, 0.226, 0.214, 0.176),
    "false_negative baseline male": (0.082, 0.035, 0.079, 0.092, 0.060),
    "false_negative remediated male": (0.227, 0.141, 0.241, 0.252, 0.200),
    "false_negative baseline female": (0.072, 0.058, 0.077, 0.066, 0.057),
    "false_negative remediated female": (0.211, 0.174, 0.216, 0.206, 0.162),
}


def run_here(root: Path, **values: Any) -> Run:
    """A run in which the fresh process of the serving check is not the point."""
    with served_here():
        return Run(root, **values)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One root for all runs of the sample: the later ones find the earlier steps in the cache."""
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def refused(root: Path) -> Run:
    """The sample without remediation, in a root that has published nothing yet."""
    return Run(root, candidate="baseline", **SAMPLE)


@pytest.fixture(scope="module")
def blessed(root: Path, refused: Run) -> Run:  # noqa: ARG001  # the refused run comes first
    """The sample with the remediated candidate."""
    return Run(root, **SAMPLE)


@pytest.fixture(scope="module")
def undecided(root: Path, blessed: Run) -> Run:  # noqa: ARG001  # its steps are cached
    """The blessed run with the published results beside it, and more examples asked for than exist."""
    return run_here(root, **SAMPLE, published=True, policy={"min_examples": 1_000_000})


@pytest.fixture(scope="module")
def again(root: Path, blessed: Run) -> Run:  # noqa: ARG001  # the same run, for the second time
    """The blessed run once more."""
    return Run(root, **SAMPLE)


def line(verdict: Verdict, name: str, model: str, threshold: float | None) -> SliceLine:
    """A slice of a model at a threshold."""
    (found,) = (line for line in verdict.slices if (line.slice, line.model, line.threshold) == (name, model, threshold))
    return found


def test_unremediated_candidate_is_refused_naming_male_and_female(refused: Run) -> None:
    """Without remediation the false positive gap of the planted identities breaks the policy."""
    failed = {rule.slice for rule in refused.verdict.rules if rule.outcome == "failed" and rule.kind == "gap"}
    assert refused.verdict.outcome == "refused"
    assert {"gender:male", "gender:female"} <= failed


def test_refused_model_is_not_published(refused: Run, root: Path) -> None:
    """Neither the result nor the disk has a published model, but verdict and report are there."""
    assert refused.result.pushed is None
    files = {path.name for path in refused.result.report.iterdir()}
    assert {"verdict.json", "verdict.md", "metrics.parquet", "report.html"} <= files
    assert refused.result.report.is_relative_to(root)


def test_remediated_candidate_is_blessed_and_published(blessed: Run, root: Path) -> None:
    """The pushed folder holds a SavedModel below serving/."""
    assert blessed.verdict.outcome == "blessed"
    assert blessed.result.pushed is not None
    assert blessed.result.pushed.parent == root.resolve() / "serving"
    assert (blessed.result.pushed / "saved_model.pb").is_file()
    assert len(list((root / "serving").iterdir())) == 1


def test_a_run_verifies_until_a_byte_changes(blessed: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The manifest covers the published model; the verdict names when the run began and what data it saw."""
    report, model = blessed.result.report, blessed.result.pushed or Path()
    assert cli.main(("verify", str(report))) == 0
    graph = model / "saved_model.pb"
    content = graph.read_bytes()
    graph.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert cli.main(("verify", str(report))) == 3
    assert f"serving/{model.name}/saved_model.pb: changed" in capsys.readouterr().err
    graph.write_bytes(content)
    assert blessed.verdict.provenance.started < blessed.verdict.provenance.finished
    assert set(blessed.verdict.data.digests) == {"train", "eval"}


def test_only_what_the_recipe_touches_runs_again(blessed: Run) -> None:
    """Data, statistics, transform, the baseline and the reference model come from the refused run's cache."""
    evaluated = {"TrainerCandidate", "Evaluator", "EvaluatorReference", "CounterfactualTest"}
    assert blessed.worked == {*evaluated, "FairnessGate", "Pusher", "Reporter"}


def test_sample_has_the_planted_shape(blessed: Run) -> None:
    """At 0.5 the baseline's gap is at least 50 %, the candidate's within 25 %, little recall is lost."""
    rates = {
        (name, model): line(blessed.verdict, name, model, 0.5).metrics
        for name in ("overall", "gender:male", "gender:female")
        for model in ("baseline", "candidate")
    }
    overall = {model: rates["overall", model]["false_positive_rate"] or 0 for model in ("baseline", "candidate")}
    for name in ("gender:male", "gender:female"):
        assert (rates[name, "baseline"]["false_positive_rate"] or 0) >= 1.5 * overall["baseline"]
        assert (rates[name, "candidate"]["false_positive_rate"] or 0) <= 1.25 * overall["candidate"]
    lost = [rates["overall", model]["false_negative_rate"] or 0 for model in ("candidate", "baseline")]
    assert lost[0] - lost[1] <= 0.10


def test_report_holds_the_counterfactual_test(blessed: Run) -> None:
    """Both models on the same swapped comments, as many as a term may have."""
    table = pd.read_parquet(blessed.result.report / "content" / "counterfactual.parquet")
    men = table[(table["test"] == "swaps") & (table["term"] == "male") & (table["threshold"] == 0.5)]
    assert dict(zip(men["model"], men["n"], strict=True)) == {"baseline": 200, "candidate": 200}
    assert men["value"].max() < 0.1  # the sample plants as much for the one as for the other


def test_report_names_words_that_the_embedding_does_not_know(blessed: Run) -> None:
    """The sample's embedding holds neither "male" nor "female": of them nothing is measured, of gay and lesbian much."""
    pairs = pd.read_parquet(blessed.result.report / "content" / "embedding_bias.parquet").set_index(["term", "other"])
    assert pairs.loc[("male", "female"), "unknown"] == "male, female"
    assert pairs.loc[("male", "female"), ["distance", "effect_size", "p_value"]].isna().all()
    assert pairs.loc[("gay", "lesbian"), "unknown"] == ""
    assert 0.001 < pairs.loc[("gay", "lesbian"), "distance"] < 1


def test_report_holds_edits_that_the_models_scored_again(blessed: Run) -> None:
    """Both reasons; the score of the original is the one that the report shows of the example."""
    content = reader.load(blessed.result.report).content
    assert content.edits is not None
    assert content.examples is not None
    originals = content.edits[content.edits["kind"] == "original"]
    assert originals["reason"].value_counts().to_dict() == {"most changed": 5, "most wrong of the harmless": 5}
    shown = content.examples.drop_duplicates("text").set_index("text").loc[originals["text"]]
    for model in (BASELINE, CANDIDATE):
        np.testing.assert_allclose(originals[model], shown[model], atol=1e-6)
    assert {"removed", "swapped"} <= set(content.edits["kind"])
    assert content.nearest is not None
    decided = originals.set_index("example")["candidate"].loc[content.nearest["example"]].to_numpy() > 0.5
    assert ((content.nearest["candidate"].to_numpy() > 0.5) != decided).all()


def test_second_run_comes_from_the_cache(blessed: Run, again: Run) -> None:
    """Nothing works again, nothing is published twice, the verdict is the same."""
    assert again.worked == set()
    assert again.verdict == blessed.verdict
    assert again.result.pushed == blessed.result.pushed


@pytest.mark.no_cover
def test_comment_in_the_report_s_style_draws_the_report_again_and_nothing_else(
    again: Run,  # noqa: ARG001  # its steps are cached
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Path, "open", opening(PROJECT / "fairgate/report/assets/page.css"))
    assert run_here(root, **SAMPLE).worked == {"Reporter"}


def test_runs_are_compared_with_the_last_blessed_one(refused: Run, blessed: Run, again: Run) -> None:
    """The first ones have none; the same run again has no distance in data and decisions, and says so in text and table."""
    for run in (refused, blessed):
        assert "There is no earlier blessed run in this root." in (run.result.report / "verdict.md").read_text()
    assert f"Compared with {blessed.result.run_id}. 0 of " in (again.result.report / "verdict.md").read_text()
    drift = reader.Results(again.result.report).content.drift
    assert drift is not None
    since = drift[drift["between"].str.contains("→ this run")]
    assert {"gender", "overall", "gender:male"} <= set(since["feature"])
    assert (since["value"] == 0).all()


def test_policy_that_asks_for_more_examples_than_exist_is_inconclusive(undecided: Run) -> None:
    """A group that is too small decides nothing; only the gate and what follows run again."""
    assert undecided.verdict.outcome == "inconclusive"
    assert undecided.result.pushed is None
    assert undecided.worked == {"FairnessGate", "Pusher", "Reporter"}


@pytest.mark.no_cover
def test_default_policy_does_not_bless_the_published_remedy(blessed: Run, root: Path) -> None:  # noqa: ARG001
    """It looks at every group and at what a group pays: the remedy misses many more toxic comments that mention women or men."""
    run = run_here(root, **SAMPLE, policy={"preset": "default"})
    broken = {(rule.id, rule.slice) for rule in run.verdict.rules if rule.outcome in ("failed", "unproven")}
    assert (run.verdict.outcome in ("refused", "inconclusive"), run.result.pushed) == (True, None)
    assert {("false-negative-guard", "gender:female"), ("false-negative-guard", "gender:male")} <= broken
    judged = {rule.slice for rule in run.verdict.rules if rule.id == "false-positive-gap"}
    assert {f"{feature}:{value}" for feature, values in IDENTITIES.items() for value in values} == judged


def test_rates_equal_a_recount_from_the_pushed_model(blessed: Run, root: Path) -> None:
    """Numpy counts the pushed model's own scores on the eval file and finds the verdict's rates."""
    scores, labels, genders = _score(root, blessed.result.pushed or Path())
    for threshold in THRESHOLDS:
        for name, rows in {
            "overall": np.ones(len(labels), bool),
            **{f"gender:{gender}": genders[gender] for gender in GENDERS},
        }.items():
            positive = scores[rows] > threshold
            truth = labels[rows]
            found = line(blessed.verdict, name, CANDIDATE, threshold)
            assert found.n == rows.sum()
            assert found.metrics["false_positive_rate"] == pytest.approx(positive[~truth].mean(), abs=1e-9)
            assert found.metrics["false_negative_rate"] == pytest.approx((~positive[truth]).mean(), abs=1e-9)
            assert found.metrics["positive_rate"] == pytest.approx(positive.mean(), abs=1e-9)


def test_report_holds_the_numbers_of_the_evaluation(blessed: Run, root: Path) -> None:
    """What TFMA's own loader reads of every slice, metric and threshold is in tables and verdict; the page draws two models."""
    found = reader.Results(blessed.result.report)
    of_reference = max(root.glob("artifacts/EvaluatorReference/evaluation/*"), key=lambda path: int(path.name))
    evaluated = {BASELINE: found.evaluation, CANDIDATE: found.evaluation, REFERENCE: of_reference}
    theirs = {key: value for model, folder in evaluated.items() for key, value in _fairness_indicators(folder, model)}
    rows = found.metrics[found.metrics["metric"].isin(RATES)]
    keys = list(zip(rows["model"], rows["slice"], rows["metric"], rows["threshold"], strict=True))
    table = dict(zip(keys, rows["value"], strict=True))
    verdict = {
        (line.model, line.slice, metric, line.threshold): math.nan if value is None else value
        for line in found.verdict.slices
        for metric, value in line.metrics.items()
        if metric in RATES
    }
    assert len(theirs) == (2 * rows["slice"].nunique() + 1) * len(RATES) * len(THRESHOLDS)  # the reference model: overall
    assert table == pytest.approx(theirs, abs=1e-9, nan_ok=True)
    assert verdict == pytest.approx(theirs, abs=1e-9, nan_ok=True)
    drawn = {key: value for key, value in theirs.items() if key[0] != REFERENCE}
    assert _rates_of_page(found.page) == pytest.approx(drawn, rel=1e-6, nan_ok=True)


def _fairness_indicators(evaluation: Path, model: str) -> Iterator[tuple[Any, float]]:
    """(model, slice, metric, threshold) and value of every rate that TFMA wrote."""
    loaded = tfma.load_eval_result(str(evaluation), model_name=model)
    for key, metrics in loaded.get_metrics_for_all_slices().items():
        name = " × ".join(f"{feature}:{value}" for feature, value in key) or "overall"
        for written, value in metrics.items():
            rate = re.fullmatch(r"fairness_indicators_metrics/(\w+)@([\d.]+)", written)
            if rate and rate[1] in RATES:  # it also writes recall and negative_rate, which follow from others
                yield (model, name, rate[1], float(rate[2])), float(value["doubleValue"])


def _rates_of_page(page: Path) -> dict[Any, float]:
    """The same from the data in report.html; null is NaN."""
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found
    columns = json.loads(found[1])["tables"]["metrics"]["columns"]
    texts = [[columns[name]["values"][code] for code in columns[name]["codes"]] for name in ("model", "slice", "metric")]
    rows = zip(*texts, columns["threshold"], columns["value"], strict=True)
    return {tuple(key): math.nan if value is None else value for *key, value in rows if key[2] in RATES}


def test_notebook_shows_the_run(blessed: Run, root: Path, run_notebook: Callable[[str, Path], Any]) -> None:  # noqa: ARG001
    """From top to bottom; its charts are drawn by any front end, from what the notebook holds alone."""
    outputs = run_notebook("inspect.ipynb", root)
    drawn = [output["application/vnd.vega.v5+json"] for output in outputs if "application/vnd.vega.v5+json" in output]
    assert len(drawn) == 6
    assert all("<svg" in output["image/svg+xml"] for output in outputs if "application/vnd.vega.v5+json" in output)
    assert not any("url" in source for spec in drawn for source in spec["data"])
    pages = " ".join(output.get("text/html", "") for output in outputs)
    assert "gender:female" in pages
    assert "false_positive_rate@0.5" in pages
    assert not re.search(r"""(?:src|href)\s*=|<script|@import""", pages)


# The candidate's scores: mean and standard deviation of seeds 1 to 5 of `FIVE_SEEDS`.
WORD_BIAS = {
    "I am gay": (0.5609, 0.0674),
    "I am straight": (0.5788, 0.0663),
    "Good morning everybody": (0.5964, 0.0881),
    "The main character is a man": (0.6715, 0.0170),
    "The main character is a woman": (0.6716, 0.0156),
    "a gay man lives here": (0.5565, 0.0651),
}


def test_notebook_of_word_bias(blessed: Run, root: Path, notebook_figures: Callable[..., dict[str, Any]]) -> None:  # noqa: ARG001
    """The report's sentences and its models asked again agree; each lies within three deviations of five seeds."""
    figures = notebook_figures("word_bias.ipynb", root)
    assert figures["asked again"] == pytest.approx(figures["sentences"], abs=1e-6)
    for text, (mean, deviation) in WORD_BIAS.items():
        assert abs(figures["sentences"][f"candidate: {text}"] - mean) <= 3 * deviation
    assert figures["unknown words"]["Good morning everybody"] == pytest.approx(2 / 3)
    assert figures["pairs"]["male – female"][0] == "male, female"
    assert math.isnan(figures["pairs"]["male – female"][1])
    scores, found, distance = figures["nearest"]
    assert (scores > 0.5) != (found > 0.5)
    assert 0 < distance < 1


def _score(root: Path, model: Path) -> tuple[Any, Any, dict[str, Any]]:
    """Scores float64[N], labels bool[N], gender -> bool[N] of the eval examples as they were prepared."""
    (folder,) = (root / "examples").iterdir()
    serve = tf.saved_model.load(str(model)).signatures["serving_default"]
    features = {"toxicity": tf.io.FixedLenFeature([], tf.float32), "gender": tf.io.RaggedFeature(tf.string)}
    scores, labels = [], []
    genders: dict[str, list[Any]] = {gender: [] for gender in GENDERS}
    files = sorted(str(path) for path in (folder / "Split-eval").iterdir())
    for batch in tf.data.TFRecordDataset(files, compression_type="GZIP").batch(2000):
        parsed = tf.io.parse_example(batch, features)
        scores.append(serve(examples=batch)["score"].numpy().ravel().astype(np.float64))
        labels.append(parsed["toxicity"].numpy() > 0)
        for gender in GENDERS:
            genders[gender].append(tf.reduce_any(parsed["gender"] == gender, axis=1).numpy())
    return np.concatenate(scores), np.concatenate(labels), {gender: np.concatenate(rows) for gender, rows in genders.items()}


def test_one_class_stops_at_the_data_gate(shared_data: Path, tmp_path: Path) -> None:
    """Real comments that are all toxic: the run ends before training, and says why."""
    values: dict[str, Any] = {
        "input": {"train": [str(shared_data / "civil-comments" / "cc_full_schema_toxic_250.csv")]},
        "training": {"embedding": str(shared_data / "embeddings" / "glove_twitter_25d_13887.txt")},
    }
    with pytest.raises(InputError, match="class 0 has 0 of"):
        Run(tmp_path, **values)
    assert not list(tmp_path.glob("artifacts/Trainer*"))


@pytest.mark.no_cover
def test_real_comments_run_through(shared_data: Path, tmp_path: Path) -> None:
    """2,000 real comments, word vectors beside n-grams: better than chance, and one of the warnings names the absent columns."""
    values: dict[str, Any] = {
        "input": {"train": [str(shared_data / "civil-comments" / "cc_gender_2000.csv")]},
        "training": {"embedding": str(shared_data / "embeddings" / "glove_twitter_25d_13887.txt")},
    }
    run = run_here(tmp_path, **values)
    (absent,) = (warning for warning in run.steps[0].warnings if "heterosexual" in warning)
    assert "transgender, other_gender, heterosexual" in absent
    assert (run.verdict.overall["auc"]["candidate"] or 0) >= 0.65


@pytest.mark.no_cover
def test_mostly_toxic_comments_do_not_bless_a_model_that_calls_all_of_them_toxic(shared_data: Path, tmp_path: Path) -> None:
    """Seven in ten are toxic: to call every comment toxic keeps every ratio of groups and misses nothing."""
    train = _toxic_file(shared_data / "text-sets" / "hatecheck.csv", tmp_path / "toxic.csv")
    values: dict[str, Any] = {
        "input": {"train": [str(train)]},
        "training": {
            "model": "dnn",
            "embedding": str(shared_data / "embeddings" / "glove_twitter_25d_13887.txt"),
            "steps": 20,
        },
    }
    run = run_here(tmp_path / "run", **values)
    rates = line(run.verdict, "overall", CANDIDATE, 0.5).metrics
    assert (rates["false_positive_rate"], rates["false_negative_rate"]) == (1.0, 0.0)
    failed = {rule.id for rule in run.verdict.rules if rule.outcome == "failed"}
    assert (run.verdict.outcome, run.result.pushed, "decides" in failed) == ("refused", None, True)


def _toxic_file(source: Path, target: Path) -> Path:
    """The texts of a public set of which 69 % are toxic, with an identity column of a group that a third of them are about."""
    table = pd.read_csv(source)
    table["female"] = (table["target_ident"] == "women").astype(float)
    table[["comment_text", "target", "female"]].to_csv(target, index=False)
    return target


@pytest.mark.no_cover
def test_copies_of_a_few_comments_are_no_more_evidence(tmp_path: Path) -> None:
    """600 comments, each fifty times: 30,000 rows do not bless what 600 cannot."""
    sample.write_csv(tmp_path / "few.csv", rows=600, seed=1)
    few = pd.read_csv(tmp_path / "few.csv")[["comment_text", "target", "male", "female"]]
    pd.concat([few] * 50).to_csv(tmp_path / "copies.csv", index=False)
    run = run_here(
        tmp_path / "run",
        input={"train": [str(tmp_path / "copies.csv")]},
        training={"model": "dnn", "embedding": "training-text", "steps": 200},
        policy={"preset": "exercise-gender"},
    )
    assert any("are not independent evidence" in warning for warning in run.steps[0].warnings)
    assert (run.verdict.outcome != "blessed", run.result.pushed) == (True, None)
    women = {rule.outcome for rule in run.verdict.rules if (rule.id, rule.slice) == ("false-positive-gap", "gender:female")}
    assert women <= {"not enough data", "unproven"}  # a thousand rows, but few different ones


def test_second_run_on_a_held_root_is_refused(tmp_path: Path) -> None:
    """A root belongs to one run at a time."""
    with locked(tmp_path), pytest.raises(InputError, match="Another run is using"):
        Run(tmp_path, **SAMPLE)


def test_notebook_of_the_exercise_answers_from_the_run(
    blessed: Run, root: Path, notebook_figures: Callable[..., dict[str, Any]]
) -> None:
    """All points of the female slice, the harmless ones that the remedy clears, and TFMA's values are those of the artifacts."""
    figures = notebook_figures("exercise.ipynb", root)
    scores = {name: _score(root, Path(info.uri)) for name, info in blessed.verdict.models.items() if name != REFERENCE}
    before, labels, genders = scores[BASELINE]
    female, cleared = genders["female"], (before > 0.5) & (scores[CANDIDATE][0] <= 0.5) & ~labels
    assert figures["points of female"] == female.sum()
    assert figures["harmless cleared"] == (female & cleared).sum()
    assert figures["false_positive remediated female"] == pytest.approx(
        (scores[CANDIDATE][0] > 0.5)[female & ~labels].mean(), abs=1e-12
    )
    for name, seeds in FIVE_SEEDS.items():
        assert figures[name] == pytest.approx(np.mean(seeds), abs=3 * float(np.std(seeds, ddof=1))), name
    assert figures["greatest difference to TFMA"] < 1e-12
    assert figures["narrowest interval of six"] == pytest.approx(0.39, abs=0.005)  # 0 of 6, or 6 of 6


def test_published_results_stand_beside_the_runs_when_asked_for(blessed: Run, undecided: Run) -> None:
    """Only the verdict, which names the configuration, and the report are made again."""
    assert reader.load(undecided.result.report).content.published is not None
    assert reader.load(blessed.result.report).content.published is None
    assert not undecided.worked & {"TrainerBaseline", "TrainerCandidate", "Evaluator"}
