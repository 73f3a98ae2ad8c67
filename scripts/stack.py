"""Import every large package of the locked environment and print the versions of the stack in one line.

Run: .venv/bin/python scripts/stack.py. Expected on Python 3.10: TFX 1.16.0, TensorFlow 2.16.2;
on 3.11–3.13: TFX 1.21.0, TensorFlow 2.21.0.
"""

import importlib
import platform
import time
from importlib.metadata import version

# Import name to distribution; they must all load in one process.
PACKAGES = {
    "tensorflow": "tensorflow",
    "tensorflow_hub": "tensorflow-hub",
    "tfx.v1": "tfx",
    "tensorflow_model_analysis": "tensorflow-model-analysis",
    "fairness_indicators": "fairness-indicators",
    "apache_beam": "apache-beam",
    "kfp": "kfp",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "numpy": "numpy",
}


def main() -> None:
    """Print "Python 3.10.13, tensorflow 2.16.2, …; imported in 38 s"."""
    start = time.monotonic()
    for name in PACKAGES:
        importlib.import_module(name)
    versions = ", ".join(f"{distribution} {version(distribution)}" for distribution in PACKAGES.values())
    print(f"Python {platform.python_version()}, {versions}; imported in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
