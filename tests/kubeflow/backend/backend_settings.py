"""Where the backend under test is, and how this machine sees its volume and its artifacts: from environment variables.

`kubeflow/README.md` describes each variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENDPOINT = "KF_PIPELINES_ENDPOINT"
PREFIX = "FAIRGATE_BACKEND_"
NEEDED = ("IMAGE", "VOLUME", "SHARE", "STORE")


class SettingsError(ValueError):
    """The environment does not say what the test needs; the message has one line for each variable."""


@dataclass(frozen=True)
class BackendSettings:
    """The backend under test.

    Attributes:
        endpoint: address of Kubeflow Pipelines.
        namespace: the user's namespace; "" on clusters of one user.
        image: container image of every step.
        claim: the volume claim that every container mounts; "" if the cluster mounts the volume by other means.
        mount: path of the volume in the containers.
        share: the folder of this machine that shows the same volume.
        store: where artifacts are read: a folder with one folder per bucket, or the address of an S3 server.
        root: URI below which the engine stores artifacts.
        kubeconfig: credentials for Kubernetes; None leaves out the test that kills a pod.
        pods: the namespace of the steps' pods.
        minutes: time limit of one run.
        tolerance: largest absolute difference between a number of the cluster and the local one.
        local: folder of finished local runs, one per task; None makes them.
        keep: whether the files on the volume, the pipeline and the runs stay there at the end.
    """

    endpoint: str
    namespace: str
    image: str
    claim: str
    mount: str
    share: Path
    store: str
    root: str
    kubeconfig: Path | None
    pods: str
    minutes: float
    tolerance: float
    local: Path | None
    keep: bool

    @property
    def volume(self) -> str | None:
        """The value of `--volume`."""
        return f"{self.claim}:{self.mount}" if self.claim else None


def read_settings(environment: Mapping[str, str]) -> BackendSettings | None:
    """Return the settings, or None if no backend is named.

    Raises:
        SettingsError: a variable is missing or has a value that cannot be used.
    """
    if not environment.get(ENDPOINT):
        return None
    problems = [f"{PREFIX}{name} is not set." for name in NEEDED if not environment.get(PREFIX + name)]

    def value(name: str, default: str = "") -> str:
        return environment.get(PREFIX + name) or default

    def number(name: str, default: float) -> float:
        try:
            return float(value(name, str(default)))
        except ValueError:
            problems.append(f"{PREFIX}{name}={value(name)!r} is no number.")
            return default

    def path(name: str) -> Path | None:
        if not value(name):
            return None
        if not Path(value(name)).exists():
            problems.append(f"{PREFIX}{name}={value(name)!r} does not exist on this machine.")
        return Path(value(name)).resolve()

    claim, _, mount = value("VOLUME").partition(":")
    if not mount and claim.startswith("/"):
        claim, mount = "", claim
    if value("VOLUME") and not mount.startswith("/"):
        problems.append(f"{PREFIX}VOLUME={value('VOLUME')!r} is neither CLAIM:/path nor /path.")
    store = value("STORE") if value("STORE").startswith(("http://", "https://")) else str(path("STORE") or "")
    found = BackendSettings(
        endpoint=environment[ENDPOINT],
        namespace=value("NAMESPACE"),
        image=value("IMAGE"),
        claim=claim,
        mount=mount.rstrip("/"),
        share=path("SHARE") or Path(),
        store=store,
        root=value("ROOT", "minio://mlpipeline/v2/artifacts").rstrip("/"),
        kubeconfig=path("KUBECONFIG"),
        pods=value("POD_NAMESPACE", value("NAMESPACE", "kubeflow")),
        minutes=number("MINUTES", 60),
        tolerance=number("TOLERANCE", 1e-9),
        local=path("LOCAL"),
        keep=value("KEEP") == "1",
    )
    if problems:
        raise SettingsError("\n".join([*problems, "kubeflow/README.md, 'Accepting an installation', describes them."]))
    return found
