"""The TextFeatures step: compute the features of raw examples once, for all models that train on them.

In: canonical examples with a split train, and validation if they have it. Out: `features`, an Examples artifact of the same
splits whose files are shards of sparse features (`data.text.feature_shards`), sealed. What Beam does is
`components.modelling.feature_extraction`.
"""

import json
from pathlib import Path

import apache_beam as beam
from tfx.dsl.component.experimental.annotations import BeamComponentParameter, InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import seals
from components.modelling.feature_extraction import extract_features
from components.modelling.feature_settings import FeatureSettings


@component(use_beam=True)
def TextFeatures(  # noqa: N802  # a TFX component is named like a class
    examples: InputArtifact[standard_artifacts.Examples],
    features: OutputArtifact[standard_artifacts.Examples],
    settings: Parameter[str],
    root: BeamComponentParameter[beam.Pipeline] = None,
) -> None:
    """Extract the features.

    Args:
        examples: raw examples.
        features: receives shards, idf and index.
        settings: FeatureSettings as JSON.
        root: TFX makes it of the Beam options of the run.

    Raises:
        InputError: there are no training examples.
    """
    splits = extract_features(root, examples.uri, FeatureSettings.model_validate_json(settings), Path(features.uri))
    features.split_names = json.dumps(splits)
    seals.seal(features)
