"""Register the kinds of rules: one import line for each. The order is that in which messages list them."""

from fairgate.gate.rules.beats_trivial import BeatsTrivialRule as BeatsTrivialRule
from fairgate.gate.rules.counterfactual import CounterfactualRule as CounterfactualRule
from fairgate.gate.rules.gap import GapRule as GapRule
from fairgate.gate.rules.guard import GuardRule as GuardRule
from fairgate.gate.rules.improvement import ImprovementRule as ImprovementRule
from fairgate.gate.rules.not_worse import NotWorseRule as NotWorseRule
from fairgate.gate.rules.quality import QualityRule as QualityRule
from fairgate.gate.rules.worst_slice import WorstSliceRule as WorstSliceRule
