"""What the graph hands to the TextFeatures step: one value, carried as JSON in an execution property."""

from pydantic import BaseModel, ConfigDict


class FeatureSettings(BaseModel):
    """What the features are made from.

    Attributes:
        text, label: features of the raw examples.
        groups: slice feature -> its known values, which become the groups of the shards in this order.
        embedding: handle of a text embedding whose vectors stand beside the n-grams; "" for none.
        source_digest: of the step's source; there so that the cache sees a change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    label: str
    groups: dict[str, tuple[str, ...]]
    embedding: str = ""
    source_digest: str = ""
