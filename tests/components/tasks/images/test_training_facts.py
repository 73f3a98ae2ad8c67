"""What an image model says of its training."""

from pathlib import Path

from components.modelling import metadata
from components.modelling.metadata import ModelMetadata
from components.tasks.images.training_facts import TrainingFacts, facts_table, read_facts

FACTS = TrainingFacts(settings={"epochs": 500}, weights=111_146, images=60_000, held_out=6_000, epochs=116)


def test_what_a_model_says_is_read(tmp_path: Path) -> None:
    """A model of an older version says nothing."""
    for name, training in (("new", FACTS.model_dump()), ("old", {})):
        (tmp_path / name).mkdir()
        metadata.write(tmp_path / name, ModelMetadata(architecture="perceptron", recipe="baseline", training=training))
    assert read_facts({name: str(tmp_path / name) for name in ("new", "old", "older")}) == {"new": FACTS}


def test_the_table_counts_what_was_learned_from() -> None:
    table = facts_table({"baseline": FACTS})
    assert table is not None
    assert table.to_dict("records") == [
        {"model": "baseline", "weights": 111_146, "images": 54_000, "held_out": 6_000, "epochs": 116, "most_epochs": 500}
    ]


def test_without_facts_there_is_no_table() -> None:
    assert facts_table({}) is None
