"""The differences between the two stacks, with reasons: the only module that checks which one it runs on (architecture test).

Python 3.10 comes with TFX 1.16, TensorFlow 2.16, protobuf 3.20, numpy 1.26 and pandas 1.5; Python 3.11–3.13 with TFX 1.21,
TensorFlow 2.21, protobuf 6, numpy 2 and pandas 2. Each function here is one difference that no single spelling can cover.

Everything else is written so that one spelling holds on both; what looks odd for that reason:

    TFMA's protos        from tensorflow_model_analysis.proto.config_pb2, because TFMA 0.52 no longer re-exports them
    TFMA's constants     from the modules that define them, for the same reason
    hub.load in a layer  instead of hub.KerasLayer, which is made for Keras 2; both stacks train with Keras 3
    Beam in one process  --direct_running_mode=in_memory, because newer Beam may hand local work to a runner that it downloads
"""

from typing import Any

from google.protobuf import descriptor_pool, message_factory


def message_class(pool: descriptor_pool.DescriptorPool, name: str) -> Any:
    """Return the class of a message in a descriptor pool.

    protobuf 3.20 has only a factory object for it, which protobuf 5 removed in favour of this function.

    Args:
        pool: holds the message.
        name: full name, "tensorflow.Example".

    Raises:
        KeyError: the pool has no such message.
    """
    descriptor = pool.FindMessageTypeByName(name)
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


def kfp_health(api: Any) -> Any:
    """Return the answer of kfp's HealthzServiceApi.

    kfp-server-api 2.17 puts the name of the service before the names of all its methods.
    """
    ask = getattr(api, "healthz_service_get_healthz", None) or api.get_healthz
    return ask()
