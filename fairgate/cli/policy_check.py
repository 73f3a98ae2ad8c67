"""Check a policy against what a run measured; the tables of the run say what that was."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc

from fairgate import parquet
from fairgate.cli.check import require
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.errors import InputError
from fairgate.gate import junit
from fairgate.gate import verdict as verdicts
from fairgate.gate.lint import lint, lint_alone
from fairgate.gate.measured import Measured, measured
from fairgate.gate.policy import Policy
from fairgate.metrics.splits import TRAIN_TEST_ACCURACY_DIFFERENCE
from fairgate.names import CLASS, EVAL, OVERALL, TRAIN, features_of, is_cut, is_pair, pairs_of, place, slice_name
from fairgate.run_files import is_there, read_json, refuse
from fairgate.run_folder import CONFIGURATION, CONTENT, METRICS, VERDICT, newest, require_folder
from fairgate.table import present_names
from fairgate.text import plural


def check_policy(file: Path, run: Path | None) -> str:
    """Check a policy file, alone or against what a run measured.

    Args:
        file: YAML with the keys of a policy, or a configuration whose key `policy` holds them.
        run: a run's root folder, or the folder of one report.

    Returns:
        A sentence that says what is in order.

    Raises:
        InputError: the file holds no policy, or a rule cannot be judged by what was measured.
    """
    policy = Policy.from_yaml(file)
    if run is None:
        require([f"{file}: {problem}" for problem in lint_alone(policy)])
        return (
            f"{file}: a policy of {plural(len(policy.rules), 'rule')}. "
            "Name a run with --run FOLDER to check it against its measurements."
        )
    report = newest(require_folder(run))
    require([str(problem) for problem in lint(policy, measured_by(report))])
    return f"{file}: its policy of {plural(len(policy.rules), 'rule')} is in order for what {report} measured."


def check_run(root: Path, run: Path | None) -> str:
    """Check the policy of a run against what the run measured.

    Args:
        root: a run's root folder, or the folder of one report.
        run: another run whose measurements are taken instead.

    Raises:
        InputError: the folder holds no report, or a rule cannot be judged by what was measured.
    """
    configuration = _configuration(root)
    return check_policy(configuration, run or root)


def policy_of(path: Path) -> Policy:
    """Return the policy of a file, or the one that a run was judged by.

    Raises:
        InputError: there is none.
    """
    return Policy.from_yaml(_configuration(path) if path.is_dir() else path)


def _configuration(root: Path) -> Path:
    """Return the configuration of a run, which holds its policy."""
    configuration = newest(root) / CONFIGURATION
    if not configuration.is_file():
        raise InputError(
            f"There is no report in {root} (no {CONFIGURATION}). Name a run's root folder, or run the pipeline first."
        )
    written = read_json(configuration)
    if not isinstance(written, dict) or not isinstance(written.get("policy"), dict):
        refuse(configuration, "it is not the configuration of a run, which has a policy")
    return configuration


def write_junit(root: Path, path: Path, inconclusive: junit.Inconclusive) -> None:
    """Write the verdict of a run as JUnit XML.

    Args:
        root: a run's root folder, or the folder of one report.
        path: of the file.
        inconclusive: what a test case is that is neither passed nor failed.

    Raises:
        InputError: there is no verdict, or the file cannot be written.
    """
    if not root.is_dir():
        raise InputError(f"--junit writes the verdict of a run, but {root} is no directory of one; name one, or leave it out.")
    file = junit.JUnitFile(path, inconclusive)
    file.prepare()
    file.write(verdicts.read(newest(root) / VERDICT))


def measured_by(report: Path) -> Measured:
    """Return what a run measured, as far as rules may name it.

    Args:
        report: the folder of a report; its metrics.parquet has the columns slice, metric and threshold.

    Raises:
        InputError: the table is missing or damaged.
    """
    table = parquet.read_arrow(report / METRICS, {"slice": "text", "metric": "text", "threshold": "number"})
    slices = pc.unique(table["slice"]).to_pylist()
    metrics = present_names(pc.unique(table["metric"]).to_pylist()).values()
    thresholds = sorted(value for value in pc.unique(table["threshold"]).to_pylist() if value is not None and value == value)
    values = _values(name for name in slices if name != OVERALL and not is_pair(name))
    pairs = sorted({features_of(name) for name in slices if is_pair(name)})
    classes = values.pop(CLASS, ())
    if not all(0 < threshold < 1 for threshold in thresholds):
        refuse(report / METRICS, "a threshold does not lie between 0 and 1")
    config = EvaluationConfig(
        thresholds=tuple(thresholds),
        slice_features=tuple(values),
        intersections=tuple((pair[0], pair[1]) for pair in pairs),
        splits=(TRAIN, EVAL) if TRAIN_TEST_ACCURACY_DIFFERENCE.name in metrics else (EVAL,),
    )
    labels = LabelSpec("", classes, "multiclass" if classes else "binary")
    return replace(measured(labels, config, values, _swapped(report)), cut=tuple(filter(is_cut, slices)))


def _values(slices: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return feature -> its values, of slices by one feature."""
    values: dict[str, tuple[str, ...]] = {}
    for name in slices:
        ((feature, value),) = pairs_of(name)
        values[feature] = (*values.get(feature, ()), value)
    return values


def _swapped(report: Path) -> list[str]:
    """Return the names of the counterfactual tests, "swaps:gender:male"; none if there was no such test."""
    path = report / CONTENT / "counterfactual.parquet"
    if not is_there(path):
        return []
    rows = parquet.read_arrow(path, {"test": "text", "group": "text", "term": "text"}).to_pylist()
    return list(dict.fromkeys(slice_name(row["test"], place(row["group"], row["term"])) for row in rows))
