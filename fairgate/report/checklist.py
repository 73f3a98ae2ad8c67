"""Ask what has to be known before a model is used, and answer it from the run where the run can.

In: `ReportContent`. Out: `Question`s in the order of the page: answered, answered with a warning, or open. An open question says
who can answer it and how. Nothing here decides over the model: that is the policy's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fairgate.gate.sentences import count, number
from fairgate.gate.sentences import ends as interval_ends
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, CLASS, OVERALL, REFERENCE, feature_of, is_pair
from fairgate.report.cards import facts
from fairgate.report.content import ReportContent

if TYPE_CHECKING:
    import pandas as pd


State = Literal["answered", "look", "open"]

# A value from here on is too good to be taken without a second look: real labels disagree more than that.
TOO_GOOD: Mapping[str, float] = {"auc": 0.99, "accuracy": 0.995}
TELLS_APART = 0.6  # area under the ROC curve from which the splits are told apart
ONE_FEATURE = 0.9  # balanced accuracy from which one feature alone gives the label
_NO_TRAINING = "A table of predictions does not hold the training examples."
_DRIFT = "Do training and evaluation examples differ (drift)?"
_SUBGROUPS, _CROSSED = "Which subgroups have the highest error rates?", "And which of their intersections?"
_SIMPLE = "How good is a simple rule?"
_ONE, _APART = "Does one feature alone give the label?", "Can a model tell training from evaluation examples?"
_SHARED = "Do the splits share examples?"
_OUTSIDE = "What does the model say to inputs unlike its training data?"
_SLICES = "--slices COLUMN,… (in Python slices=[…])."
_NO_GROUPS = f"The table was not judged by groups; name their columns: {_SLICES}"
# Question -> what is said where it is open and a table was judged.
OF_TABLE: Mapping[str, str] = {
    "Is the data biased: do the groups differ in their base rates?": _NO_GROUPS,
    _DRIFT: _NO_TRAINING,
    _SUBGROUPS: _NO_GROUPS,
    _CROSSED: f"No intersection was measured. Add a column that joins two groups, as “female, black”, and name it: {_SLICES}",
    _SIMPLE: "A table of predictions holds no other model than those whose scores it has.",
    _ONE: "A table of predictions does not hold the features.",
    _APART: _NO_TRAINING,
    _SHARED: _NO_TRAINING,
    _OUTSIDE: "A table of predictions does not hold the model.",
}
ERRORS = ("false_positive_rate", "false_negative_rate")


@dataclass(frozen=True)
class Question:
    """A question and its answer.

    Attributes:
        group: heading that it stands under.
        text: the question.
        state: "answered"; "look" for an answer that somebody should look at before the model is used; "open".
        answers: sentences; of an open question, who answers it and how.
        section: of the page that shows more; "" for none.
    """

    group: str
    text: str
    state: State
    answers: tuple[str, ...]
    section: str = ""


def questions(content: ReportContent) -> list[Question]:
    """Return all questions in the order of the page."""
    found = [
        *_of_data(content),
        *_of_errors(content.verdict),
        *_of_leakage(content),
        *_of_use(content),
    ]
    return [_of_table(question) for question in found] if content.verdict.of_table else found


def _of_table(question: Question) -> Question:
    """Return the question as it is asked of a table of predictions, which nobody can run again or configure."""
    if question.state != "open":
        return question
    return replace(question, answers=(OF_TABLE.get(question.text, "A table of predictions does not say this; ask people."),))


def _answered(group: str, text: str, answers: Iterable[str], otherwise: str, section: str = "", look: bool = False) -> Question:
    """Return the question with its answers; without any it is open, and says `otherwise`."""
    known = tuple(answers)
    if not known:
        return Question(group, text, "open", (otherwise,))
    return Question(group, text, "look" if look else "answered", known, section)


def _said(group: str, text: str, content: ReportContent, *keys: str) -> Question:
    """Return a question that only people can answer."""
    said = facts.said(content)
    own = [value for key in keys if (value := getattr(said, key))]
    answers = [sentence for value in own for sentence in (value if isinstance(value, tuple) else (value,))]
    lacking = [f"card.{key}" for key in keys if not getattr(said, key)]
    remedy = f"Nobody said it. Write {' and '.join(lacking)} in the configuration."
    if lacking and answers:
        return Question(group, text, "open", (*answers, remedy))
    return _answered(group, text, answers, remedy)


def _of_data(content: ReportContent) -> Iterator[Question]:
    group, verdict, summary = "Data", content.verdict, content.data_summary
    yield _said(group, "Who labelled the examples, and how far do they agree?", content, "who_labelled", "disagreement")
    nothing = "No file was converted: the examples came as they are, and who made them knows what they left out."
    left = tuple(facts.left_out(summary)) or ((nothing,) if summary.splits else ())
    yield _answered(group, "What was left out?", left, "The run did not count it; run it again with this version.", "input")
    rates = tuple(facts.base_rate_sentences(verdict)) or tuple(_class_shares(content))
    apart = any(sentence.startswith(facts.APART) for sentence in rates)
    question = "Is the data biased: do the groups differ in their base rates?"
    yield _answered(group, question, rates, "The run has no groups to compare.", "input", look=apart)
    drifted = content.drift is not None and bool(content.drift["drifted"].any())
    yield _answered(
        group,
        _DRIFT,
        _drift(content.drift),
        "No drift was measured.",
        "input",
        drifted,
    )
    unknown = tuple(facts.unknown_groups(verdict, summary)) or ("Every example says what group it is about, or there are none.",)
    look = any(verdict.unknown_groups.values())
    yield _answered(group, "Of how many examples is the group unknown?", unknown, "", "input", look)


def _class_shares(content: ReportContent) -> Iterator[str]:
    """Yield the smallest and largest class of a task of many classes."""
    lines = {name: line for name, line in facts.slice_lines(content.verdict).items() if feature_of(name) == CLASS}
    if lines:
        least, most = (choose(lines, key=lambda name: lines[name].n) for choose in (min, max))
        fewest, greatest = lines[least].n, lines[most].n
        if fewest == greatest:
            yield f"Each class has {count(fewest)} examples."
        else:
            yield f"Examples of a class: {count(fewest)} ({least}) to {count(greatest)} ({most})."


def _drift(drift: "pd.DataFrame | None") -> Iterator[str]:
    if drift is None or not len(drift):
        return
    found = drift[drift["drifted"]]
    yield f"{len(found)} of {len(drift)} measured distances exceed their limit."
    for row in found.head(5).to_dict("records"):
        yield f"{row['feature']}, {row['between']}: {row['measure']} {number(row['value'])}, limit {number(row['limit'])}."


def _of_errors(verdict: Verdict) -> Iterator[Question]:
    group = "Errors"
    single = tuple(_worst(verdict, pairs=False))
    yield _answered(group, _SUBGROUPS, single, "No subgroup was measured.", "weakest")
    remedy = (
        "No intersection was evaluated. Name pairs of features, as --set 'evaluation.intersections=[[gender, race]]', "
        "and run again."
    )
    is_grouped = any(feature_of(name) not in (OVERALL, CLASS) for name in facts.slice_lines(verdict))
    crossed = tuple(_worst(verdict, pairs=True))
    if is_grouped:
        yield _answered(group, _CROSSED, crossed, remedy, "intersections")
    yield _answered(group, _SIMPLE, _simple(verdict), "Neither a trivial nor a reference model was measured.", "models")


def _worst(verdict: Verdict, pairs: bool) -> Iterator[str]:
    """Yield for each error rate the slice on which the candidate has the highest, among those with enough examples."""
    threshold = _threshold(verdict)
    lines = [
        line for line in verdict.slices if line.model == CANDIDATE and line.slice != OVERALL and is_pair(line.slice) == pairs
    ]
    metrics = ERRORS if any(ERRORS[0] in line.metrics for line in lines) else ("recall",)
    for metric in metrics:
        known = [(line.metrics[metric] or 0.0, line) for line in lines if _is_measured(line, metric, threshold)]
        if known:
            value, line = (min if metric == "recall" else max)(known, key=lambda pair: pair[0])
            at = "" if line.threshold is None else f" at {line.threshold:g}"
            yield f"{metric_words(metric).label}{at}: {line.slice} has {_with_interval(value, line, metric)}."


def _is_measured(line: SliceLine, metric: str, threshold: float | None) -> bool:
    value = line.metrics.get(metric)
    trials = line.n_negative if metric == ERRORS[0] else line.n_positive if metric == ERRORS[1] else None
    enough = trials is None or trials >= facts.LEAST / 2
    return value is not None and enough and (line.threshold is None or line.threshold == threshold)


def _with_interval(value: float, line: SliceLine, metric: str) -> str:
    low, high = line.interval.get(metric, (None, None))
    ends = "" if low is None or high is None else f"{interval_ends(low, high)}, "
    return f"{number(value)} ({ends}n = {count(line.trials_of(metric))})"


def _threshold(verdict: Verdict) -> float | None:
    """Return the decision threshold nearest to a half; None for a task without one."""
    known = {line.threshold for line in verdict.slices if line.threshold is not None}
    return min(known, key=lambda threshold: abs(threshold - 0.5), default=None)


def _simple(verdict: Verdict) -> Iterator[str]:
    overall = [line for line in verdict.slices if line.slice == OVERALL]
    mine = [line for line in overall if line.model == CANDIDATE]
    for line in mine:
        if line.metrics.get("trivial_accuracy") is not None:
            own, trivial = line.metrics.get("accuracy"), line.metrics["trivial_accuracy"]
            yield f"Always the most frequent class: accuracy {number(trivial or 0.0)}; the candidate has {number(own or 0.0)}."
    counted = next((line for line in mine if line.n and line.n_positive is not None), None)
    if counted is not None and counted.n_positive is not None:
        share = max(counted.n_positive, counted.n - counted.n_positive) / counted.n
        reached = _accuracy(mine, _threshold(verdict))
        candidate = "" if reached is None else f"; the candidate has {number(reached[1])} at {reached[0]:g}"
        yield f"Always the more frequent label: accuracy {number(share)}, with an AUC of 0.5{candidate}."
    aucs = {name: values for name, values in verdict.overall.items() if name == "auc"}
    for values in aucs.values():
        known = {model: value for model in (CANDIDATE, BASELINE, REFERENCE) if (value := values.get(model)) is not None}
        listed = [f"{model} {number(value)}" for model, value in known.items()]
        yield f"AUC of all models: {', '.join(listed)}; the reference is a simple model where there is one."


def _accuracy(lines: Iterable[SliceLine], threshold: float | None) -> tuple[float, float] | None:
    """Return the threshold and the accuracy there of a binary model, from its error rates; None where they are unknown."""
    for line in lines:
        wrong = [line.metrics.get(metric) for metric in ERRORS]
        if line.threshold is not None and line.threshold == threshold and None not in wrong:
            mistakes = (wrong[0] or 0.0) * (line.n_negative or 0) + (wrong[1] or 0.0) * (line.n_positive or 0)
            return line.threshold, 1 - mistakes / line.n
    return None


def _of_leakage(content: ReportContent) -> Iterator[Question]:
    group, table = "Leakage", content.leakage
    yield _too_good(content.verdict)
    missing = "It was not looked for: too few examples, or a run of an earlier version."
    for sign, text, make, limit in (
        ("feature", _ONE, _one_feature, ONE_FEATURE),
        ("splits", _APART, _told_apart, TELLS_APART),
    ):
        rows = [] if table is None else table[table["sign"] == sign].to_dict("records")
        look = any(row["value"] >= limit for row in rows)
        answers = [make({str(key): value for key, value in row.items()}) for row in rows]
        yield _answered(group, text, answers, missing, "", look)
    shared = {name: split.shared for name, split in content.data_summary.splits.items() if split.shared is not None}
    told = [f"{count(rows)} examples of {name} have content that an earlier split also has." for name, rows in shared.items()]
    yield _answered(group, _SHARED, told, "It was not counted.", "input", any(shared.values()))


def _too_good(verdict: Verdict) -> Question:
    text = "Is the result too good to be true?"
    told, look = [], False
    for line in verdict.slices:
        if (line.model, line.slice) == (CANDIDATE, OVERALL):
            for metric, limit in TOO_GOOD.items():
                value = line.metrics.get(metric)
                if value is not None:
                    look = look or value >= limit
                    told.append(f"{metric_words(metric).label} is {number(value)}; from {limit:g} on, look for a leak first.")
    return _answered("Leakage", text, dict.fromkeys(told), "Neither AUC nor accuracy was measured.", "models", look)


def _one_feature(row: Mapping[str, object]) -> str:
    name = f"“{row['name']}”" if row["name"] else "a word that is not shown"
    return (
        f"The best rule by one feature alone ({row['kind']} {name}) has a balanced accuracy of {_estimate(row)}, on examples "
        f"that did not choose it; from {ONE_FEATURE:g} on, it may hold the label."
    )


def _told_apart(row: Mapping[str, object]) -> str:
    return (
        f"A logistic regression on their features tells them apart with an AUC of {_estimate(row)}; 0.5 is guessing, and from "
        f"{TELLS_APART:g} on the evaluation may not be about what was trained for."
    )


def _estimate(row: Mapping[str, object]) -> str:
    value, low, high, n = (float(str(row[name])) for name in ("value", "low", "high", "n"))
    return f"{number(value)} ({interval_ends(low, high)}, n = {count(n)})"


def _of_use(content: ReportContent) -> Iterator[Question]:
    group = "Use"
    yield _outsiders(content)
    yield _said(group, "What is the model for, and what not?", content, "intended_use", "out_of_scope")
    yield _said(group, "Who is affected by a false positive?", content, "false_positive_affects")
    yield _said(group, "Who is affected by a false negative?", content, "false_negative_affects")
    yield _said(group, "Who handles appeals?", content, "appeals")
    yield _said(group, "Which people watch over the decisions?", content, "oversight")
    yield _said(group, "Who answers for the model, and how are they reached?", content, "owner", "contact")


def _outsiders(content: ReportContent) -> Question:
    text = _OUTSIDE
    table = content.outsiders
    if table is None or not len(table):
        return Question("Use", text, "open", ("It was not asked. Try fairgate predict with inputs of other kinds.",))
    warned = int((table["warnings"] != "").sum())
    answers = [f"It answers all the same: {len(table)} such inputs were asked, and fairgate predict warns of {warned}."]
    if warned < len(table):
        answers.append("Its answers to the others are no better founded.")
    return Question("Use", text, "look" if warned < len(table) else "answered", tuple(answers))
