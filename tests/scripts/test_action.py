"""The step of the GitHub Action, run as a script with the variables that the action sets."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("uncounted")  # the command's lines are counted by tests/fairgate/cli


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions of a good model and of one that calls everything positive."""
    folder = tmp_path_factory.mktemp("action")
    random = np.random.default_rng(1)
    label = random.random(2000) < 0.3
    good = 1 / (1 + np.exp(-(random.normal(size=2000) + 2.5 * label - 1.2)))
    pd.DataFrame({"y": label, "good": good, "bad": 0.9, "g": random.choice(["a", "b"], 2000)}).to_csv(
        folder / "p.csv", index=False
    )
    return folder


def _run(folder: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and the summary of the job."""
    outputs, summary = folder / "outputs", folder / "summary"
    for file in (outputs, summary):
        file.write_text("")
    given = {"PREDICTIONS": "p.csv", "LABEL": "y", "SLICES": "g", "POLICY": "", "FAIL_ON": "refused,inconclusive", "OUT": "out"}
    files = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    path = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **given, **files, **inputs, "PATH": path}
    done = subprocess.run(["bash", str(PROJECT / "scripts" / "action.sh")], cwd=folder, env=environment, check=False)
    pairs = (line.partition("=") for line in outputs.read_text().splitlines())
    return done.returncode, {name: value for name, _, value in pairs}, summary.read_text()


def test_a_good_model_passes_the_job(folder: Path) -> None:
    """Outcome, verdict and report are outputs; the verdict is in the summary."""
    code, outputs, summary = _run(folder, SCORES="candidate=good")
    assert code == 0
    assert outputs == {"outcome": "blessed", "verdict": "out/verdict.json", "report": "out/report.html"}
    assert summary == (folder / "out" / "verdict.md").read_text()


@pytest.mark.parametrize(("fail_on", "code"), [("refused,inconclusive", 1), ("refused", 1), ("inconclusive", 0), ("", 0)])
def test_a_bad_model_fails_the_job_as_configured(folder: Path, fail_on: str, code: int) -> None:
    """The outcome is an output in any case."""
    found, outputs, _ = _run(folder, SCORES="candidate=bad baseline=good", FAIL_ON=fail_on, SLICES="")
    assert (found, outputs["outcome"]) == (code, "refused")


def test_inputs_may_have_several_lines(folder: Path) -> None:
    """Every file and every model counts, whatever separates them."""
    (folder / "q.csv").write_text((folder / "p.csv").read_text().replace("False", "True", 200))
    first = _run(folder, SCORES="candidate=good\nbaseline=bad\n", PREDICTIONS="p.csv\nq.csv\n", FAIL_ON="refused\ninconclusive")
    verdict = json.loads((folder / "out" / "verdict.json").read_text())
    assert (verdict["rows"], sorted(verdict["models"])) == (4000, ["baseline", "candidate"])
    assert first[0] == {"blessed": 0, "refused": 1, "inconclusive": 2}[first[1]["outcome"]]


@pytest.mark.parametrize("fail_on", ["Refused", "refused,inconclusiv"])
def test_an_outcome_that_is_none_fails_the_job(folder: Path, fail_on: str) -> None:
    """A typo would let every model through."""
    assert _run(folder, SCORES="candidate=good", FAIL_ON=fail_on) == (3, {}, "")


def test_the_folder_of_the_outputs_is_that_of_the_report(folder: Path) -> None:
    """Whatever the further arguments say."""
    code, outputs, _ = _run(folder, SCORES="candidate=bad", SLICES="", ARGUMENTS="--out other")
    assert (code, outputs["outcome"], (folder / "other").exists()) == (1, "refused", False)


def test_words_with_spaces_stand_in_quotes(folder: Path) -> None:
    """As in a shell; dollars and backslashes are signs as any other."""
    code, _, _ = _run(
        folder, SCORES="candidate=good", SLICES="", ARGUMENTS="--where \"g == 'a' and\n y != '$(x)\\\\'\" --thresholds 0.4"
    )
    verdict = json.loads((folder / "out" / "verdict.json").read_text())
    assert code in {0, 2}
    assert verdict["data"]["where"] == "g == 'a' and  y != '$(x)\\\\'"
    assert verdict["rows"] == pd.read_csv(folder / "p.csv")["g"].eq("a").sum()


def test_a_quote_that_is_never_closed_fails_the_job(folder: Path) -> None:
    assert _run(folder, SCORES="candidate=good", ARGUMENTS="--where \"g == 'a'") == (3, {}, "")


def test_decisions_without_labels_are_reported(folder: Path) -> None:
    """The job passes, and the summary has the table."""
    code, outputs, summary = _run(folder, LABEL="", SCORES="", DECISIONS="candidate=y", POLICY="ll144")
    assert (code, outputs["outcome"]) == (0, "reported")
    assert "## Selection rate at 0.5 by g" in summary


def test_a_policy_that_judges_nothing_can_fail_the_job(folder: Path) -> None:
    """Where the outcome is named."""
    code, outputs, _ = _run(folder, LABEL="", SCORES="", DECISIONS="candidate=y", POLICY="ll144", FAIL_ON="refused,reported")
    assert (code, outputs["outcome"]) == (1, "reported")


def test_a_mistake_fails_the_job_whatever_is_configured(folder: Path) -> None:
    """There is no outcome then."""
    code, outputs, summary = _run(folder, SCORES="candidate=none", FAIL_ON="")
    assert (code, outputs, summary) == (3, {}, "")


def test_the_action_hands_every_input_to_the_step() -> None:
    """Each input is a variable of the script, and each output is written by it."""
    action = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
    variables = action["runs"]["steps"][-1]["env"]
    script = (PROJECT / "scripts" / "action.sh").read_text(encoding="utf-8")
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} == set(variables.values())
    assert all(f"${name}" in script or f"${{{name}" in script for name in variables)
    assert all(f'echo "{name}=' in script for name in action["outputs"])
