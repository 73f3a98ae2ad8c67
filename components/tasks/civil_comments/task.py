"""The toxicity task: Civil Comments, a binary label, five identity features."""

from functools import partial
from pathlib import Path

import data
from components.counterfactual.plan import CounterfactualPlan
from components.modelling.prediction import Predictor
from components.tasks.base import Embed, Progress, Task, TaskCode
from components.tasks.civil_comments import statements
from components.tasks.civil_comments.config import EXERCISE_EMBEDDING, CommentsInput, CommentsTraining
from components.tasks.civil_comments.identity_terms import GROUPS
from components.validation.rules import DataRules
from data.comments.civil_comments import PUBLIC_FILES
from data.comments.names import IDENTITIES, LABEL, TEXT
from data.conversion_report import ConversionReport
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate import presets


def _code() -> TaskCode:
    from components.tasks.civil_comments import report
    from components.tasks.civil_comments.features_plan import plan_features
    from components.tasks.civil_comments.prepare import prepare
    from components.tasks.civil_comments.preprocessing import preprocessing_fn
    from components.tasks.civil_comments.trainer import run_fn

    return TaskCode(prepare, preprocessing_fn, run_fn, f"{report.__name__}.PARTS", plan_features)


def _fetch(folder: Path, progress: Progress) -> None:
    """Return the processed files: a third of the raw ones in size, and converted to the same examples."""
    from data.download import fetch

    for url in (PUBLIC_FILES["train_processed"], PUBLIC_FILES["eval_processed"]):
        name = url.rpartition("/")[2]
        fetch(url, folder / name, progress=partial(progress, name))


def _check_inputs(chosen: CommentsInput, training: CommentsTraining) -> None:
    from components.tasks.civil_comments.inputs_check import check_inputs

    check_inputs(chosen, training)


def _convert(chosen: CommentsInput, folder: Path, seed: int) -> ConversionReport:
    from components.tasks.civil_comments.conversion import convert_comments

    return convert_comments(chosen, folder, seed)


def _predictor() -> Predictor:
    from components.tasks.civil_comments.predict import PREDICTOR

    return PREDICTOR


def _embedder() -> Embed:
    from components.tasks.civil_comments.sentence_vectors import embed

    return embed


POLICIES = presets.binary(tuple(IDENTITIES))
# The published exercise to the letter: every step on all training rows, nothing held back, and the gender policy.
EXERCISE = {
    "input": {"validation_fraction": 0.0, "shared_texts": "keep"},
    "training": {
        "model": "dnn",
        "embedding": EXERCISE_EMBEDDING,
        "hidden": [500, 100],
        "learning_rate": 0.003,
        "batch_size": 512,
        "steps": 1000,
        "validation_share": 0.0,
    },
    "policy": {"preset": "exercise-gender"},
}
TASK = Task(
    name="civil-comments",
    labels=LabelSpec(LABEL, ("non-toxic", "toxic"), "binary"),
    slice_values=IDENTITIES,
    schema=Path(data.__path__[0]) / "schemas" / "civil_comments.pbtxt",
    input=CommentsInput,
    training=CommentsTraining,
    evaluation=EvaluationConfig(slice_features=tuple(IDENTITIES)),
    policy=POLICIES[presets.DEFAULT],
    policies=POLICIES,
    presets={"exercise": EXERCISE},
    data_rules=DataRules(text_feature=TEXT),
    code=_code,
    text_features=(TEXT,),
    check_inputs=_check_inputs,
    fetch=_fetch,
    convert=_convert,
    predictor=_predictor,
    counterfactual=CounterfactualPlan(text_feature=TEXT, groups=GROUPS),
    embedder=_embedder,
    has_published=True,
    statements=statements.TASK,
)
