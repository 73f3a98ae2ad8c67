"""Reports for cards: everything said, nothing said, and hostile names."""

import dataclasses

import pytest

from fairgate.report.content import ReportContent
from fairgate.report.data_summary import DataSummary, ListedFile, SplitCount
from fairgate.statements import DATA_QUESTIONS, MODEL_QUESTIONS, CardStatements

ANSWERS = {
    **{field: f"Answer to {field}." for field in (*DATA_QUESTIONS, *MODEL_QUESTIONS)},
    "data_url": "https://example.org/data",
    "data_published": "2019-05-01",
    "data_license": "CC0-1.0",
    "collection_time": "2015/2017",
    "language": ["en", "de"],
    "license": "Apache-2.0",
    "intended_use": ["Sorts comments."],
    "users": ["Moderators."],
    "out_of_scope": ["Bans."],
    "limits": ["Short texts."],
    "data_name": "Comments of ours",
    "citation": "@misc{ours}",
    "hub_datasets": ["example/ours"],
    "references": ["https://example.org/paper"],
}
SUMMARY = DataSummary(
    splits={
        "train": SplitCount(rows=100, labels={"harmless": 75, "toxic": 25}, distinct=98, unannotated={"gender": 60}),
        "eval": SplitCount(rows=40, labels={"harmless": 30, "toxic": 10}, distinct=40, shared=0),
    },
    files=(ListedFile(name="Split-train/train.gz", sha256="a" * 64, kind="tfrecord"),),
    sources=(ListedFile(name="all.csv", sha256="b" * 64, kind="csv", rows=150),),
    rows_read=150,
    rows_empty=2,
    rows_malformed=3,
    rows_removed=5,
    statements=("toxic: 0.5 and above are positive.",),
)


@pytest.fixture
def answered(binary_content: ReportContent) -> ReportContent:
    """A report of which people said everything, and whose files were converted."""
    return dataclasses.replace(binary_content, statements=CardStatements.model_validate(ANSWERS), data_summary=SUMMARY)


@pytest.fixture
def unanswered(binary_content: ReportContent) -> ReportContent:
    """A report of which nobody said anything."""
    return dataclasses.replace(binary_content, card=None)
