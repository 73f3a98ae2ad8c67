"""What the graph hands to the TextFeatures step: one value, carried as JSON in an execution property."""

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from fairgate.names import place

MAX_GROUPS = 64  # bits of a shard's groups


class FeatureSettings(BaseModel):
    """What the features are made from.

    Attributes:
        text, label: features of the raw examples; a text and a number 0 or 1.
        groups: slice feature -> its known values, which become the groups of the shards in this order.
        embedding: handle of a text embedding whose vectors stand beside the n-grams; "" for none.
        embedder: dotted name of what loads the embedding, a function or class handle -> (str[n] -> float32[n, d]); "" for none.
        source_digest: of the step's source; there so that the cache sees a change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    label: str
    groups: dict[str, tuple[str, ...]]
    embedding: str = ""
    embedder: str = ""
    source_digest: str = ""

    @field_validator("groups")
    @classmethod
    def _few(cls, groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if (number := sum(map(len, groups.values()))) > MAX_GROUPS:
            raise ValueError(f"{number} groups, but the features hold {MAX_GROUPS} at most; leave some slice features out")
        return groups

    @model_validator(mode="after")
    def _with_loader(self) -> "FeatureSettings":
        if self.embedding and not self.embedder:
            raise ValueError(f"embedding {self.embedding!r} needs an embedder, the dotted name of what loads it")
        return self

    def group_names(self) -> tuple[str, ...]:
        """Return the names of the groups in the order of their bits, "gender:male"."""
        return tuple(place(feature, value) for feature, values in self.groups.items() for value in values)
