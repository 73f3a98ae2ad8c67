"""Beam options that nobody reads are refused; those that anybody knows pass."""

import pytest

from fairgate.errors import InputError
from pipeline.engines.beam_options import job_endpoint, require_known, require_known_offline
from pipeline.engines.choice import options
from tests.pipeline.engines.conftest import RestApi


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--direct_num_workers=2",),
        ("--direct_num_workers", "2", "--streaming"),
        ("--runner=DataflowRunner", "--project=P", "--region=R", "--temp_location=gs://B/tmp", "--experiments=use_runner_v2"),
        ("--environment_type=PROCESS", '--environment_config={"command": "/opt/fairgate-worker"}', "--job_endpoint=h:1"),
    ],
)
def test_option_of_any_class_of_beam_passes(given: tuple[str, ...]) -> None:
    require_known(given)


def test_options_that_an_engine_sets_are_known(flink: RestApi) -> None:
    require_known(options(flink.flink, "localhost:8099", "fairgate-1"))


def test_option_of_the_job_server_alone_passes() -> None:
    require_known(
        ("--object_reuse=true", "--checkpointing_interval", "3", "--parallelism=2"), ["object_reuse", "checkpointing_interval"]
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--direct_workers=2", "--direct_workers=2: .* would ignore it; type --beam-arg=--direct_num_workers=2"),
        ("--streeming", r"--streeming: Beam and its job server have no option --streeming, .*type --beam-arg=--streaming\."),
        ("-streaming", r"-streaming: .*type --beam-arg=--streaming\."),
        ("--object_reusee=1", r"no option --object_reusee, .*type --beam-arg=--object_reuse=1\."),
        ("--zzzzzzzz=1", "no option --zzzzzzzz, .*correct its name, or leave it out"),
        ("direct_num_workers=2", "direct_num_workers=2: an option of Beam begins with two dashes, as in --beam-arg=--direct"),
        ("--direct_num_workers=two", r"argument --direct_num_workers: invalid int value: 'two'; correct the value, or leave"),
    ],
)
def test_option_that_nobody_reads_is_refused_with_the_nearest_name(given: str, said: str) -> None:
    with pytest.raises(InputError, match=f"^--beam-arg[=:] ?.*{said}"):
        require_known((given,), ["object_reuse"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("--job_endpoint=h:1", "--job_endpoint", "h:2"), "h:2"),
        (("--job_endpoint=embed",), ""),
        (("--runner=PortableRunner",), ""),
    ],
)
def test_job_endpoint_is_the_last_one_that_is_named(given: tuple[str, ...], expected: str) -> None:
    assert job_endpoint(given) == expected


@pytest.mark.parametrize(
    "runner", ["--runner=DirectRunner", "--runner=DataflowRunner", "--runner=apache_beam.runners.direct.DirectRunner"]
)
def test_runner_without_a_job_server_is_checked_offline(runner: str) -> None:
    with pytest.raises(InputError, match="no option --object_reuse"):
        require_known_offline((runner, "--object_reuse=true"))


@pytest.mark.parametrize("runner", ["--runner=PortableRunner", "--runner=FlinkRunner"])
def test_option_that_a_job_server_may_know_passes_offline(runner: str) -> None:
    require_known_offline((runner, "--object_reuse=true"))
