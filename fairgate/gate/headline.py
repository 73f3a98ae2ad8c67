"""Put a decision into one sentence: the outcome, what decided it, and what a reader must not overlook."""

from collections.abc import Sequence

from fairgate.gate import sentences
from fairgate.gate.outcome import CHECK, NotJudged, Outcome, RuleLine, decisive
from fairgate.gate.selection import count_rules
from fairgate.measurement import Evaluation
from fairgate.names import CANDIDATE, features_of, place, whole_feature


def headline(
    outcome: Outcome,
    lines: Sequence[RuleLine],
    noted: Sequence[NotJudged],
    evaluation: Evaluation,
    absent: Sequence[str] = (),
    lacking: Sequence[str] = (),
) -> str:
    """Return the summary of a decision.

    Args:
        outcome: the decision.
        lines: all of them.
        noted: what no rule judges and stands out.
        evaluation: for the columns that it lacks, and for those that no people annotated.
        absent: groups without an example.
        lacking: the models that rules compare with and that were not evaluated, in words: "baseline", "reference model".
    """
    parts = [_first(outcome, lines, lacking), *_remarks(noted, evaluation, absent)]
    return f"{'; '.join(part for part in parts if part)}."


def _first(outcome: Outcome, lines: Sequence[RuleLine], lacking: Sequence[str]) -> str:
    if outcome == "reported":
        return "Reported, not judged: the policy sets no pass mark"
    if outcome == "blessed":
        return _blessed(lines, lacking)
    if all(line.kind == CHECK for line in lines) and outcome == "inconclusive":
        return "Inconclusive: the policy has no rules, so there is nothing that a candidate could prove"
    if not any(line.outcome in ("failed", "unproven", "not enough data") for line in decisive(lines)):
        other = _each("no", lacking) or "nothing"
        return f"{outcome.capitalize()}: no rule could be judged, for there is {other} to compare with"
    return f"{outcome.capitalize()}: {_decisive(lines)}"


def _blessed(lines: Sequence[RuleLine], lacking: Sequence[str]) -> str:
    counts = count_rules(lines)
    proven, apart = counts.results.get("proven", 0), counts.results.get("limit broken, not proven", 0)
    waived = len({(line.id, line.slice) for line in lines if line.outcome == "waived"})
    start = f"Blessed with {sentences.plural(waived, 'waiver')}" if waived else "Blessed"
    text = f"{start}: {counts.held} of {counts.rules} rules hold, {proven} proven and {counts.held - proven} not disproven"
    if excused := counts.results.get("waived", 0):
        text += f"; {excused} {'is' if excused == 1 else 'are'} waived"
    if apart:
        text += f"; {apart} {'breaks its limit' if apart == 1 else 'break their limits'}, not provably"
    if "not applicable" not in counts.results:
        return text
    return f"{text}; the others {_each('need a', lacking) or 'do not apply'}"


def _each(words: str, lacking: Sequence[str]) -> str:
    """Return "need a baseline and a reference model"; "" if no model is lacking."""
    article = words.rpartition(" ")[2]
    return f"{words} {f' and {article} '.join(lacking)}" if lacking else ""


def _decisive(lines: Sequence[RuleLine]) -> str:
    named: dict[str, dict[str, None]] = {}
    for line in decisive(lines):
        named.setdefault(line.id, {}).update({line.slice: None} if line.slice else {})
    return "; ".join(f"{rule} ({sentences.listed(list(names))})" if names else rule for rule, names in named.items())


def _remarks(noted: Sequence[NotJudged], evaluation: Evaluation, absent: Sequence[str]) -> list[str]:
    remarks = []
    slices = {each.slice for each in noted}
    if slices:
        worse = {each.slice for each in noted if _is_worse(each)}
        tail = f", {len(worse)} of them worse than the baseline" if worse else ""
        remarks.append(f"not judged: {sentences.plural(len(slices), 'slice')}{tail}")
    if absent:
        remarks.append(f"no example of {sentences.listed(list(absent))}")
    if evaluation.absent_columns:
        remarks.append(f"no column for {sentences.listed(_columns(evaluation))}")
    if evaluation.tagged_features:
        remarks.append(f"tagged by word, not by people: {sentences.listed(list(evaluation.tagged_features))}")
    if _without_labels(evaluation):
        remarks.append("usefulness not judged: no labels")
    return remarks


def _columns(evaluation: Evaluation) -> list[str]:
    """Return the groups without a column; "race:*" where no group of a feature has one."""
    absent = set(evaluation.absent_columns)
    places = {feature: {place(feature, value) for value in values} for feature, values in evaluation.expected.items()}
    whole = {feature for feature, groups in places.items() if groups and groups <= absent}
    names = (whole_feature(feature) if (feature := features_of(name)[0]) in whole else name for name in evaluation.absent_columns)
    return list(dict.fromkeys(names))


def _is_worse(noted: NotJudged) -> bool:
    """Return whether the candidate is provably worse there than the baseline."""
    low, high = noted.interval or (None, None)
    apart = (low is not None and low > 0) or (high is not None and high < 0)
    return noted.because == "worse than the baseline" or (
        noted.because == "breaks a limit" and noted.measure == "change" and apart
    )


def _without_labels(evaluation: Evaluation) -> bool:
    """Return whether decisions were measured and labels were not."""
    names = {key.name for metrics in evaluation.models.get(CANDIDATE, {}).values() for key in metrics.rates}
    return "positive_rate" in names and not names & {"false_positive_rate", "false_negative_rate", "true_positive_rate"}
