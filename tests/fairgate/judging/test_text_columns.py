"""Text of every type, and what is not UTF-8, through every door."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from fairgate.errors import InputError
from fairgate.judging.text_columns import with_sound_text

LATIN_1 = pa.Array.from_buffers(
    pa.string(), 3, [None, pa.py_buffer(np.array([0, 1, 2, 4], np.int32).tobytes()), pa.py_buffer(b"a\xe9\xc3\xa9")]
)
TEXTS: dict[str, Any] = {
    "text": LATIN_1,
    "large text": LATIN_1.cast(pa.large_binary()).view(pa.large_string()),
    "a dictionary": LATIN_1.dictionary_encode(),
    "lists": pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), LATIN_1),
}


def _table(text: Any) -> pa.Table:
    return pa.table({"y": [0, 1, 1], "p": [0.2, 0.8, 0.9], "g": text})


@pytest.mark.parametrize("kind", TEXTS)
def test_text_that_is_not_utf_8_is_named_with_its_row(kind: str) -> None:
    with pytest.raises(InputError, match=r"^Row 2 holds '\ufffd' in the column g, which is not UTF-8; write the table again"):
        fairgate.evaluate(_table(TEXTS[kind]), label="y", scores="p", slices=["g"])


ROLES: dict[str, dict[str, Any]] = {
    "slices": {"slices": ["g"]},
    "groups": {"groups": {"f": ["g"]}},
    "cluster": {"cluster": "g"},
    "content": {"content": "g"},
    "where": {"where": "g == 'a'"},
    "label": {"label": "g"},
    "decisions": {"decisions": "g", "scores": None},
}


@pytest.mark.parametrize("role", ROLES)
def test_text_that_is_not_utf_8_is_refused_in_every_role(role: str) -> None:
    with pytest.raises(InputError, match=r"^Row 2 holds '\ufffd' in the column g, which is not UTF-8"):
        fairgate.evaluate(_table(LATIN_1), **{"label": "y", "scores": "p", **ROLES[role]})


def _json(path: Path) -> None:
    lines = [json.dumps({"y": 0, "p": 0.2, "g": group}, ensure_ascii=False) for group in ("a", "é", "b")]
    path.write_bytes("\n".join(lines).encode("latin-1"))


FILES: dict[str, Callable[[Path], Any]] = {"parquet": lambda path: pq.write_table(_table(LATIN_1), path), "json": _json}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_whose_text_is_not_utf_8_is_named(kind: str, tmp_path: Path) -> None:
    """The row is counted within the file."""
    pq.write_table(_table(["a", "b", "c"]), tmp_path / "first")
    FILES[kind](tmp_path / "second")
    with pytest.raises(InputError, match=r"second: Row 2 holds '\ufffd' in the column g, which is not UTF-8"):
        fairgate.evaluate(str(tmp_path / "*"), label="y", scores="p", slices=["g"])


def test_a_text_of_a_dictionary_that_no_row_has_is_not_looked_at() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, None, 2]), LATIN_1)
    (batch,) = _table(column).to_batches()
    assert with_sound_text(batch, 1).column(2).to_pylist() == ["a", None, "é"]


def test_columns_without_views_keep_type_and_metadata() -> None:
    table = _table(pa.array([["a"], None, []], pa.large_list(pa.field("element", pa.string())))).replace_schema_metadata(
        {"k": "v"}
    )
    (batch,) = table.to_batches()
    assert with_sound_text(batch, 1).schema.equals(batch.schema, check_metadata=True)


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="needs a version of pyarrow with string_view")
@pytest.mark.parametrize("kind", ["alone", "in lists", "in a dictionary"])
def test_views_of_text_are_text(kind: str) -> None:
    """As text of 32-bit offsets, also where rows are filtered, which Arrow does not do with views."""
    view = pa.array(["a", "b", None], pa.string_view())
    columns = {
        "alone": view,
        "in lists": pa.array([["a"], ["b"], None], pa.list_(pa.string_view())),
        "in a dictionary": pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), view),
    }
    judged = fairgate.evaluate(_table(columns[kind]), label="y", scores="p", slices=["g"], where="p > 0.1")
    assert list(judged.counted.evaluation.models["candidate"]) == ["overall", "g:a", "g:b"]


@pytest.mark.skipif(not hasattr(pa, "decimal32"), reason="needs a version of pyarrow with decimal32")
@pytest.mark.parametrize("kind", ["decimal32", "decimal64"])
def test_short_decimals_are_numbers(kind: str) -> None:
    column = pa.array([Decimal(1), Decimal(1), Decimal(2)], getattr(pa, kind)(5, 2))
    judged = fairgate.evaluate(_table(column), label="y", scores="p", slices=["g"], weight="g")
    assert list(judged.counted.evaluation.models["candidate"]) == ["overall", "g:1", "g:2"]


@pytest.mark.skipif(not hasattr(pa, "bool8"), reason="needs a version of pyarrow with bool8")
def test_flags_of_a_byte_are_true_and_false() -> None:
    column = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([0, 1, 1], pa.int8()))
    judged = fairgate.evaluate(_table(column), label="g", scores="p", slices=["g"])
    assert list(judged.counted.evaluation.models["candidate"]) == ["overall", "g:false", "g:true"]
