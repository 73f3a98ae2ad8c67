import pytest
from pydantic import ValidationError

from components.modelling.feature_settings import FeatureSettings


def test_groups_are_named_in_their_order() -> None:
    settings = FeatureSettings(text="text", label="toxic", groups={"race": ("black", "asian"), "gender": ("male",)})
    assert settings.group_names() == ("race:black", "race:asian", "gender:male")


def test_more_groups_than_bits_are_refused() -> None:
    values = tuple(map(str, range(64)))
    assert len(FeatureSettings(text="text", label="toxic", groups={"a": values}).group_names()) == 64
    with pytest.raises(ValidationError, match="65 groups, but the features hold 64 at most; leave some slice features out"):
        FeatureSettings(text="text", label="toxic", groups={"a": values, "b": ("one",)})


def test_embedding_needs_what_loads_it() -> None:
    with pytest.raises(ValidationError, match="embedding 'folder' needs an embedder, the dotted name of what loads it"):
        FeatureSettings(text="text", label="toxic", groups={}, embedding="folder")
