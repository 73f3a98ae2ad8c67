"""The data sheet for people."""

import dataclasses

import pytest

from fairgate.gate.verdict import ModelInfo
from fairgate.report.cards import datasheet, facts
from fairgate.report.cards.datasheet import OPEN, open_entries, render
from fairgate.report.content import ReportContent
from fairgate.report.data_summary import DataSummary
from fairgate.statements import DATA_QUESTIONS


def test_nothing_is_open_where_everything_was_said(answered: ReportContent) -> None:
    assert open_entries(answered) == []
    text = render(answered)
    assert OPEN not in text
    assert text.endswith("## Open questions\n\nNone.\n")


def test_every_question_that_nobody_answered_is_listed_with_its_key(unanswered: ReportContent) -> None:
    listed = render(unanswered).partition("## Open questions\n\n")[2].splitlines()
    wanted = {f"- {question} (`card.{key}` of the configuration)" for key, question in DATA_QUESTIONS.items()}
    assert wanted - set(listed) == {
        "- What do they say of people who can be recognised? (`card.personal_information` of the configuration)"
    }
    assert "- How many examples are there, and of which class?" in listed


def test_what_was_left_out_is_counted(answered: ReportContent) -> None:
    assert list(facts.left_out(answered.data_summary)) == [
        "Of 150 rows that were read, 3 were set aside as malformed, 2 dropped as empty, and 5 removed from training because an "
        "example of the evaluated split has the same content.",
        "Examples that repeat an earlier one of their split stay: 2 in train, 0 in eval.",
    ]
    assert all(f"- {sentence}" in render(answered) for sentence in facts.left_out(answered.data_summary))


def test_nothing_is_said_of_a_conversion_that_was_none() -> None:
    assert list(facts.left_out(DataSummary())) == []


def test_splits_are_counted_by_class(answered: ReportContent) -> None:
    assert list(facts.split_sentences(answered.data_summary)) == [
        "train: 100 examples, 98 of them distinct; harmless 75 (75 %), toxic 25 (25 %).",
        "eval: 40 examples, 40 of them distinct, 0 with content that an earlier split also has; "
        "harmless 30 (75 %), toxic 10 (25 %).",
    ]


def test_unknown_groups_of_every_split_are_counted(answered: ReportContent) -> None:
    verdict = answered.verdict.model_copy(update={"unknown_groups": {"gender": 9}, "rows": 40})
    assert list(facts.unknown_groups(verdict, answered.data_summary)) == [
        "gender: unknown for 9 of 40 examples of eval.",
        "gender: unknown for 60 of 100 examples of train.",
    ]


def test_base_rates_are_those_of_the_evaluated_examples(binary_content: ReportContent) -> None:
    """Counted by hand from the lines of the verdict; the intervals are Wilson's."""
    rates = {rate.slice: rate for rate in facts.base_rates(binary_content.verdict)}
    lines = [line for line in binary_content.verdict.slices if line.model == "candidate" and line.slice == "gender:male"]
    male = rates["gender:male"]
    assert {(male.n, male.positive)} == {(line.n, line.n_positive) for line in lines}
    assert male.low < male.share < male.high
    groups = [rate for rate in rates.values() if rate.slice != "overall" and " × " not in rate.slice and rate.n >= facts.LEAST]
    sentences = list(facts.base_rate_sentences(binary_content.verdict))
    assert sentences[1].startswith(f"Highest among the groups: {max(groups, key=lambda rate: rate.share).slice} ")
    assert f"lowest: {min(groups, key=lambda rate: rate.share).slice} " in sentences[1]


@pytest.mark.parametrize(
    ("positives", "said"),
    [
        ((300, 100), f"{facts.APART} They are the only two groups with enough examples."),
        ((110, 100), f"{facts.TOUCHING} They are the only two groups with enough examples."),
        (
            (300, 200, 100),
            f"{facts.APART} They are the highest and the lowest of 3 groups, picked after counting: some always lie apart by "
            "chance.",
        ),
    ],
)
def test_intervals_that_overlap_prove_nothing(binary_content: ReportContent, positives: tuple[int, ...], said: str) -> None:
    """Wilson's 95 % intervals of 300, 200, 110 and 100 of 1,000: 0.27–0.33, 0.18–0.23, 0.092–0.13 and 0.083–0.12."""
    first = next(line for line in binary_content.verdict.slices if line.model == "candidate")
    lines = [
        first.model_copy(update={"slice": f"g:{number}", "n": 1000, "n_positive": positive})
        for number, positive in enumerate(positives)
    ]
    assert list(facts.base_rate_sentences(binary_content.verdict.model_copy(update={"slices": tuple(lines)})))[-1] == said


def test_classes_have_no_base_rate_of_a_positive_label(image_content: ReportContent) -> None:
    assert facts.base_rates(image_content.verdict) == []
    assert list(facts.base_rate_sentences(image_content.verdict)) == []


def test_long_table_is_cut_and_says_by_how_many(answered: ReportContent) -> None:
    line = next(line for line in answered.verdict.slices if line.model == "candidate" and line.slice == "gender:male")
    many = tuple(line.model_copy(update={"slice": f"gender:g{number}"}) for number in range(datasheet.MOST_GROUPS + 3))
    shown = dataclasses.replace(answered, verdict=answered.verdict.model_copy(update={"slices": many}))
    assert "3 more slices are in verdict.json." in render(shown)


def test_absent_and_tagged_groups_are_named(answered: ReportContent) -> None:
    info = answered.verdict.data.model_copy(update={"tagged_features": ("race",)})
    verdict = answered.verdict.model_copy(
        update={"absent_columns": ("gender:a",), "absent_groups": ("gender:b",), "omitted": {"gender:c": 3}, "data": info}
    )
    assert list(facts.absent_groups(verdict)) == [
        "The source has no column for: gender:a.",
        "No example is about: gender:b.",
        "Too few examples to measure: gender:c.",
    ]
    assert list(facts.tagged(verdict)) == ["fairgate's own list of identity terms tags race; no people did."]


def test_files_are_listed_with_their_digests(answered: ReportContent) -> None:
    text = render(answered)
    assert f"| all.csv | 150 | `{'b' * 64}` |" in text
    assert f"| Split-train/train.gz | – | `{'a' * 64}` |" in text


def test_groups_with_too_few_examples_for_every_rule_are_named(answered: ReportContent) -> None:
    """Not one that another rule judges, and none that was left out before: it is named there."""
    first = next(line for line in answered.verdict.slices if line.model == "candidate")
    sizes = {"overall": 500, "g:few": 30, "g:judged": 40}
    slices = tuple(first.model_copy(update={"slice": name, "n": n}) for name, n in sizes.items())
    rule = next(line for line in answered.verdict.rules if line.kind != "check")
    ended = [("g:few", "not enough data"), ("g:judged", "not enough data"), ("g:judged", "passed"), ("g:out", "not enough data")]
    rules = tuple(rule.model_copy(update={"slice": name, "outcome": outcome}) for name, outcome in ended)
    verdict = answered.verdict.model_copy(update={"slices": slices, "rules": rules, "omitted": {"g:out": 3}})
    assert list(facts.absent_groups(verdict))[-2:] == [
        "Too few examples to measure: g:out.",
        "Measured, but too few examples for every rule that names them: g:few (30).",
    ]


def test_sheet_of_a_table_names_no_configuration_and_no_training(unanswered: ReportContent) -> None:
    models = {"candidate": ModelInfo(description="column p")}
    about = unanswered.verdict.data.model_copy(update={"rows": {"eval": 6000}})
    of_table = unanswered.verdict.model_copy(update={"models": models, "data": about})
    text = render(dataclasses.replace(unanswered, verdict=of_table))
    assert "- Who made the data set?\n" in text
    assert "configuration" not in text
    assert "To judge models of the task civil-comments" in text
    assert "To train and to judge models of the task civil-comments" in render(unanswered)
