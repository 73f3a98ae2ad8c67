"""Names of the product: a class is found by its name alone."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ("fairgate", "data", "components", "pipeline", "kubeflow", "scripts", "benchmarks")


def test_no_two_classes_have_one_name() -> None:
    """Private ones and those inside of functions count too; a second place would be found first by whoever searches."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in (path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(places) > 100
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
