"""Read numbers from the TFMA artifact: `read_evaluation` for the gate, `read_counts` for the report.

The counts that `tfma_metrics` wrote are decoded and everything is computed from them in numpy. Where TFMA's own Fairness
Indicators are in the artifact they must agree with the counts, or the artifact is not to be trusted.
"""

import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from components.evaluation import keys
from fairgate.counting.cells import Floats
from fairgate.counting.counts import Counts, layout
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.joint import JointCells
from fairgate.counting.ranks import RankCells
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey, slice_name_of
from fairgate.counting.tally_bytes import decode, decode_joint
from fairgate.errors import InputError
from fairgate.evaluation import evaluate_counts
from fairgate.gate.checks import Check
from fairgate.measurement import Evaluation
from fairgate.metrics.classes import ACCURACY, accuracy
from fairgate.metrics.counted import Counted
from fairgate.metrics.rates import DECISION_RATES
from fairgate.names import CANDIDATE, OVERALL

TOLERANCE = 1e-9  # TFMA adds up Fairness Indicators in float64 …
CLASS_TOLERANCE = 1e-5  # … and accuracy, by Keras, in float32


def read_evaluation(output_path: str | Path) -> Evaluation:
    """Compute all metrics of the evaluation at `output_path`, the folder that the Evaluator wrote.

    Raises:
        InputError: the folder holds no evaluation of ours, a damaged one, or none of any example.
    """
    return evaluate_counts(read_counts(output_path))


def read_counts(output_path: str | Path) -> EvaluationCounts:
    """Read the counts of the evaluation at `output_path`, checked against TFMA's own rates.

    Raises:
        InputError: see read_evaluation.
    """
    # TFMA takes ten seconds to import; the report and the gate import this module without reading anything.
    import tensorflow_model_analysis as tfma

    settings, models = _run(output_path)
    with _undamaged(output_path):
        found = [_read_slice(proto, settings, models) for proto in tfma.load_metrics(str(output_path))]
    if not any(one.name == OVERALL for one in found):
        raise InputError(f"The evaluation at {output_path} counted no example; the evaluated split is empty.")
    counts = {
        model: {one.name: one.counts[model] for one in sorted(found, key=lambda one: (len(one.key), one.name))}
        for model in models.values()
    }
    evaluated = EvaluationCounts(
        settings=settings,
        counts=counts,
        keys={one.name: one.key for one in found},
        omitted={name: size for one in found for name, size in one.omitted.items()},
        joint={one.name: one.joint[0] for one in found if one.joint},
        ranks={one.name: one.joint[1] for one in found if one.joint and one.joint[1].cells.keys.size},
        unknown={feature: rows for one in found for feature, rows in one.unknown.items() if feature != settings.label_key},
    )
    _check(found, settings)
    return evaluated


@contextmanager
def _undamaged(output_path: str | Path) -> Iterator[None]:
    """Turn what reading a cut or changed evaluation raises into an InputError with the remedy."""
    import tensorflow as tf
    from google.protobuf import json_format, message

    damage = (
        tf.errors.OpError,  # a record whose checksum is wrong, or that ends too early
        message.DecodeError,
        json_format.ParseError,
        zlib.error,
        OSError,
        EOFError,
        ValueError,  # counts of another length, JSON or text that is none
        LookupError,  # a model or a number is missing
        TypeError,
    )
    try:
        yield
    except InputError:
        raise
    except damage as error:
        raise InputError(
            f"The evaluation at {output_path} cannot be read, since it was cut or changed ({type(error).__name__}: {error}). "
            f"Remove {output_path} and run again, which evaluates the models again."
        ) from error


@dataclass(frozen=True)
class _Slice:
    key: SliceKey
    name: str
    counts: Mapping[str, Counts]
    values: Mapping[tuple[str, str], float]  # (model, TFMA's metric name) -> value
    omitted: Mapping[str, int]
    joint: tuple[JointCells, RankCells] | None  # decisions and ranks
    unknown: Mapping[str, int]


def _run(output_path: str | Path) -> tuple[CountSettings, dict[str, str]]:
    """Return the settings, and TFMA's model names -> ours."""
    from tensorflow_model_analysis.writers import eval_config_writer

    from components.evaluation.extractors import settings_of

    if not list(Path(output_path).glob("eval_config*")):
        raise InputError(f"There is no evaluation at {output_path}; expected the folder that the Evaluator wrote.")
    with _undamaged(output_path):
        config, *_ = eval_config_writer.load_eval_run(str(output_path))
        models = [spec.name for spec in config.model_specs]
        keyed = (
            {"": models[0] or CANDIDATE} if len(models) == 1 else {model: model for model in models}
        )  # TFMA does not name a single model
        return settings_of(config), keyed


def _read_slice(proto: Any, settings: CountSettings, models: Mapping[str, str]) -> _Slice:
    from tensorflow_model_analysis.slicer import slicer_lib

    key: SliceKey = slicer_lib.deserialize_slice_key(proto.slice_key)
    counts: dict[str, Counts] = {}
    values: dict[tuple[str, str], float] = {}
    omitted: dict[str, int] = {}
    unknown: dict[str, int] = {}
    joint = None
    for item in proto.metric_keys_and_values:
        if item.key.is_diff or item.key.model_name not in models:
            continue
        model = models[item.key.model_name]
        if item.key.name == keys.COUNTS:
            counts[model] = _decoded(item.value.bytes_value, settings)
        elif item.key.name == keys.OMITTED:
            omitted = _omitted(item.value.bytes_value, settings)
        elif item.key.name == keys.UNKNOWN:
            unknown = json.loads(item.value.bytes_value)
        elif item.key.name == keys.JOINT:
            joint = decode_joint(item.value.bytes_value)
        elif item.value.HasField("double_value"):
            values[model, item.key.name] = item.value.double_value.value
    if set(counts) != set(models.values()):
        raise ValueError(f"counts of {sorted(counts)} where those of {sorted(models.values())} are expected")
    return _Slice(key, slice_name_of(key, settings.label_key, settings.classes), counts, values, omitted, joint, unknown)


def _decoded(written: bytes, settings: CountSettings) -> Counts:
    counts, expected = decode(written), layout(settings)
    if (len(counts.totals), len(counts.series)) != (expected.width, len(expected.series)):
        raise ValueError(f"{len(counts.totals)} totals where {expected.width} are expected")
    return counts


def _omitted(written: bytes, settings: CountSettings) -> dict[str, int]:
    pairs: Iterable[tuple[list[tuple[str, Any]], int]] = json.loads(written)
    return {
        slice_name_of(tuple((feature, value) for feature, value in key), settings.label_key, settings.classes): size
        for key, size in pairs
    }


def _check(found: Iterable[_Slice], settings: CountSettings) -> None:
    """Raise ValueError where TFMA's rate is not the counts' rate: a defect of the collapse, not of the input."""
    written, tolerance = _written_names(settings)
    for one in found:
        for model, counts in one.counts.items():
            theirs = np.array([one.values.get((model, name), math.nan) for name in written])
            ours = _written_rates(counts, settings)
            differs = np.abs(theirs - ours) > tolerance
            if differs.any():
                at = int(differs.argmax())
                raise ValueError(f"{written[at]} of {model} on {one.name}: TFMA wrote {theirs[at]}, counted were {ours[at]}.")


def _written_names(settings: CountSettings) -> tuple[list[str], float]:
    """Return TFMA's names of the rates that it computes too, and how near it comes."""
    if settings.kind == "multiclass":
        return [ACCURACY.name], CLASS_TOLERANCE
    pairs = product(DECISION_RATES, settings.thresholds)
    return [keys.fairness_key(rate.name, threshold, settings.thresholds) for rate, threshold in pairs], TOLERANCE


def _written_rates(counts: Counts, settings: CountSettings) -> Floats:
    counted = Counted(OVERALL, counts, settings, {})
    if settings.kind == "multiclass":
        return np.array([accuracy(counted).value])
    return np.concatenate([counted.rates(rate).values() for rate in DECISION_RATES])


def same_models(evaluated: Mapping[str, Mapping[str, str]]) -> Check:
    """Check that evaluations are of the very models that are to be judged.

    Args:
        evaluated: folder that the Evaluator wrote -> the models that it must have scored, name -> folder of the SavedModel.

    Raises:
        InputError: the configuration of an evaluation cannot be read.
    """
    from tensorflow_model_analysis.writers.eval_config_writer import load_eval_run

    for uri, models in evaluated.items():
        with _undamaged(uri):
            _, _, _, scored = load_eval_run(uri)
        for name, path in models.items():
            if Path(scored.get(name, "")).resolve() != Path(path).resolve():
                reason = f"The evaluation at {uri} scored {scored.get(name, 'nothing')} as the {name}, not {path}."
                return Check("artifacts", ok=False, reason=reason)
    return Check("artifacts", ok=True, reason="The evaluation scored the models that are judged.")
