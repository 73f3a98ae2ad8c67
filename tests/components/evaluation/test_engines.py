"""The evaluation on other engines of Beam: the same numbers wherever the bundles are worked on, and however often."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.internal import pickler
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that

from components.evaluation import collapse
from components.evaluation.eval_config import eval_config
from components.evaluation.tfma_metrics import _WrittenOfRow
from data.comments.conversion import ConvertSources
from data.comments.conversion_blocks import TextHash
from data.images.conversion import ImageBlock, WriteBlocks
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.counts import Counts, layout
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec
from fairgate.counting.tally import SliceTotals

LABELS = LabelSpec("toxicity", ("ok", "toxic"), "binary", weight_key="weight")
CONFIG = EvaluationConfig(slice_features=("gender", "race"), intersections=(("gender", "race"),), min_intersection=1)
SETTINGS = CountSettings.of(LABELS, CONFIG)
PLAN = collapse.CollapsePlan(SETTINGS, (SliceSpec(),), ("candidate",), {"candidate": "serving_default"}, {"candidate": ""}, 100)

SENT = {
    "ScoreAndCount": collapse.ScoreAndCount(PLAN, {}),
    "MergeCounts": collapse.MergeCounts(SETTINGS),
    "WrittenOfRow": _WrittenOfRow(name="x"),
    "ConvertSources": ConvertSources(Path("folder"), TextHash(0.25, 0)),
    "WriteBlocks": WriteBlocks(Path("folder")),
    "ImageBlock": ImageBlock("eval", 0, 10),
    "slice_rows": collapse.slice_rows,
}


@pytest.mark.parametrize("name", SENT)
@pytest.mark.parametrize("by", [pickler, pickle], ids=["beam", "pickle"])
def test_what_is_sent_to_workers_can_be_packed(name: str, by: Any) -> None:
    """By Beam's pickler and by Python's own, so that no runner depends on the main session."""
    packed = by.dumps(SENT[name])
    assert type(by.loads(packed)) is type(SENT[name])
    assert len(packed) < 20_000


def test_counts_of_bundles_add_up_however_they_are_spread() -> None:
    """Merged in two stages, every bundle worked on twice: each counts once."""
    bundles = [{(): SliceTotals((Counts(np.full(layout(SETTINGS).width, float(number)), ()),))} for number in range(20)]

    def check(merged: Any) -> None:
        (counts,) = merged[0][()].models
        assert counts.totals.tolist() == [190.0] * layout(SETTINGS).width

    with beam.Pipeline(options=PipelineOptions(["--direct_running_mode=in_memory", "--direct_runner_bundle_repeat=1"])) as root:
        merge = beam.CombineGlobally(collapse.MergeCounts(SETTINGS)).with_fanout(3)
        assert_that(root | beam.Create(bundles) | beam.Reshuffle() | merge, check)


@pytest.fixture(scope="module")
def run(comment_files: Path, models: dict[str, Path], evaluate: Callable[..., Path]) -> Callable[..., dict[Any, float]]:
    """Runs the evaluation with Beam options; every number that TFMA wrote, by slice, model and metric."""

    def values(output: Path, *beam_args: str) -> dict[Any, float]:
        import tensorflow_model_analysis as tfma

        both = {"candidate": models["square"], "baseline": models["tenths"]}
        evaluate(comment_files, both, eval_config(LABELS, CONFIG), output, beam_args=beam_args)
        return {
            (str(one.slice_key), item.key.model_name, item.key.name): item.value.double_value.value
            for one in tfma.load_metrics(str(output))
            for item in one.metric_keys_and_values
            if item.value.HasField("double_value")
        }

    return values


@pytest.fixture(scope="module")
def expected(run: Callable[..., dict[Any, float]], tmp_path_factory: pytest.TempPathFactory) -> dict[Any, float]:
    """As one process counts."""
    return run(tmp_path_factory.mktemp("one"), "--direct_running_mode=in_memory", "--direct_num_workers=1")


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.usefixtures("uncounted")
@pytest.mark.parametrize(
    "beam_args",
    [
        ("--direct_running_mode=in_memory", "--direct_num_workers=1", "--direct_runner_bundle_repeat=1"),
        ("--direct_running_mode=multi_processing", "--direct_num_workers=2"),
    ],
    ids=["every bundle twice", "two processes"],
)
def test_local_engines_agree(
    beam_args: tuple[str, ...], run: Callable[..., dict[Any, float]], expected: dict[Any, float], tmp_path: Path
) -> None:
    """To 1e-9, slice by slice."""
    assert len(expected) > 1000
    assert run(tmp_path, *beam_args) == pytest.approx(expected, abs=1e-9, nan_ok=True)
