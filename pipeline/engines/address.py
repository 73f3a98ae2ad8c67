"""The address of a cluster, as it is typed: `flink://HOST:PORT` or `spark://HOST:PORT`. Imports nothing heavy."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from fairgate.errors import InputError

EngineKind = Literal["flink", "spark"]
PORTS: dict[EngineKind, int] = {"flink": 8081, "spark": 7077}  # where a cluster listens that was set up without another port
_ADDRESS = re.compile(r"(?P<kind>flink|spark)://(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?/?")
MOST_PORT = 65535


@dataclass(frozen=True)
class EngineCluster:
    """A cluster that runs Beam's jobs.

    Attributes:
        kind: what it is.
        host: name or address; of IPv6 in square brackets.
        port: of Flink's REST API, or of Spark's master.
    """

    kind: EngineKind
    host: str
    port: int

    def __str__(self) -> str:
        """Return the address as it is typed."""
        return f"{self.kind}://{self.host}:{self.port}"

    @property
    def rest(self) -> str:
        """The address of Flink's REST API."""
        return f"http://{self.host}:{self.port}"


def parse(text: str) -> EngineCluster:
    """Return the cluster that an address names.

    Raises:
        InputError: it is no address of Flink or Spark.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or not 0 < int(found["port"] or 1) <= MOST_PORT:
        raise InputError(
            f"--engine {text}: not the address of a cluster; type --engine flink://HOST:{PORTS['flink']} (the REST port of "
            f"Flink's job manager) or --engine spark://HOST:{PORTS['spark']} (the port of Spark's master)."
        )
    kind = cast("EngineKind", found["kind"])
    return EngineCluster(kind, found["host"], int(found["port"] or PORTS[kind]))
