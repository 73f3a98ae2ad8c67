"""What the local runner does around the graph."""

import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ml_metadata import metadata_store
from ml_metadata.proto import Artifact, ArtifactType, Attribution, ConnectionConfig, Context, ContextType

from components.modelling.publishing import publish
from data.plain_paths import PlainName
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Verdict
from pipeline import config as configuration
from pipeline import faults, local
from pipeline.engines import workers
from pipeline.engines.address import EngineCluster
from pipeline.engines.choice import EngineChoice
from pipeline.engines.workers import WorkersSeen
from pipeline.local import REPORTED, RUN_ID, free_moment, published_version, unreported_digests
from pipeline.progress import StepLog, StepStart


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "20261231T235959Z"),
        (["20261231T235958Z", "mine", ".20270101T000000Z.partial"], "20261231T235959Z"),
        (["20261231T235959Z"], "20270101T000000Z"),
        (["20261231T235958Z", "20270101T000000Z"], "20270101T000001Z"),
        (["20270105T120000Z", "20261231T235958Z"], "20270105T120001Z"),
    ],
    ids=["no run yet", "an earlier one", "one in this second", "one in the next", "the clock was set back by days"],
)
def test_run_is_named_after_every_earlier_one(tmp_path: Path, taken: list[str], expected: str) -> None:
    """Two runs that end within a second have folders of their own, and the order of names is that of the runs."""
    for name in taken:
        (tmp_path / name).mkdir()
    now = datetime(2026, 12, 31, 23, 59, 59, 900_000, tzinfo=timezone.utc)
    assert free_moment(tmp_path, now).strftime(RUN_ID) == expected


def test_progress_names_the_deadline_of_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, object]] = []

    def check(*_: Any, deadline: float, cluster: object) -> WorkersSeen:
        asked.append((deadline, cluster))
        return WorkersSeen(("one",), 1, 0.0)

    monkeypatch.setattr(workers, "check_workers", check)
    started: list[StepStart] = []
    choice = EngineChoice(address="flink://one:8081", worker_deadline=90)
    log = StepLog(started.append, lambda _: None)
    local._check_workers(configuration.load("digits"), tmp_path, (), log, choice)
    assert started == [StepStart("Workers, which must answer within 90 s")]
    assert asked == [(90, EngineCluster("flink", "one", 8081))]


def test_fault_of_a_cluster_stays_one(tmp_path: Path) -> None:
    """The engine of the run adds the cluster's address to it."""
    with pytest.raises(faults.ClusterFaultError), local.held(tmp_path / "root"):
        raise RuntimeError("Pipeline job-1 failed in state FAILED: java.net.ConnectException: Connection refused")


NOW = datetime(2026, 12, 31, tzinfo=timezone.utc)


def model(folder: Path, weights: str) -> Path:
    """A folder with a model."""
    folder.mkdir()
    (folder / "saved_model.pb").write_text(weights)
    return folder


def pushed(copy: Path, version: str) -> Artifact:
    """What the Pusher recorded, perhaps in an earlier run: its own copy of the model, and the version; "" for none."""
    artifact = Artifact(uri=str(copy))
    artifact.custom_properties["pushed_destination"].string_value = version
    return artifact


def blessed(folder: Path) -> Verdict:
    """The verdict on a model."""
    return Verdict(
        task="digits",
        outcome="blessed",
        summary="",
        models={"candidate": ModelInfo(digest=folder_digest(folder))},
        overall={},
        rules=(),
        slices=(),
        omitted={},
        invalid_scores={},
        confidence=0.95,
        data=DataInfo(source="files"),
        provenance=Provenance(),
    )


def test_version_that_is_the_newest_stays(tmp_path: Path) -> None:
    first, serving = model(tmp_path / "first", "one"), tmp_path / "serving"
    version = publish(first, folder_digest(first), serving, 7)
    assert published_version(pushed(first, str(version)), blessed(first), serving, NOW) == version
    assert [path.name for path in serving.iterdir()] == ["7"]


def test_version_that_a_later_run_superseded_is_published_again(tmp_path: Path) -> None:
    """A change is undone, the first run comes from the cache: what is served must be what it judged."""
    first, second, serving = model(tmp_path / "first", "one"), model(tmp_path / "second", "two"), tmp_path / "serving"
    version = publish(first, folder_digest(first), serving, 7)
    publish(second, folder_digest(second), serving, 8)
    again = published_version(pushed(first, str(version)), blessed(first), serving, NOW)
    assert again is not None
    assert again.name == str(int(NOW.timestamp()))
    assert folder_digest(again) == folder_digest(first)


def test_refused_model_has_no_version(tmp_path: Path) -> None:
    refused = model(tmp_path / "refused", "one")
    assert published_version(pushed(refused, ""), blessed(refused), tmp_path / "serving", NOW) is None
    assert not (tmp_path / "serving").exists()


def test_models_blessed_by_runs_without_a_report_are_known_by_their_digests() -> None:
    """A run that has a report keeps its version; a blessing that refuses has published nothing."""
    connection = ConnectionConfig()
    connection.fake_database.SetInParent()
    store = metadata_store.MetadataStore(connection)
    types = (
        store.put_artifact_type(ArtifactType(name="ModelBlessing")),
        store.put_context_type(ContextType(name="pipeline_run")),
    )
    for name, blessed, report in (("a", 1, "20261231T235959Z"), ("b", 1, ""), ("c", 0, "")):
        artifact, run = Artifact(type_id=types[0], uri=name), Context(type_id=types[1], name=name)
        artifact.custom_properties["blessed"].int_value = blessed
        artifact.custom_properties["model_digest"].string_value = f"sha256:{name}"
        if report:
            run.custom_properties[REPORTED].string_value = report
        ((of_artifact,), (of_run,)) = store.put_artifacts([artifact]), store.put_contexts([run])
        store.put_attributions_and_associations([Attribution(artifact_id=of_artifact, context_id=of_run)], [])
    assert unreported_digests(store) == {"sha256:b"}


@pytest.mark.parametrize("kind", [InputError, ValueError])
def test_message_names_the_root_as_the_user_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    """Not by the link through which libraries find a folder whose name looks like a pattern. A crash stays what it is."""
    root = tmp_path / "we[ir]d"

    def fail(_: object, named: PlainName, *__: object) -> None:
        assert named.path.resolve() == root
        raise kind(f"{named.path}/latest: damaged")

    monkeypatch.setattr(local, "prepare", fail)
    with pytest.raises(kind) as caught:
        local.run(configuration.load("digits"), root, (), StepLog(lambda _: None, lambda _: None))
    assert (str(caught.value) == f"{root}/latest: damaged") == (kind is InputError)


def test_model_that_was_edited_since_its_verdict_is_named_with_the_remedy(tmp_path: Path) -> None:
    """Also where training, evaluation and gate all come from the cache, and nothing else reads it again."""
    folder = model(tmp_path / "model", "one")
    verdict = blessed(folder)
    local._require_judged({"candidate": folder}, verdict)
    (folder / "saved_model.pb").write_text("two")
    with pytest.raises(InputError) as error:
        local._require_judged({"candidate": folder}, verdict)
    known = f"{folder}: the candidate is not the model that was judged: {folder_digest(folder)} instead of "
    remedy = f"To go on, restore its files, or remove it (`rm -r {tmp_path}`) and run again, which trains it again."
    assert str(error.value) == f"{known}{verdict.models['candidate'].digest}. {remedy}"
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="not the model that was judged: absent instead of"):
        local._require_judged({"candidate": folder}, verdict)
