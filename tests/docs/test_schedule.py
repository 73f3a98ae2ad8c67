"""The examples of docs/schedule.md, by the programs that will read them where these are installed."""

import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

from pipeline.check import problems
from pipeline.config import Overrides, load
from pipeline.kubeflow.cron import for_kubeflow
from tests.needs import needs_program

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples" / "schedule"
COMMAND = ".venv/bin/fairgate run civil-comments --config fairgate.yaml --root runs/civil-comments"


def value(unit: str, key: str) -> str:
    """Of a setting in a systemd unit."""
    (found,) = (line.partition("=")[2] for line in (FOLDER / unit).read_text().splitlines() if line.startswith(f"{key}="))
    return found


def test_crontab_has_one_job() -> None:
    """Its times are five valid fields; it has no %, which cron would take for a line's end."""
    *_, job = (line for line in (FOLDER / "fairgate.crontab").read_text().splitlines() if not line.startswith("#"))
    fields, command = job.split(maxsplit=5)[:5], job.split(maxsplit=5)[5]
    assert for_kubeflow(" ".join(fields), "UTC", "UTC", datetime.now(timezone.utc)) == "0 0 3 * * 1"
    assert command.endswith(COMMAND)
    assert "%" not in job


def test_cron_reads_it() -> None:
    """A dry run: cronie's -T; Debian's cron, which has none, calls it -n."""
    needs_program("crontab", package="cron")
    file = str(FOLDER / "fairgate.crontab")
    done = subprocess.run(["crontab", "-T", file], capture_output=True, text=True, check=False)
    if "invalid option" in done.stderr:
        done = subprocess.run(["crontab", "-n", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_service_runs_the_same_command_and_takes_a_refusal_for_an_answer() -> None:
    """Exit codes 1 and 2 are verdicts."""
    assert value("fairgate.service", "ExecStart") == f"%h/fairgate/{COMMAND}"
    assert value("fairgate.service", "SuccessExitStatus") == "1 2"


@pytest.fixture
def systemd_analyze() -> str:
    """The program."""
    return needs_program("systemd-analyze", package="systemd")


def test_systemd_takes_the_units(systemd_analyze: str, tmp_path: Path) -> None:
    """Without a word of complaint, once the command is one that exists here."""
    for unit in ("fairgate.service", "fairgate.timer"):
        written = (FOLDER / unit).read_text().replace("%h/fairgate/.venv/bin/fairgate", "/bin/true")
        (tmp_path / unit).write_text(written)
    units = [str(tmp_path / unit) for unit in ("fairgate.service", "fairgate.timer")]
    command = [systemd_analyze, "verify", "--user", "--man=no", "--recursive-errors=no", *units]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("zone", ["", " Europe/Berlin"])
def test_systemd_reads_the_calendar(zone: str, systemd_analyze: str) -> None:
    """With the zone that its comment offers."""
    command = [systemd_analyze, "calendar", value("fairgate.timer", "OnCalendar") + zone]
    assert "Next elapse: Mon " in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_configuration_is_in_order() -> None:
    """All of its keys exist."""
    config = load("civil-comments", Overrides(file=FOLDER / "fairgate.yaml"))
    assert problems(config) == []
    assert config.alerts.url_variable == "FAIRGATE_WEBHOOK"
