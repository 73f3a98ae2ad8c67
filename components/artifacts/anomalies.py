"""Read the anomalies that ExampleValidator found."""

from pathlib import Path


def read_anomalies(uri: str, split: str) -> list[tuple[str, str, str]]:
    """Return (split, feature, description) of each anomaly; none when the artifact has no such split."""
    from tensorflow_metadata.proto.v0 import anomalies_pb2

    file = Path(uri, f"Split-{split}", "SchemaDiff.pb")
    if not file.exists():
        return []
    proto = anomalies_pb2.Anomalies.FromString(file.read_bytes())
    return [(split, feature, info.description) for feature, info in sorted(proto.anomaly_info.items())]
