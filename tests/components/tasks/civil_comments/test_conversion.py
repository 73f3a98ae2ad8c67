"""What a run's configuration makes of a conversion."""

from pathlib import Path
from typing import Any

import pytest

from components.tasks.civil_comments import conversion as module
from components.tasks.civil_comments.config import CommentsInput
from data.comments.column_names import ColumnNames
from data.comments.conversion import ConversionOptions, Sources


def test_every_setting_of_the_input_reaches_the_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(module, "convert", lambda sources, output, *, options: calls.append((sources, output, options)))
    chosen = CommentsInput(
        train=("a.csv",),
        eval=("b.csv",),
        eval_fraction=0.3,
        validation_fraction=0.2,
        max_malformed_fraction=0.05,
        columns={"female": "Female"},
        ignored_columns=("Male",),
    )
    module.convert_comments(chosen, tmp_path, 7, ("--x",))
    columns = ColumnNames({"female": "Female"}, ("Male",))
    options = ConversionOptions(
        eval_fraction=0.3, seed=7, validation_fraction=0.2, max_malformed_fraction=0.05, beam_args=("--x",)
    )
    assert calls == [(Sources(("a.csv",), ("b.csv",), columns), tmp_path, options)]
