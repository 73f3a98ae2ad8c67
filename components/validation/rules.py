"""Which data may train a model: the rules of the DataGate, as configuration. Imports no TensorFlow."""

from pydantic import BaseModel, ConfigDict, Field

from fairgate.quantities import Real, Whole


class DataRules(BaseModel):
    """What stops a run before training.

    Attributes:
        max_anomalies: schema anomalies that ExampleValidator may report.
        min_rows: rows that every split must have.
        min_class_share: the smallest share of a split that every label class must have; a class that is absent always stops
            the run.
        max_shared_share: largest share of the eval rows whose content also stands in train or validation, and of the validation
            rows whose content also stands in train.
        text_feature: feature compared for that; "" compares nothing.
        require_slices: slice values ("gender:male") that must occur in the eval split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_anomalies: Whole = Field(default=0, ge=0, le=1_000_000)
    min_rows: Whole = Field(default=10, ge=1, le=1_000_000_000)
    min_class_share: Real = Field(default=0.0, ge=0, lt=1)
    max_shared_share: Real = Field(default=0.01, ge=0, le=1)
    text_feature: str = ""
    require_slices: tuple[str, ...] = ()
