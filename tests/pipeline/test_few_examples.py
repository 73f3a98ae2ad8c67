"""Groups with too few examples for the policy: counted by the label that a rule rests on."""

from data.conversion_report import ConversionReport, SplitReport
from pipeline import config as configuration
from pipeline.config import Overrides, RunConfig
from pipeline.few_examples import few_examples

FPR = "{id: fpr, kind: quality, metric: false_positive_rate, max: 0.2, thresholds: [0.5], slices: ['religion:*']}"
FNR = "{id: f, kind: quality, metric: false_negative_rate, max: 1, slices: [religion:jewish], min_examples: 7, thresholds: [.5]}"


def policy(*rules: str) -> RunConfig:
    return configuration.load("civil-comments", Overrides(settings=(f"policy.rules=[{', '.join(rules)}]",)))


def split(rows: dict[str, int], toxic: dict[str, int] | None = None) -> SplitReport:
    """A split by the rows of each religion, and toxic rows where they are counted."""
    return SplitReport(500, 50, 0, {"religion": rows, "race": {"black": 1}}, {}, {"religion": toxic} if toxic else {})


def report(absent: tuple[str, ...] = (), **splits: SplitReport) -> ConversionReport:
    return ConversionReport((), 1000, 1000, 0, 0, 0, splits, (), absent_columns=absent)


TRAIN = split({"jewish": 13, "hindu": 1200, "muslim": 400})
EVAL = split({"jewish": 0, "hindu": 104, "muslim": 104}, {"jewish": 0, "hindu": 7, "muslim": 4})


def test_one_warning_per_feature_gives_the_numbers() -> None:
    """Of the negatives for a false positive rate; race is named by no rule."""
    assert list(few_examples(policy(FPR), report(train=TRAIN, eval=EVAL))) == [
        "fewer examples in eval than the policy needs, so its rules stay open there: "
        "religion:jewish 0 of 100 negatives (0 rows; 13 in train); religion:hindu 97 of 100 negatives (104 rows; 1,200 in train)"
    ]


def test_rules_that_rest_on_other_labels_are_counted_apart() -> None:
    (line,) = few_examples(policy(FPR, FNR), report(train=TRAIN, eval=EVAL))
    assert "religion:jewish 0 of 100 negatives, 0 of 7 positives (0 rows; 13 in train)" in line


def test_groups_without_a_column_have_a_warning_of_their_own() -> None:
    (line,) = few_examples(policy(FPR), report(("religion:jewish",), train=TRAIN, eval=EVAL))
    assert "jewish" not in line


def test_reports_of_earlier_versions_count_no_labels() -> None:
    found = report(train=TRAIN, eval=split({"jewish": 5, "hindu": 100, "muslim": 100}))
    (line,) = few_examples(policy(FPR), found)
    assert line.endswith("religion:jewish 5 of 100 negatives (5 rows; 13 in train)")


def test_enough_examples_are_no_warning() -> None:
    found = report(train=TRAIN, eval=split({"jewish": 100, "hindu": 100, "muslim": 100}))
    assert list(few_examples(policy(FPR), found)) == []


def test_without_an_eval_split_nothing_is_counted() -> None:
    assert list(few_examples(policy(FPR), report(train=TRAIN))) == []
