"""The cache keeps its promise both ways: a changed file runs exactly those steps again that can see it.

Each row of the table changes one file, as the digests read it, and compares the graph that is built with the one before: a step
runs again if a value that TFX caches it by is another one, `Prepare` if its data get another folder. What a step's output changes
after it is TFX's own business.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline import config as configuration
from pipeline import local, provenance, tasks
from tests.changes import opening

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
TASKS = ("civil-comments", "digits")
ROOMS = ("fairgate", "data", "components", "pipeline")
COUNTING = "Evaluator FairnessGate Reporter"
JUDGING = "FairnessGate Reporter"
# File -> steps of the comments, steps of the digits. One word for all Trainers, and for the Evaluators of all splits.
TABLE = {
    "fairgate/report/page.py": ("Reporter", "Reporter"),
    "fairgate/report/points.py": ("", ""),
    "fairgate/report/assets/page.css": ("Reporter", "Reporter"),
    "fairgate/report/sections/verdict.py": ("Reporter", "Reporter"),
    "fairgate/report/specs/gaps.py": ("", ""),
    "fairgate/report/cards/datasheet.py": ("Reporter", "Reporter"),
    "fairgate/report/checklist.py": ("Reporter", "Reporter"),
    "fairgate/gate/decision.py": ("FairnessGate", "FairnessGate"),
    "fairgate/gate/policy.py": ("FairnessGate", "FairnessGate"),
    "fairgate/gate/rules/gap.py": ("FairnessGate", "FairnessGate"),
    "fairgate/gate/outcome.py": (JUDGING, JUDGING),
    "fairgate/gate/verdict.py": (JUDGING, JUDGING),
    "fairgate/counting/cells.py": (COUNTING, COUNTING),
    "fairgate/counting/settings.py": (COUNTING, COUNTING),
    "fairgate/metrics/rates.py": (COUNTING, COUNTING),
    "fairgate/metrics/words.py": (JUDGING, JUDGING),
    "fairgate/statistics/intervals.py": (f"CounterfactualTest {JUDGING}", JUDGING),
    "fairgate/statistics/comparison.py": (JUDGING, JUDGING),
    "fairgate/counterfactual.py": (f"CounterfactualTest {JUDGING}", JUDGING),
    "fairgate/table.py": (JUDGING, JUDGING),
    "fairgate/cli/report.py": ("", ""),
    "fairgate/discovery/search.py": ("Reporter", "Reporter"),
    "fairgate/judging/counting.py": ("", ""),
    "fairgate/integrations/pytest_plugin.py": ("", ""),
    "pipeline/engines/choice.py": ("", ""),
    "components/artifacts/seals.py": (f"CounterfactualTest DataGate {COUNTING} TextFeatures", f"DataGate {COUNTING}"),
    "components/steps/evaluator.py": ("Evaluator", "Evaluator"),
    "components/steps/fairness_gate.py": ("FairnessGate", "FairnessGate"),
    "components/steps/gate_settings.py": ("FairnessGate", "FairnessGate"),
    "components/steps/reporter.py": ("Reporter", "Reporter"),
    "components/reporting/points.py": ("Reporter", "Reporter"),
    "components/reporting/discovery.py": ("Reporter", "Reporter"),
    "components/reporting/edits.py": ("Reporter", "Reporter"),
    "components/reporting/tables.py": ("Reporter", "Reporter"),
    "components/reporting/vocabulary.py": ("Reporter", "Reporter"),
    "components/reporting/summary.py": ("Reporter", "Reporter"),
    "components/validation/leakage.py": ("Reporter", "Reporter"),
    "components/tasks/civil_comments/outsiders.py": ("Reporter", ""),
    "components/tasks/images/domain.py": ("", "Reporter"),
    "data/images/pictures.py": ("", "Reporter"),
    "components/counterfactual/nearest.py": ("Reporter", "Reporter"),
    "components/counterfactual/phrases.py": ("CounterfactualTest Reporter", "Reporter"),
    "components/evaluation/collapse.py": (COUNTING, COUNTING),
    "components/evaluation/reading.py": (JUDGING, JUDGING),
    "components/evaluation/predictions_table.py": ("", ""),
    "components/steps/text_features.py": ("TextFeatures", ""),
    "components/remedies/identity_weights.py": ("Trainer", ""),
    "components/modelling/linear/solver.py": ("Trainer", ""),
    "components/modelling/ngram_shares.py": ("Trainer", ""),
    "components/modelling/text_model.py": ("CounterfactualTest Reporter", "Reporter"),
    "components/modelling/metadata.py": ("FairnessGate Reporter Trainer", "FairnessGate Reporter Trainer"),
    "components/modelling/export.py": ("Trainer", "Trainer"),
    "components/modelling/seal_check.py": (f"CounterfactualTest {COUNTING}", COUNTING),
    "components/modelling/publishing.py": ("FairnessGate", "FairnessGate"),
    "components/validation/decision.py": ("DataGate", "DataGate"),
    "components/artifacts/anomalies.py": ("DataGate Reporter", "DataGate Reporter"),
    "components/tasks/base.py": ("FairnessGate Prepare Reporter Trainer", "FairnessGate Prepare Reporter Trainer"),
    "components/tasks/civil_comments/ngrams.py": ("Trainer", ""),
    "components/tasks/civil_comments/embedding.py": ("Prepare Trainer", ""),
    "components/tasks/civil_comments/features_plan.py": ("", ""),
    "components/tasks/civil_comments/published.py": ("Reporter", ""),
    "components/tasks/civil_comments/task.py": ("", ""),
    "components/tasks/images/model.py": ("", "Trainer"),
    "components/tasks/images/report.py": ("", "Reporter"),
    "components/tasks/images/exploration.py": ("", "Reporter"),
    "components/tasks/images/published.py": ("", "Reporter"),
    "components/tasks/images/training_facts.py": ("", "Reporter Trainer"),
    "data/comments/conversion.py": ("Prepare", ""),
    "data/comments/sample.py": ("Prepare", ""),
    "data/images/idx.py": ("", "Prepare Reporter"),
    "data/images/conversion.py": ("", "Prepare"),
    "data/text/ngrams.py": ("TextFeatures Trainer", ""),
    "data/text/same_text.py": ("DataGate Prepare", "DataGate"),
    "data/text/text_embedding.py": ("Prepare", ""),
    "data/schemas/civil_comments.pbtxt": ("ImportSchema", ""),
    "data/schemas/digits.pbtxt": ("", "ImportSchema"),
    "data/web.py": ("", "Prepare"),
    "pipeline/graph.py": ("", ""),
    "pipeline/graph_steps.py": ("", ""),
    "pipeline/compiled.py": ("", ""),
    "pipeline/airflow/dag.py": ("", ""),
    "pipeline/commands/run.py": ("", ""),
    "pipeline/kubeflow/compile.py": ("", ""),
}
# File -> steps of the comments where the judged models are networks: the reference model beside them is one of n-grams.
NETWORK = ("training.model=dnn",)
OF_NETWORK = {
    "components/remedies/reweighting.py": "Transform",
    "components/tasks/civil_comments/preprocessing.py": "Transform",
    "components/tasks/civil_comments/model.py": "TrainerBaseline TrainerCandidate",
    "components/tasks/civil_comments/sentence_vectors.py": "CounterfactualTest",
    "components/tasks/civil_comments/ngrams.py": "TrainerReference",
}


def cache_keys(task: str, settings: tuple[str, ...] = ()) -> dict[str, str]:
    """Return for each step of a task's graph, as it is built now, all that decides over its cache but its inputs."""
    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline
    from pipeline.plan import PipelinePlan

    config = configuration.load(task, configuration.Overrides(settings=settings))
    prepare = local.preparation(config, Path("root"), tasks.find(task).code(), ())
    examples = ImportExamples(folder="examples")
    plan = PipelinePlan(config, examples, "source", generated=False, root="root", serving="serving", beam_args=())
    keys = {step.id: str(sorted(step.exec_properties.items())) for step in create_pipeline(plan).components}
    return {"Prepare": str(prepare.folder("examples", "any", {})), **keys}


@pytest.fixture(scope="module")
def before() -> dict[str, dict[str, str]]:
    """Return the cache keys of each task, with every file as it is."""
    return {task: cache_keys(task) for task in TASKS}


@pytest.fixture(scope="module")
def network() -> dict[str, str]:
    """Return the cache keys of the comments' networks, with every file as it is."""
    return cache_keys("civil-comments", NETWORK)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the steps whose key is another one."""
    return {step for step in before.keys() | after.keys() if before.get(step) != after.get(step)}


def changed_steps(before: dict[str, str], after: dict[str, str]) -> str:
    """Return the same sorted, all Trainers as one word, and the Evaluators of all splits."""
    names = changed(before, after)
    short = {next((word for word in ("Trainer", "Evaluator") if step.startswith(word)), step) for step in names}
    return " ".join(sorted(short))


@pytest.fixture(scope="module")
def known_reach() -> Callable[..., set[Path]]:
    """Return `provenance.reach` with a memory: in these tests a file is read as another one, but none changes on the disk."""
    return cache(provenance.reach)


@pytest.fixture
def remembered(known_reach: Callable[..., set[Path]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for the files behind a step once, not once for every changed file."""
    monkeypatch.setattr(provenance, "reach", known_reach)


@pytest.mark.no_cover
@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("file", TABLE)
def test_changed_file_runs_the_steps_that_can_see_it(
    file: str, before: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no others."""
    monkeypatch.setattr(Path, "open", opening(PROJECT / file))
    found = tuple(changed_steps(before[task], cache_keys(task)) for task in TASKS)
    assert found == TABLE[file]


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("file", OF_NETWORK)
def test_changed_file_of_networks_leaves_the_reference_model_alone(
    file: str, network: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the other way round."""
    monkeypatch.setattr(Path, "open", opening(PROJECT / file))
    assert " ".join(sorted(changed(network, cache_keys("civil-comments", NETWORK)))) == OF_NETWORK[file]


def test_nothing_changes_by_itself(before: dict[str, dict[str, str]]) -> None:
    """The same graph is built twice."""
    assert {task: cache_keys(task) for task in TASKS} == before


def packages() -> Iterator[str]:
    """Yield every folder of our packages that holds a module, besides those whose modules are listed in the table by task."""
    for room in ROOMS:
        for folder in (PROJECT / room).rglob("*"):
            if folder.is_dir() and any(path.name != "__init__.py" for path in folder.glob("*.py")):
                yield folder.relative_to(PROJECT).as_posix()


def test_table_has_a_file_of_every_package() -> None:
    """A new package is not forgotten."""
    assert set(packages()) - {str(Path(file).parent) for file in (*TABLE, *OF_NETWORK)} == set()
