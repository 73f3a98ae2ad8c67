"""Train the default text model on one file and state how it passes the functional tests of HateCheck.

    .venv/bin/python -m benchmarks.hatecheck davidson.csv hatecheck.csv [--to docs/hatecheck.md]

In: a CSV file with Civil Comments' columns, of which all rows train the candidate, and the test set (Röttger et al. 2021,
https://aclanthology.org/2021.acl-long.4), which trains nothing. Out: a Markdown page with the share of the cases of each
functionality that the score of 0.5 decides as expected. A minute.
"""

import argparse
import csv
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.text_models import Scores, answers, extract
from components.tasks.base import Recipe
from components.tasks.civil_comments import ngrams
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.ngrams_trainer import classifier
from data.comments.conversion import ConversionOptions, Sources, convert
from data.comments.names import TEXT
from data.records import encode_example
from fairgate.statistics.intervals import wilson

PAGE = Path(__file__).parents[1] / "docs" / "hatecheck.md"
WORST = 5
RECIPES: tuple[Recipe, ...] = ("baseline", "remediated")
FUNCTIONALITIES = {
    "derog_neg_emote_h": "strong negative emotions about a group",
    "derog_neg_attrib_h": "very negative attributes of a group",
    "derog_dehum_h": "a group called less than human",
    "derog_impl_h": "implicit derogation",
    "threat_dir_h": "a direct threat",
    "threat_norm_h": "a threat as what should be done",
    "slur_h": "hate with a slur",
    "slur_homonym_nh": "a word that is a slur elsewhere",
    "slur_reclaimed_nh": "a reclaimed slur",
    "profanity_h": "hate with profanity",
    "profanity_nh": "profanity without hate",
    "ref_subs_clause_h": "hate in a later clause about a group named before",
    "ref_subs_sent_h": "hate in a later sentence about a group named before",
    "negate_pos_h": "hate as a negated positive statement",
    "negate_neg_nh": "a negated hateful statement",
    "phrase_question_h": "hate as a question",
    "phrase_opinion_h": "hate as an opinion",
    "ident_neutral_nh": "a neutral statement about a group",
    "ident_pos_nh": "a positive statement about a group",
    "counter_quote_nh": "hate quoted to denounce it",
    "counter_ref_nh": "hate denounced by referring to it",
    "target_obj_nh": "abuse of objects",
    "target_indiv_nh": "abuse of a person, not as a member of a group",
    "target_group_nh": "abuse of a group that is not protected",
    "spell_char_swap_h": "hate with swapped letters",
    "spell_char_del_h": "hate with missing letters",
    "spell_space_del_h": "hate with missing spaces",
    "spell_space_add_h": "hate with spaces between letters",
    "spell_leet_h": "hate with digits for letters",
}


@dataclass(frozen=True)
class PassRate:
    """The cases of one functionality, how many the candidate decides as expected, and how many the baseline does."""

    name: str
    hateful: bool
    cases: int
    passed: int
    without_remedy: int

    @property
    def share(self) -> float:
        """Return the share of the cases that pass."""
        return self.passed / self.cases

    @property
    def words(self) -> str:
        """Return what the cases are, and what went wrong in those that fail."""
        failed = "missed" if self.hateful else "called toxic"
        return f"{FUNCTIONALITIES[self.name]}: {1 - self.share:.0%} {failed} ({self.cases - self.passed} of {self.cases})"


def train_and_score(train: Path, texts: Sequence[str]) -> tuple[dict[Recipe, Scores], str]:
    """Return recipe -> scores of the texts, float64[n], and the remedy in words; all rows of the file train both models."""
    serialized = [encode_example({TEXT: [text.encode()]}) for text in texts]
    scores: dict[Recipe, Scores] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        convert(Sources((str(train),)), folder / "examples", options=ConversionOptions(eval_fraction=0, validation_fraction=0))
        extract(folder / "examples", folder / "features")
        for recipe in RECIPES:
            model = ngrams.train(folder / "features", CommentsTraining(), recipe)
            scores[recipe] = answers(classifier(folder / "features", model, ""), serialized)
    return scores, model.metadata.remedy.sentence if model.metadata.remedy else ""


def pass_rates(cases: Sequence[dict[str, str]], scores: dict[Recipe, Scores]) -> list[PassRate]:
    """Return the pass rate of each functionality, in the order of the file."""
    names = np.array([case["functionality"] for case in cases])
    hateful = np.array([float(case["target"]) >= 0.5 for case in cases])
    passes = {recipe: (of_model > 0.5) == hateful for recipe, of_model in scores.items()}
    return [
        PassRate(
            name,
            bool(hateful[names == name][0]),
            int(np.sum(names == name)),
            *(int(np.sum(passes[recipe][names == name])) for recipe in ("remediated", "baseline")),
        )
        for name in dict.fromkeys(names.tolist())
    ]


def page(rates: Sequence[PassRate], file: str, remedy: str) -> Iterator[str]:
    """Yield the lines of the Markdown page."""
    yield "# HateCheck: functional tests of the default text model\n"
    yield f"Written by `.venv/bin/python -m benchmarks.hatecheck {file} hatecheck.csv`.\n"
    yield f"The candidate with default settings, trained on all rows of {file}, scores the {_cases(rates):,} cases of HateCheck"
    yield "(Röttger et al. 2021). They are a test set, and no model here has trained on them."
    yield "A case passes if the score is above 0.5 where hate is expected, and at most 0.5 where it is not."
    yield "What the training file calls toxic may be wider than hate: then offensive words without hate are expected to fail."
    yield 'Intervals are Wilson\'s, 95 %; "without remedy" is the baseline.'
    yield f"The remedy: {remedy}\n"
    for hateful, about in ((True, "hateful cases are found"), (False, "cases without hate pass")):
        of_label = [rate for rate in rates if rate.hateful == hateful]
        passed, baseline = sum(rate.passed for rate in of_label), sum(rate.without_remedy for rate in of_label)
        share, interval = _share(passed, _cases(of_label))
        yield f"* {passed:,} of {_cases(of_label):,} {about}: {share} ({interval}); without the remedy {baseline:,}."
    yield f"\nThe worst {WORST}:\n"
    yield from (f"* {rate.words}" for rate in sorted(rates, key=lambda rate: rate.share)[:WORST])
    yield "\n| functionality | cases | expected | passed | interval | without remedy |"
    yield "|---|--:|---|--:|--:|--:|"
    for rate in rates:
        cells = (rate.cases, "toxic" if rate.hateful else "harmless", *_share(rate.passed, rate.cases))
        without = _share(rate.without_remedy, rate.cases)[0]
        yield f"| {FUNCTIONALITIES[rate.name]} (`{rate.name}`) | {' | '.join(map(str, cells))} | {without} |"


def _cases(rates: Sequence[PassRate]) -> int:
    return sum(rate.cases for rate in rates)


def _share(passed: int, cases: int) -> tuple[str, str]:
    interval = wilson(passed, cases)
    return f"{passed / cases:.3f}", f"{interval.low:.3f}–{interval.high:.3f}"


def main() -> None:
    """Train, score and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args()
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    with given.cases.open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    scores, remedy = train_and_score(given.train, [case[TEXT] for case in cases])
    given.to.write_text("\n".join(page(pass_rates(cases, scores), given.train.name, remedy)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
