"""Where the backend under test is, and how this machine sees its volume and its artifacts: from environment variables.

`kubeflow/README.md` describes each variable.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENDPOINT = "KF_PIPELINES_ENDPOINT"
PREFIX = "FAIRGATE_BACKEND_"
NEEDED = ("IMAGE", "VOLUME", "SHARE", "STORE")
KNOWN = (*NEEDED, "ROOT", "NAMESPACE", "KUBECONFIG", "POD_NAMESPACE", "MINUTES", "TOLERANCE", "LOCAL", "SMALL", "KEEP")
SWITCH = {"": None, "0": False, "1": True}
DESCRIBED = "kubeflow/README.md, 'Accepting an installation', describes the variables."


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
        small: whether both tasks are run on less data and for fewer epochs.
        keep: whether what was made stays there at the end; None keeps it only if a test fails.
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
    small: bool
    keep: bool | None

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
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in KNOWN)
    problems += [f"{name} is set, and no such variable is read." for name in unknown]

    def value(name: str, default: str = "") -> str:
        return environment.get(PREFIX + name) or default

    def number(name: str, default: float) -> float:
        try:
            found = float(value(name, str(default)))
        except ValueError:
            found = math.nan
        if not found >= 0 or math.isinf(found):
            problems.append(f"{PREFIX}{name}={value(name)!r} is no number from 0 on.")
        return found

    def path(name: str) -> Path | None:
        if not value(name):
            return None
        if not Path(value(name)).expanduser().exists():
            problems.append(f"{PREFIX}{name}={value(name)!r} does not exist on this machine.")
        return Path(value(name)).expanduser().resolve()

    claim, _, mount = value("VOLUME").partition(":")
    if not mount and claim.startswith("/"):
        claim, mount = "", claim
    if value("VOLUME") and not mount.startswith("/"):
        problems.append(f"{PREFIX}VOLUME={value('VOLUME')!r} is neither CLAIM:/path nor /path.")
    problems += [f"{PREFIX}{name}={value(name)!r} is neither 0 nor 1." for name in ("SMALL", "KEEP") if value(name) not in SWITCH]
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
        small=bool(SWITCH.get(value("SMALL"))),
        keep=SWITCH.get(value("KEEP")),
    )
    if problems:
        raise SettingsError("\n".join([*problems, DESCRIBED]))
    return found
