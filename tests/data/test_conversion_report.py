"""What the report of a conversion says of rare groups; `data/comments/test_conversion.py` tests how it is counted."""

from data.conversion_report import ConversionReport, SplitReport, rare_groups


def split(rows: dict[str, int], toxic: dict[str, int] | None = None) -> SplitReport:
    """A split by the rows of each religion, and toxic rows where they are counted."""
    return SplitReport(500, 50, 0, {"religion": rows, "race": {"black": 100}}, {}, {"religion": toxic} if toxic else {})


def report(absent: tuple[str, ...] = (), **splits: SplitReport) -> ConversionReport:
    return ConversionReport((), 1000, 1000, 0, 0, 0, splits, (), absent_columns=absent)


TRAIN = split({"jewish": 13, "hindu": 1200, "muslim": 400})


def test_one_warning_per_feature_gives_the_numbers() -> None:
    found = report(train=TRAIN, eval=split({"jewish": 0, "hindu": 99, "muslim": 100}, {"jewish": 0, "hindu": 7, "muslim": 9}))
    assert list(rare_groups(found)) == [
        "fewer than 100 rows in eval, so that rules may stay unproven: "
        "religion:jewish 0 (13 in train), religion:hindu 99 (7 toxic; 1,200 in train)"
    ]


def test_groups_without_a_column_have_a_warning_of_their_own() -> None:
    found = report(("religion:jewish",), train=TRAIN, eval=split({"jewish": 0, "hindu": 100, "muslim": 100}))
    assert list(rare_groups(found)) == []


def test_reports_of_earlier_versions_count_no_labels() -> None:
    (line,) = rare_groups(report(train=TRAIN, eval=split({"jewish": 5, "hindu": 100, "muslim": 100})))
    assert line.endswith("religion:jewish 5 (13 in train)")


def test_without_an_eval_split_nothing_is_rare() -> None:
    assert list(rare_groups(report(train=TRAIN))) == []
