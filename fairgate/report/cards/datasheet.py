"""Write the data sheet, datasheet.md: questions about the data, each with the run's or people's answer, or open.

The questions follow Gebru et al., "Datasheets for Datasets" (Communications of the ACM 64:12, 2021); each names the property of
Croissant's vocabulary of responsible AI that its answer fills in datasheet.json.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairgate.gate.sentences import count
from fairgate.names import features_of
from fairgate.report.cards import facts
from fairgate.report.content import ReportContent
from fairgate.report.data_summary import ListedFile
from fairgate.statements import DATA_QUESTIONS
from fairgate.text import escaped

OPEN = "*Open.*"
MOST_GROUPS = 40
BIASES = "dataBiases"


@dataclass(frozen=True)
class Entry:
    """A question about the data and its answer.

    Attributes:
        heading: of the part of the sheet.
        question: a sentence.
        answers: sentences; none is open.
        rai: the property of http://mlcommons.org/croissant/RAI/ that the answer fills; "" for none.
        key: of the part `card` of the configuration that answers it; "" where the run does.
    """

    heading: str
    question: str
    answers: tuple[str, ...]
    rai: str = ""
    key: str = ""


def entries(content: ReportContent) -> list[Entry]:
    """Return all questions in the order of the sheet."""
    verdict, summary, said = content.verdict, content.data_summary, facts.said(content)

    def asked(heading: str, key: str, rai: str = "", *more: str) -> Entry:
        own = getattr(said, key)
        answers = own if isinstance(own, tuple) else (own,)
        return Entry(heading, DATA_QUESTIONS[key], tuple(filter(None, (*answers, *more))), rai, key)

    def counted(heading: str, question: str, answers: Iterable[str], rai: str = "", nothing: str = "") -> Entry:
        return Entry(heading, question, tuple(answers) or ((nothing,) if nothing else ()), rai)

    source = [verdict.data.source + "."]
    source += ["The data are generated: they say nothing about the world."] if verdict.data.generated else []
    sheet = () if content.card is None else tuple(f"{name}: {text}." for name, text in content.card.data_sheet.items())
    features = sorted({name for line in verdict.slices for name in features_of(line.slice)} - {"overall", "class"})
    sensitive = [f"Its groups are told apart by {', '.join(features)}."] if features else []
    affected = [f"{words}: {text}" for words, text in _affected(content) if text]
    nobody = "Every example says what group it is about, or the data have no groups."
    return [
        counted("Origin", "What data are these?", source, "dataCollectionRawData"),
        *(asked("Origin", key) for key in ("data_creator", "data_url", "data_published", "data_license")),
        counted("Composition", "How many examples are there, and of which class?", facts.split_sentences(summary)),
        asked("Composition", "language"),
        counted("Composition", "Do the groups differ in their base rates?", facts.base_rate_sentences(verdict), BIASES),
        counted(
            "Composition",
            "What is not known of the examples?",
            facts.unknown_groups(verdict, summary),
            "dataCollectionMissingData",
            nobody,
        ),
        counted(
            "Composition",
            "Which groups are absent, or too small to measure?",
            facts.absent_groups(verdict),
            "dataLimitations",
            "None of those that the task knows.",
        ),
        asked("Composition", "personal_information", "personalSensitiveInformation", *sensitive),
        asked("Collection", "collection", "dataCollection"),
        asked("Collection", "collection_time", "dataCollectionTimeframe"),
        asked("Labelling", "who_labelled", "dataAnnotationProtocol"),
        asked("Labelling", "labelling", "dataAnnotationProtocol"),
        counted("Labelling", "How were labels and groups read?", (*sheet, *summary.statements), "dataAnnotationProtocol"),
        asked("Labelling", "annotations_per_item", "annotationsPerItem"),
        asked("Labelling", "annotator_demographics", "annotatorDemographics"),
        asked("Labelling", "annotation_platform", "dataAnnotationPlatform"),
        asked("Labelling", "disagreement", "dataAnnotationAnalysis"),
        counted("Labelling", "What did a machine annotate?", facts.tagged(verdict), "machineAnnotationTools", "Nothing here."),
        counted(
            "Preparation",
            "What was left out?",
            facts.left_out(summary),
            "dataPreprocessingProtocol",
            "Nothing: no file was converted.",
        ),
        counted("Use", "What were the data used for here?", [_used(content)], "dataUseCases"),
        Entry("Use", "Who is affected by wrong decisions?", tuple(affected), "dataSocialImpact", "false_positive_affects"),
        asked("Maintenance", "maintenance", "dataReleaseMaintenancePlan"),
    ]


def _affected(content: ReportContent) -> tuple[tuple[str, str], ...]:
    said = content.statements
    return ("By false positives", said.false_positive_affects), ("By false negatives", said.false_negative_affects)


def _used(content: ReportContent) -> str:
    rows = ", ".join(f"{count(rows)} of {split}" for split, rows in content.verdict.data.rows.items())
    done = "judge" if content.verdict.of_table else "train and to judge"
    return f"To {done} models of the task {content.verdict.task}{f' ({rows})' if rows else ''}."


def open_entries(content: ReportContent) -> list[Entry]:
    """Return the questions that nobody answered."""
    return [entry for entry in entries(content) if not entry.answers]


def render(content: ReportContent) -> str:
    """Return the whole text, ending with a line feed."""
    known = entries(content)
    said = facts.said(content)
    title = said.data_name or content.verdict.data.source
    lines = [f"# Data sheet: {escaped(title)}", "", _made(content), ""]
    for heading in dict.fromkeys(entry.heading for entry in known):
        lines += [f"## {heading}", ""]
        for entry in (entry for entry in known if entry.heading == heading):
            lines += [f"**{entry.question}**", "", *_answers(entry), ""]
            if entry.rai == BIASES:
                lines += _base_rates(content)
    lines += ["## Files", "", *_files(content), "", "## Open questions", ""]
    left = [entry for entry in known if not entry.answers]
    lines += [f"- {entry.question}{facts.remedy(content, entry.key)}" for entry in left] or ["None."]
    return "\n".join([*lines, ""])


def _made(content: ReportContent) -> str:
    made = content.verdict.provenance
    return escaped(f"Written by fairgate for the run that finished {made.finished or 'at an unknown time'}.")


def _answers(entry: Entry) -> Iterator[str]:
    if not entry.answers:
        yield OPEN
    elif len(entry.answers) == 1:
        yield escaped(entry.answers[0])
    else:
        yield from (f"- {escaped(answer)}" for answer in entry.answers)


def _base_rates(content: ReportContent) -> Iterator[str]:
    rates = facts.base_rates(content.verdict)
    if rates:
        level = f"{content.verdict.confidence * 100:g}"
        yield from (f"| slice | examples | positive | share ({level} % interval) |", "|---|---|---|---|")
        for rate in rates[:MOST_GROUPS]:
            share = f"{rate.share:.3f} ({rate.low:.3f}–{rate.high:.3f})"
            yield f"| {escaped(rate.slice)} | {count(rate.n)} | {count(rate.positive)} | {share} |"
        if len(rates) > MOST_GROUPS:
            yield from ("", f"{len(rates) - MOST_GROUPS} more slices are in verdict.json.")
        yield ""


def _files(content: ReportContent) -> Iterator[str]:
    summary = content.data_summary
    if not (summary.files or summary.sources):
        yield OPEN
        return
    yield from ("| file | rows | SHA-256 |", "|---|---|---|")
    yield from (_file_line(file) for file in (*summary.sources, *summary.files))


def _file_line(file: ListedFile) -> str:
    return f"| {escaped(file.name)} | {'–' if file.rows is None else count(file.rows)} | `{file.sha256}` |"
