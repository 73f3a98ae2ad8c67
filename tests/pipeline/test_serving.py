"""Published models and the reports that vouch for them."""

from pathlib import Path

import pytest

from fairgate.errors import InputError
from fairgate.files import folder_digest
from pipeline.serving import check_accounted, orphans, remove_orphans
from tests.pipeline.published import verdict_on, write_report


def version(root: Path, name: str, weights: str) -> Path:
    folder = root / "serving" / name
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text(weights)
    return folder


def test_version_that_a_report_names_is_no_orphan(tmp_path: Path) -> None:
    named, other = version(tmp_path, "9", "one"), version(tmp_path, "10", "two")
    (tmp_path / "serving" / ".11.partial").mkdir()
    write_report(named)
    assert orphans(tmp_path) == [other]


def test_root_without_published_models_has_no_orphans(tmp_path: Path) -> None:
    assert orphans(tmp_path) == []


def test_orphan_of_a_stopped_run_is_removed(tmp_path: Path) -> None:
    """A version that the metadata do not know is left: it may be anybody's."""
    orphan, foreign = version(tmp_path, "9", "one"), version(tmp_path, "10", "two")
    told = list(remove_orphans(tmp_path, {folder_digest(orphan)}))
    assert [path.name for path in (tmp_path / "serving").iterdir()] == ["10"]
    assert told[0].startswith(f"{orphan}: removed; its run was stopped after it had published")
    assert told[1] == f"{foreign}: no report of this root names it; remove it if nobody needs it (`rm -r {foreign}`)."


def test_model_that_a_blessed_verdict_is_on_is_accounted_for(tmp_path: Path) -> None:
    named = version(tmp_path, "9", "one")
    write_report(named)
    check_accounted(named)


def test_one_report_that_vouches_is_enough(tmp_path: Path) -> None:
    """The same model may be judged again by another policy, and a report may be damaged later."""
    named = version(tmp_path, "9", "one")
    write_report(named)
    (write_report(named, "20260303T080000Z") / "verdict.json").write_text("{")
    (write_report(named, "20260304T080000Z") / "manifest.json").write_text("{")
    check_accounted(named)


def test_model_that_no_report_names_is_an_error(tmp_path: Path) -> None:
    write_report(version(tmp_path, "9", "one"))
    orphan = version(tmp_path, "10", "two")
    with pytest.raises(InputError, match=r"10: no report of this root names it.*--model"):
        check_accounted(orphan)


@pytest.mark.parametrize("outcome", ["refused", "inconclusive"])
def test_model_whose_verdict_is_not_blessed_is_an_error(tmp_path: Path, outcome: str) -> None:
    named = version(tmp_path, "9", "one")
    write_report(named, outcome=outcome)
    with pytest.raises(InputError, match=f"the verdict of .*20260302T080000Z is {outcome}, so no verdict stands behind"):
        check_accounted(named)


def test_model_that_was_changed_is_an_error(tmp_path: Path) -> None:
    named = version(tmp_path, "9", "one")
    write_report(named)
    (named / "saved_model.pb").write_text("cut")
    with pytest.raises(InputError, match=f"the model is {folder_digest(named)}, .* blessed sha256:"):
        check_accounted(named)


def test_verdict_without_a_candidate_vouches_for_nothing(tmp_path: Path) -> None:
    named = version(tmp_path, "9", "one")
    write_report(named, models={})
    with pytest.raises(InputError, match="blessed no candidate"):
        check_accounted(named)


def test_verdict_that_was_edited_vouches_for_nothing(tmp_path: Path) -> None:
    named = version(tmp_path, "9", "one")
    report = write_report(named, outcome="refused")
    (report / "verdict.json").write_text(verdict_on(folder_digest(named)).model_dump_json())
    with pytest.raises(InputError, match=r"verdict\.json was changed since its run"):
        check_accounted(named)
