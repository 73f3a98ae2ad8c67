"""The task: who gets a loan. A creditworthy applicant who is turned down is the harm, and the gate guards that rate by gender."""

from pathlib import Path

from components.tasks.base import Task, TaskCode
from components.validation.rules import DataRules
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.policy import Policy
from fairgate.gate.rules import BeatsTrivialRule, GapRule, GuardRule, ImprovementRule
from loan_approval.applications import GENDER, GENDERS, REPAID
from loan_approval.config import LoanInput, LoanTraining

_AT = (0.5,)
_GROUPS = (f"{GENDER}:*",)

POLICY = Policy(
    rules=(
        GapRule(id="turned-down-gap", metric="false_negative_rate", thresholds=_AT, slices=_GROUPS, limit=1.25),
        ImprovementRule(id="gap-shrinks", metric="false_negative_rate", thresholds=_AT, slices=_GROUPS),
        GuardRule(id="bad-loans-guard", metric="false_positive_rate", thresholds=_AT, margin=0.12),
        GuardRule(id="auc-guard", metric="auc", margin=0.02),
        BeatsTrivialRule(id="beats-trivial", metric="auc", reference=0.5),
    ),
    uncovered_harm="report",  # the bad loans of one gender are the lender's loss: listed, and they decide nothing
)


def _code() -> TaskCode:
    from loan_approval import report
    from loan_approval.preparation import prepare
    from loan_approval.preprocessing import preprocessing_fn
    from loan_approval.trainer import run_fn

    return TaskCode(prepare, preprocessing_fn, run_fn, f"{report.__name__}.PARTS")


TASK = Task(
    name="loan-approval",
    labels=LabelSpec(REPAID, ("defaulted", "repaid"), "binary"),
    slice_values={GENDER: GENDERS},
    schema=Path(__file__).with_name("schema.pbtxt"),
    input=LoanInput,
    training=LoanTraining,
    evaluation=EvaluationConfig(slice_features=(GENDER,)),
    policy=POLICY,
    data_rules=DataRules(),
    code=_code,
)
