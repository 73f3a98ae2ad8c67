"""Names of the features of a comment, and the values that its identity features take."""

from collections.abc import Mapping
from types import MappingProxyType

TEXT = "comment_text"
LABEL = "toxicity"

IDENTITIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gender": ("male", "female", "transgender", "other_gender"),
        "sexual_orientation": ("heterosexual", "homosexual_gay_or_lesbian", "bisexual", "other_sexual_orientation"),
        "religion": ("christian", "jewish", "muslim", "hindu", "buddhist", "atheist", "other_religion"),
        "race": ("black", "white", "asian", "latino", "other_race_or_ethnicity"),
        "disability": (
            "physical_disability",
            "intellectual_or_learning_disability",
            "psychiatric_or_mental_illness",
            "other_disability",
        ),
    }
)
