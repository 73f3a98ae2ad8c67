"""Addresses of clusters, as they are typed."""

import pytest

from fairgate.errors import InputError
from pipeline.engines.address import EngineCluster, parse


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("flink://jobs:8081", EngineCluster("flink", "jobs", 8081)),
        ("flink://jobs", EngineCluster("flink", "jobs", 8081)),
        ("flink://10.0.0.7:80/", EngineCluster("flink", "10.0.0.7", 80)),
        ("flink://[::1]:8081", EngineCluster("flink", "[::1]", 8081)),
        ("spark://master.example.org:7077", EngineCluster("spark", "master.example.org", 7077)),
        (" spark://master ", EngineCluster("spark", "master", 7077)),
    ],
)
def test_address_names_a_cluster(text: str, cluster: EngineCluster) -> None:
    assert parse(text) == cluster
    assert parse(str(cluster)) == cluster


@pytest.mark.parametrize(
    "text",
    [
        "flink",
        "jobs:8081",
        "http://jobs:8081",
        "flink://",
        "flink://jobs:0",
        "flink://jobs:65536",
        "spark://a b",
        "flink://a:8081/x",
    ],
)
def test_other_text_is_refused_with_what_can_be_typed(text: str) -> None:
    with pytest.raises(
        InputError, match=r"not the address of a cluster; type --engine flink://HOST:8081 .* spark://HOST:7077"
    ) as said:
        parse(text)
    assert str(said.value).startswith(f"--engine {text}: ")


def test_rest_is_where_flink_answers() -> None:
    assert EngineCluster("flink", "jobs", 8081).rest == "http://jobs:8081"
