"""Versions of the packages that decide the numbers."""

import importlib.metadata

PACKAGES = (
    "fairgate",
    "tfx",
    "tensorflow",
    "keras",
    "tensorflow-model-analysis",
    "tensorflow-data-validation",
    "tensorflow-transform",
    "fairness-indicators",
    "tensorflow-hub",
    "apache-beam",
    "numpy",
)


def package_versions() -> dict[str, str]:
    """Map distribution names to installed versions; packages that are not installed are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
