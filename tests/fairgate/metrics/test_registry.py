import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from fairgate.counting.counts import observe
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.errors import UnknownNameError
from fairgate.evaluation import evaluate_counts
from fairgate.measurement import Scalar
from fairgate.metrics import registry
from fairgate.metrics.registry import COMPARISONS, How, Metric, compared, get, get_written, known, register
from fairgate.metrics.splits import with_train
from fairgate.table import write_table

BINARY = CountSettings("toxicity", ("ok", "toxic"), "binary", thresholds=(0.3, 0.5))
CLASSES = CountSettings("label", ("a", "b", "c"), "multiclass")


def table_of(settings: CountSettings, folder: Path) -> pd.DataFrame:
    """Count 90 examples, two slices and, of classes, every class; evaluate and write them, and read the file."""
    random = np.random.default_rng(3)
    labels = np.arange(90) % len(settings.classes)
    predictions = random.dirichlet(np.ones(len(settings.classes)), 90).astype(np.float32)
    shown = predictions[:, 1] if settings.kind == "binary" else predictions
    of_slices: dict[str, npt.NDArray[np.bool_]] = {
        "overall": labels >= 0,
        "g:x": random.random(90) < 0.4,
        "g:y": random.random(90) < 0.4,
    }
    if settings.kind == "multiclass":
        of_slices |= {f"class:{name}": labels == index for index, name in enumerate(settings.classes)}
    keys = {name: ((settings.label_key, index - 3) if index > 2 else ("g", name),) for index, name in enumerate(of_slices)}
    membership = Membership({keys[name]: np.flatnonzero(inside) for name, inside in of_slices.items()})
    tally = SliceTally(settings)
    tally.add(membership, [observe(labels, shown, np.ones(90), settings)])
    counts = dict(zip(of_slices, (of_slice.models[0] for of_slice in tally.counts().values()), strict=True))
    evaluation = evaluate_counts(EvaluationCounts(settings, {"candidate": counts}, keys))
    write_table(with_train(evaluation, evaluation), folder / "metrics.parquet")
    return pd.read_parquet(folder / "metrics.parquet")


@pytest.mark.parametrize("settings", [BINARY, CLASSES], ids=["binary", "multiclass"])
def test_every_name_of_the_table_is_registered(settings: CountSettings, tmp_path: Path) -> None:
    """As a metric, or as a comparison of one; and every metric that is computed from the counts of the task is in the table."""
    written = set(table_of(settings, tmp_path)["metric"])
    metrics = {
        metric.name for metric in known() if metric.is_of(settings.kind) and not metric.needs & {"counterfactual", "table"}
    }
    comparisons = {compared(get(name), how).name for name in metrics for how in COMPARISONS}
    assert written <= metrics | comparisons
    assert metrics & written == metrics - (set() if settings.kind == "multiclass" else {"train_accuracy"})


@pytest.mark.parametrize("settings", [BINARY, CLASSES], ids=["binary", "multiclass"])
def test_no_name_of_the_table_has_two_meanings(settings: CountSettings, tmp_path: Path) -> None:
    """A gap and a bare ratio once meant four things; a name says what is compared with what."""
    table = table_of(settings, tmp_path)
    names = [*table.columns, *table["metric"].unique()]
    assert [name for name in names if "gap" in name] == []
    declared = {metric.name for metric in known()}
    assert [name for name in names if name.endswith(("_ratio", "_difference")) and name not in declared] == []


@pytest.mark.parametrize("metric", known(), ids=lambda metric: metric.name)
def test_every_metric_is_described(metric: Metric) -> None:
    """A label in sentence case, a sentence, bounds in order, a direction."""
    assert metric.label
    assert metric.label[0].isupper()
    assert metric.meaning.endswith(".")
    assert metric.bounds[0] < metric.bounds[1]
    assert metric.better in ("higher", "lower", "neither")
    assert (metric.compute is None) == bool(metric.needs & {"train", "counterfactual", "table"})


def test_an_unknown_name_is_an_error_that_suggests_the_nearest() -> None:
    """One letter is missing."""
    with pytest.raises(UnknownNameError, match=r"^there is no metric 'false_positive_rat'; did you mean 'false_positive_rate'\?"):
        get("false_positive_rat")


@pytest.mark.parametrize(
    ("former", "present"), [("final_score", "jigsaw_score"), ("train_test_gap", "train_test_accuracy_difference")]
)
def test_a_former_name_is_read_in_files_alone(former: str, present: str) -> None:
    """Elsewhere it is an error that says what to write."""
    assert get_written(former).name == present
    with pytest.raises(UnknownNameError, match=f"^metric '{former}' is now called '{present}'; write that.$"):
        get(former)


@pytest.mark.parametrize(
    ("written", "present"),
    [
        ("false_positive_rate", "false_positive_rate"),
        ("false_positive_rate_gap", "false_positive_rate_difference_to_rest"),
        ("accuracy_ratio", "accuracy_ratio_to_rest"),
        ("auc_difference_to_overall", "auc_difference_to_overall"),
        ("false_positive_rate_equality_difference", "false_positive_rate_equality_difference"),
    ],
)
def test_comparisons_are_read_in_files(written: str, present: str) -> None:
    """Those of old tables by their present names."""
    assert get_written(written).name == present


@pytest.mark.parametrize("written", ["unheard_of", "unheard_of_gap", "unheard_of_ratio_to_rest"])
def test_what_a_file_makes_up_is_unknown(written: str) -> None:
    """A suffix alone makes no comparison."""
    with pytest.raises(UnknownNameError):
        get_written(written)


@pytest.mark.parametrize(
    ("how", "bounds"),
    [
        ("difference_to_overall", (-1, 1)),
        ("ratio_to_overall", (0, math.inf)),
        ("difference_to_rest", (-1, 1)),
        ("ratio_to_rest", (0, math.inf)),
    ],
)
def test_a_comparison_is_a_metric_of_groups(how: registry.How, bounds: tuple[float, float]) -> None:
    """It keeps direction and thresholds; the bounds are those of a difference or a ratio."""
    metric = compared(get("false_negative_rate"), how)
    assert (metric.name, metric.on, metric.better, metric.at_thresholds) == (
        f"false_negative_rate_{how}",
        "groups",
        "lower",
        True,
    )
    assert metric.bounds == bounds
    assert metric.label == f"False negative rate, {how.replace('_', ' ')}"


@pytest.mark.parametrize(
    ("how", "meaning"),
    [
        ("difference_to_overall", "Accuracy of the slice minus that of all examples."),
        ("ratio_to_overall", "Accuracy of the slice divided by that of all examples."),
        ("difference_to_rest", "Accuracy of the slice minus that of the examples outside of the slice."),
        ("ratio_to_rest", "Accuracy of the slice divided by that of the examples outside of the slice."),
    ],
)
def test_a_comparison_says_what_is_compared(how: registry.How, meaning: str) -> None:
    """In words; it is not computed from counts and had no other name."""
    metric = compared(get("accuracy"), how)
    assert (metric.meaning, metric.compute, metric.formerly) == (meaning, None, ())


@pytest.mark.parametrize("name", ["auc", "final_score"])
def test_a_name_is_registered_once(name: str) -> None:
    """Neither a present nor a former name may mean another metric."""
    with pytest.raises(ValueError, match=f"^Two metrics are called '{name}'"):
        register(Metric(name, "A", "B.", "higher"))


def test_the_registry_is_light(tmp_path: Path) -> None:
    """The lint and every configuration error read it."""
    heavy = "tensorflow apache_beam tfx tensorflow_model_analysis pandas sklearn scipy pyarrow"
    program = f"import sys, fairgate.metrics.registry; print([name for name in {heavy.split()} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert answer.stdout.strip() == "[]"


LOSSES = Metric(
    "of_a_test",
    "Of a test",
    "It means something.",
    "lower",
    bounds=(-1.0, 3.0),
    formerly=("before_a_test",),
    compute=lambda _: Scalar(1.0),
)


def test_registered_metric_is_found_by_its_present_and_its_former_name() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_METRICS", {})
        patch.setattr(registry, "_FORMERLY", {})
        assert register(LOSSES) is LOSSES
        assert known() == (LOSSES,)
        assert get("of_a_test") is LOSSES
        assert get_written("before_a_test") is LOSSES
        with pytest.raises(UnknownNameError, match="of_a_test"):
            get("before_a_test")


def test_split_of_names_of_comparisons() -> None:
    assert registry.split_compared("auc") == ("auc", None)
    assert registry.split_compared("auc_ratio_to_overall") == ("auc", "ratio_to_overall")
    assert registry.split_compared("false_positive_rate_gap") == ("false_positive_rate", "difference_to_rest")
    assert registry.split_compared("no_such_metric_gap") == ("no_such_metric_gap", None)
    assert registry.split_compared("no_such_metric") == ("no_such_metric", None)
    former = next(name for metric in known() for name in metric.formerly)
    assert registry.split_compared(former) == (former, None)
    assert registry.split_compared(f"{former}_ratio_to_rest") == (former, "ratio_to_rest")


@pytest.mark.parametrize(("how", "bounds"), [("difference_to_overall", (-4.0, 4.0)), ("ratio_to_rest", (0.0, math.inf))])
def test_comparison_has_bounds_of_its_own_and_no_former_names(how: How, bounds: tuple[float, float]) -> None:
    found = compared(LOSSES, how)
    assert (found.bounds, found.formerly, found.compute, found.on, found.name) == (bounds, (), None, "groups", f"of_a_test_{how}")
