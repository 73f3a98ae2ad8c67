"""Runners that end well with wrong numbers."""

import pytest

from fairgate.errors import InputError
from pipeline.engines.refused import is_direct, require_sound, runner_of


@pytest.mark.parametrize(
    ("beam_args", "runner"),
    [
        ((), "direct"),
        (("--runner=PortableRunner",), "portable"),
        (("--runner", "FlinkRunner", "--parallelism=2"), "flink"),
        (("--runner=DaskRunner", "--runner=DirectRunner"), "direct"),
        (("--runner=apache_beam.runners.dask.dask_runner.DaskRunner",), "dask"),
        (("--region=R", "--runner=dataflowrunner"), "dataflow"),
    ],
)
def test_last_runner_counts(beam_args: tuple[str, ...], runner: str) -> None:
    assert runner_of(beam_args) == runner


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], True),
        (["--runner=DirectRunner", "--direct_running_mode=multi_processing"], True),
        (["--runner=DirectRunner", "--runner", "PortableRunner"], False),
        (["--runner=FlinkRunner"], False),
    ],
)
def test_direct_runner_has_no_workers_to_ask(given: list[str], expected: bool) -> None:
    assert is_direct(given) is expected


@pytest.mark.parametrize("name", ["DaskRunner", "dask", "beam_pyspark_runner.pyspark_runner.PySparkRunner", "ray_beam.RayRunner"])
def test_silently_wrong_runner_is_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match=r"--runner=(dask|pyspark|ray): refused, .*Use --engine flink://HOST:8081"):
        require_sound([f"--runner={name}"])


@pytest.mark.parametrize(
    "name", ["DirectRunner", "PortableRunner", "FlinkRunner", "SparkRunner", "DataflowRunner", "PrismRunner"]
)
def test_all_others_are_let_through(name: str) -> None:
    require_sound([f"--runner={name}"])
