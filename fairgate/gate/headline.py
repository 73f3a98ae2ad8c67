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
    not_judged: Sequence[NotJudged],
    evaluation: Evaluation,
    absent: Sequence[str] = (),
    missing_models: Sequence[str] = (),
) -> str:
    """Return the summary of a decision.

    Args:
        outcome: the decision.
        lines: all of them.
        not_judged: what stands out where no rule judges.
        evaluation: for the columns that are missing, and for those that no people annotated.
        absent: groups without an example.
        missing_models: those that rules compare with and that were not evaluated, in words: "baseline", "reference model".
    """
    parts = [_outcome(outcome, lines, missing_models), *_remarks(not_judged, evaluation, absent)]
    return f"{'; '.join(part for part in parts if part)}."


def _outcome(outcome: Outcome, lines: Sequence[RuleLine], missing_models: Sequence[str]) -> str:
    if outcome == "reported":
        return "Reported, not judged: the policy sets no pass mark"
    if outcome == "blessed":
        return _blessed(lines, missing_models)
    if all(line.kind == CHECK for line in lines) and outcome == "inconclusive":
        return "Inconclusive: the policy has no rules, so there is nothing that a candidate could prove"
    if not any(line.outcome in ("failed", "unproven", "not enough data") for line in decisive(lines)):
        other = _joined("no", missing_models) or "nothing"
        return f"{outcome.capitalize()}: no rule could be judged, because there is {other} to compare with"
    return f"{outcome.capitalize()}: {_decisive(lines)}"


def _blessed(lines: Sequence[RuleLine], missing_models: Sequence[str]) -> str:
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
    return f"{text}; the others {_joined('need a', missing_models) or 'do not apply'}"


def _joined(words: str, missing_models: Sequence[str]) -> str:
    """Return "need a baseline and a reference model"; "" if no model is missing."""
    article = words.rpartition(" ")[2]
    return f"{words} {f' and {article} '.join(missing_models)}" if missing_models else ""


def _decisive(lines: Sequence[RuleLine]) -> str:
    named: dict[str, dict[str, None]] = {}
    for line in decisive(lines):
        named.setdefault(line.id, {}).update({line.slice: None} if line.slice else {})
    return "; ".join(f"{rule} ({sentences.listed(list(names))})" if names else rule for rule, names in named.items())


def _remarks(not_judged: Sequence[NotJudged], evaluation: Evaluation, absent: Sequence[str]) -> list[str]:
    remarks = []
    slices = {each.slice for each in not_judged}
    if slices:
        worse = {each.slice for each in not_judged if _is_worse(each)}
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


def _is_worse(line: NotJudged) -> bool:
    """Return whether the candidate is provably worse there than the baseline."""
    low, high = line.interval or (None, None)
    apart = (low is not None and low > 0) or (high is not None and high < 0)
    return line.because == "worse than the baseline" or (line.because == "breaks a limit" and line.measure == "change" and apart)


def _without_labels(evaluation: Evaluation) -> bool:
    """Return whether decisions were measured and labels were not."""
    names = {key.name for metrics in evaluation.models.get(CANDIDATE, {}).values() for key in metrics.rates}
    return bool(names & {"positive_rate", "scoring_rate"}) and not names & {
        "false_positive_rate",
        "false_negative_rate",
        "true_positive_rate",
    }
