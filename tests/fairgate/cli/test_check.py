"""`fairgate check`: policy files and runs, with and without the pipeline."""

from pathlib import Path

import pytest

from fairgate.cli import main as cli
from fairgate.cli import pipeline_commands
from fairgate.cli.policy_check import measured_by
from fairgate.gate import junit
from fairgate.gate import verdict as verdicts
from fairgate.gate.junit import Inconclusive
from fairgate.gate.presets import binary_fairness, image_quality
from fairgate.run_folder import VERDICT, newest
from tests.fairgate.finished_run import write_run
from tests.fairgate.report.conftest import make_binary_content, make_image_content

FLOOR = "{kind: quality, id: floor, metric: auc, min: 0.5}"


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a run of comments: identity slices, five thresholds, a counterfactual test."""
    root = tmp_path_factory.mktemp("comments")
    write_run(root, make_binary_content(rows=1500), binary_fairness(("gender",)))
    return root


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a run of images."""
    root = tmp_path_factory.mktemp("images")
    write_run(root, make_image_content(1000), image_quality(0.85, 0.6, 0.05))
    return root


def policy_file(folder: Path, *rules: str) -> Path:
    """A policy of these rules, each written as a YAML mapping."""
    path = folder / "policy.yaml"
    path.write_text("rules:\n" + "".join(f"  - {rule}\n" for rule in rules) if rules else "rules: []\n")
    return path


def check(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code, and what was printed on either stream."""
    code = cli.main(["check", *map(str, arguments)])
    printed = capsys.readouterr()
    assert (printed.out == "") == (code != 0)
    return code, printed.out + printed.err


def test_policy_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = policy_file(tmp_path, FLOOR)
    sentence = f"{path}: a policy of 1 rule. Name a run with --run FOLDER to check it against its measurements.\n"
    assert check(capsys, path) == (0, sentence)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ((), "policy: it has no rules, so nothing would ever be blessed; add at least one under policy.rules."),
        (("{kind: quality, id: a, metric: train_test_gap, max: 0.1}",), "train_test_accuracy_difference"),
        (("{kind: quality, id: a, metric: acuracy, min: 0.1}",), "accuracy"),
        (("{kind: quality, id: a, metric: auc}",), "a quality rule needs min, max or both"),
        (("{kind: qualty, id: a, metric: auc, min: 0.1}",), "qualty"),
    ],
)
def test_mistake_in_a_policy_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rules: tuple[str, ...], message: str
) -> None:
    path = policy_file(tmp_path, *rules)
    code, printed = check(capsys, path)
    assert code == 3
    assert str(path) in printed
    assert message in printed


def test_file_that_is_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, tmp_path / "nowhere.yaml")
    assert (code, f"{tmp_path / 'nowhere.yaml'}: no such file; name the file of the policy" in printed) == (3, True)


def test_policy_of_a_run(comments: Path, images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for root, rules in ((comments, 5), (images, len(image_quality(0.85, 0.6, 0.05).rules))):
        report = root / "latest"
        sentence = f"{report / 'config.json'}: its policy of {rules} rules is in order for what {report} measured.\n"
        assert check(capsys, root) == (0, sentence)
        assert check(capsys, report.resolve())[0] == 0


@pytest.mark.parametrize(
    "rule",
    [
        "{kind: quality, id: a, metric: recall, slices: ['class:Shirt'], min: 0.5}",
        "{kind: worst_slice, id: a, metric: recall, slices: ['class:*'], min: 0.5}",
        "{kind: quality, id: a, metric: train_test_accuracy_difference, max: 0.05}",
    ],
)
def test_rule_about_classes(images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str) -> None:
    code, printed = check(capsys, policy_file(tmp_path, rule), "--run", images)
    assert (code, "its policy of 1 rule is in order" in printed) == (0, True), printed


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{kind: quality, id: a, metric: false_positive_rate, thresholds: [0.6], max: 0.2}", "threshold 0.6 is not evaluated"),
        ("{kind: quality, id: a, metric: auc, slices: ['gender:mail'], min: 0.5}", "gender:mail"),
        ("{kind: quality, id: a, metric: auc, slices: ['age:*'], min: 0.5}", "age:*"),
        ("{kind: quality, id: a, metric: positive_rate, thresholds: [0.5], max: 0.5, slices: ['class:*']}", "class:*"),
        ("{kind: quality, id: a, metric: train_test_gap, max: 0.1}", "train_test_accuracy_difference"),
        ("{kind: quality, id: a, metric: train_test_accuracy_difference, max: 0.1}", "train"),
        ("{kind: quality, id: a, metric: false_positive_rate, max: 0.1}", "add thresholds, of 0.1"),
    ],
)
def test_rule_that_names_what_was_not_measured(
    comments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str, message: str
) -> None:
    code, printed = check(capsys, policy_file(tmp_path, rule), "--run", comments)
    assert code == 3
    assert printed.startswith("Error: policy, rule 'a': ")
    assert message in printed


def test_several_problems_are_a_list(comments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = [f"{{kind: quality, id: {name}, metric: auc, slices: ['{name}:*'], min: 0.5}}" for name in ("age", "town")]
    code, printed = check(capsys, policy_file(tmp_path, *rules), "--run", comments)
    lines = printed.splitlines()
    assert (code, lines[0], len(lines)) == (3, "Error: 2 problems", 3)
    assert [line[:23] for line in lines[1:]] == ["  - policy, rule 'age':", "  - policy, rule 'town'"]


def test_policy_of_one_run_against_another(comments: Path, images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, images, "--run", comments)
    assert code == 3
    assert "class:*" in printed


def test_folder_that_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, tmp_path)
    assert (code, f"There is no report in {tmp_path} (no config.json)" in printed) == (3, True)
    code, printed = check(capsys, policy_file(tmp_path, FLOOR), "--run", tmp_path)
    assert (code, f"Cannot read {tmp_path / 'metrics.parquet'}: " in printed) == (3, True)


def test_table_that_is_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "metrics.parquet").write_text("no table")
    code, printed = check(capsys, policy_file(tmp_path, FLOOR), "--run", tmp_path)
    assert (code, f"Cannot read {tmp_path / 'metrics.parquet'}: " in printed) == (3, True)


def test_run_without_a_counterfactual_test(images: Path) -> None:
    assert measured_by(images / "latest").counterfactual == ()


def test_run_is_described_by_its_table(comments: Path) -> None:
    measured = measured_by(comments / "latest")
    assert (measured.task, measured.thresholds, measured.splits) == ("binary", (0.1, 0.3, 0.5, 0.7, 0.9), ("eval",))
    assert set(measured.features["gender"]) == {"male", "female", "transgender"}
    assert set(measured.intersections) == {("gender", "race"), ("gender", "religion")}
    assert "swaps:gender:woman" in measured.counterfactual


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("policy.yaml", "--set", "seed=1"),
            "--config, --policy, --preset and --set belong to a task, but policy.yaml is a path",
        ),
        (("policy.yaml", "--preset", "exercise"), "belong to a task, but policy.yaml is a path"),
        (("digits", "--run", "runs/digits"), "--run belongs to a policy file, but 'digits' is the name of a task"),
    ],
)
def test_option_of_the_other_kind(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str) -> None:
    code, printed = check(capsys, *arguments)
    assert (code, message in printed) == (3, True)


def test_task_without_the_pipeline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(pipeline_commands, "is_present", lambda: False)
    code, printed = check(capsys, "digits")
    assert code == 3
    assert printed.startswith("Error: `fairgate check digits` needs the pipeline, which is not installed with the library")


def test_bare_name_of_a_folder_without_the_pipeline(
    images: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline_commands, "is_present", lambda: False)
    monkeypatch.chdir(images.parent)
    code, printed = check(capsys, images.name)
    assert (code, "is in order" in printed) == (0, True)


@pytest.mark.parametrize("inconclusive", ["failure", "skipped"])
def test_verdict_of_a_run_is_written_as_junit(
    comments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], inconclusive: Inconclusive
) -> None:
    path = tmp_path / "junit.xml"
    check(capsys, comments, "--junit", path, "--junit-inconclusive", inconclusive)
    assert path.read_text() == junit.render(verdicts.read(newest(comments) / VERDICT), inconclusive)


def test_junit_file_needs_the_directory_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = policy_file(tmp_path, FLOOR)
    for target, message in ((policy, f"{policy} is no directory of one"), ("digits", "'digits' is the name of a task")):
        code, printed = check(capsys, target, "--junit", tmp_path / "junit.xml")
        assert (code, message in printed) == (3, True)
    assert not (tmp_path / "junit.xml").exists()
