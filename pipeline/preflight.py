"""Check what a run will need before TensorFlow and TFX are imported: a trivial mistake is reported within a second or two.

In: a configuration and the root folder. Out: nothing, or the InputError that the run itself would end with.
"""

from pathlib import Path

from pipeline import roots, tasks
from pipeline.config import RunConfig


def check(config: RunConfig, root: Path) -> None:
    """Check the root folder, and the files and models that the run is to read.

    Raises:
        InputError: as `roots.check_root`, or a file or a model that is to be read is missing or of another kind.
    """
    roots.check_root(root)
    check_inputs = tasks.find(config.task).check_inputs
    if check_inputs is not None:
        check_inputs(config.input, config.training)
