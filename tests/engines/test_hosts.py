"""Task managers on hosts of their own: the digits' whole graph, conversion included, with the numbers of a run in memory."""

from pathlib import Path

import pytest

from tests.engines import evidence
from tests.engines.cluster import flink_on
from tests.engines.conftest import RunInMemory
from tests.engines.hosts import NoNamespacesError, hosts
from tests.engines.runs import MOST, QUICK, largest_difference, run

pytestmark = pytest.mark.engines


def test_two_hosts_compute_the_same_numbers(tmp_path: Path, in_memory: RunInMemory, report: list[str]) -> None:
    memory = in_memory(*QUICK)
    share = tmp_path / "share"
    share.mkdir()
    try:
        with hosts(2, tmp_path / "hosts", share) as (address, made):
            assert [host.sees(share) for host in made] == [True, True]
            assert [host.sees(memory) for host in made] == [False, False]
            with flink_on(share / "cluster", address, made) as cluster:
                run(share / "root", *QUICK, "--engine", cluster.address)
                jobs = evidence.jobs(cluster)
            assert cluster.processes.left() == []
    except NoNamespacesError as error:
        pytest.skip(f"namespaces cannot be made here: {error}")
    assert all(set(job.subtasks) == {"taskmanager1", "taskmanager2"} for job in jobs), jobs
    difference = largest_difference(share / "root", memory)
    report += [f"two hosts: difference {difference}", *map(str, jobs)]
    assert difference.value <= MOST
