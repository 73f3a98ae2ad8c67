"""What the launch of a compiled graph adds to it."""

from ml_metadata.proto.metadata_store_pb2 import Value
from tfx.proto.orchestration.executable_spec_pb2 import BeamExecutableSpec
from tfx.proto.orchestration.placeholder_pb2 import PlaceholderExpression

from pipeline.compiled import EngineOperator


def test_options_of_an_engine_follow_those_of_the_graph_and_stay_out_of_its_cache_key() -> None:
    spec = BeamExecutableSpec()
    spec.python_executor_spec.class_path = "collections.OrderedDict"
    spec.beam_pipeline_args_placeholders.append(PlaceholderExpression(value=Value(string_value="--runner=DirectRunner")))
    before = spec.SerializeToString(deterministic=True)
    operator = EngineOperator(["--runner=PortableRunner", "--parallelism=2"], spec)
    found = [argument.value.string_value for argument in operator.beam_pipeline_args]
    assert found == ["--runner=DirectRunner", "--runner=PortableRunner", "--parallelism=2"]
    assert spec.SerializeToString(deterministic=True) == before  # TFX hashes it
