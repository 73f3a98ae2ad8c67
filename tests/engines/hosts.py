"""Hosts on this machine: network and mount namespaces, joined by a bridge; they see the system, the checkout and a shared folder.

Needs root and `ip` (iproute2). Nothing of it is left after the block.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines import jars
from tests.engines.cluster import PROJECT

BRIDGE = "fairgate0"
NETWORK = "10.213.47"  # of the bridge; the machine itself is .1
SYSTEM = ("usr", "etc", "proc", "sys", "dev")
LINKS = ("bin", "lib", "lib64", "sbin")  # into /usr


class NoNamespacesError(Exception):
    """This machine, or this user, cannot make namespaces; the message has the reason."""


@dataclass(frozen=True)
class NamespaceHost:
    """A host of its own for the processes that are started with its prefix.

    Attributes:
        address: reachable from the machine and from the other hosts.
        prefix: what a command line starts with; the command starts in the folder "/".
    """

    address: str
    prefix: Sequence[str]

    def sees(self, path: Path) -> bool:
        """Return whether the path exists there."""
        return subprocess.run([*self.prefix, "test", "-e", path], check=False).returncode == 0


@contextmanager
def hosts(number: int, folder: Path, share: Path) -> Iterator[tuple[str, list[NamespaceHost]]]:
    """Make so many hosts; yield the address of this machine, by which they reach it, and the hosts.

    Args:
        number: of hosts.
        folder: receives the roots of their file systems, empty for everybody else.
        share: the only folder of this machine, beside the programs, that they see; under the same path.

    Raises:
        NoNamespacesError: they cannot be made here.
    """
    with ExitStack() as stack:
        _call("ip", "link", "add", BRIDGE, "type", "bridge")
        stack.callback(_call, "ip", "link", "delete", BRIDGE)
        _call("ip", "address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        _call("ip", "link", "set", BRIDGE, "up")
        made = []
        for index in range(1, number + 1):
            name, address = f"fairgate{index}", f"{NETWORK}.{index + 1}"
            _call("ip", "netns", "add", name)
            stack.callback(_call, "ip", "netns", "delete", name)
            _join(name, address)
            root = folder / name
            root.mkdir(parents=True, exist_ok=True)
            script = _entered(root, share)
            prefix = ("ip", "netns", "exec", name, "unshare", "--mount", "--propagation", "private", "sh", "-euc", script, "host")
            made.append(NamespaceHost(address, prefix))
        _call(*made[0].prefix, "true")
        yield f"{NETWORK}.1", made


def _join(name: str, address: str) -> None:
    """Join a network namespace to the bridge."""
    outside = f"{name}-veth"
    _call("ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name)
    _call("ip", "link", "set", outside, "master", BRIDGE, "up")
    _call("ip", "-netns", name, "address", "add", f"{address}/24", "dev", "eth0")
    for device in ("lo", "eth0"):
        _call("ip", "-netns", name, "link", "set", device, "up")


def _entered(root: Path, share: Path) -> str:
    """Return a shell script that makes a file system of what a host sees, and runs its arguments in it."""
    jar_folder = Path(os.path.commonpath(jars.class_path("flink").split(os.pathsep)))
    seen = [Path("/", name) for name in SYSTEM] + [Path(sys.base_prefix).resolve(), jar_folder, PROJECT, share]
    lines = [f"mount -t tmpfs tmpfs {shlex.quote(str(root))}"]
    for path in seen:
        inside = shlex.quote(f"{root}{path}")
        lines += [f"mkdir -p {inside}", f"mount --rbind {shlex.quote(str(path))} {inside}"]
    for name in LINKS:
        if Path("/", name).is_symlink():
            lines.append(f"ln -s usr/{name} {shlex.quote(str(root / name))}")
    lines += [f"mkdir -m 1777 -p {shlex.quote(str(root / 'tmp'))}", f'exec chroot {shlex.quote(str(root))} "$@"']
    return "\n".join(lines)


def _call(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NoNamespacesError(f"{' '.join(command[:6])}: {said.strip()}") from None
