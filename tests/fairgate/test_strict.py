"""Values checked strictly, and messages that say how to write them."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from fairgate.errors import InputError
from fairgate.strict import origin, validate
from fairgate.yaml_files import Document, parse


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    share: float = 0.5
    steps: int = 1
    shown: bool = True
    name: str = ""
    names: tuple[str, ...] = ()
    limit: float | str = 0.0
    folder: Path = Path()

    @model_validator(mode="after")
    def _sound(self) -> "Settings":
        if self.name == self.limit:
            raise ValueError("name and limit are the same")
        return self


def check(text: str) -> Settings:
    document = parse(text, "x.yaml")
    return validate(Settings, document.mapping, [document], "Error")


def test_sound_values_are_taken() -> None:
    written = "{share: 1, steps: 3, shown: false, name: 'no', names: [a], limit: b, folder: c}"
    expected = Settings(share=1.0, steps=3, shown=False, name="no", names=("a",), limit="b", folder=Path("c"))
    assert check(written) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("share: yes", "share: Input should be a valid number (got 'yes'); yes is no number."),
        ("share: false", "share: Input should be a valid number (got False); false is no number."),
        ("share: '0.5'", "share: Input should be a valid number (got '0.5'); write it without quotes, 0.5."),
        ("share: half", "share: Input should be a valid number (got 'half')."),
        ("share: 30%", "share: Input should be a valid number (got '30%'); write a fraction, 0.3."),
        ("share: half%", "share: Input should be a valid number (got 'half%')."),
        ("steps: 30%", "steps: Input should be a valid integer (got '30%')."),
        ("share: [1]", "share: Input should be a valid number (got [1])."),
        ("steps: 0100", "steps: Input should be a valid integer (got '0100'); write 100, or 64 if it is octal."),
        ("steps: 0190", "steps: Input should be a valid integer (got '0190'); write 190."),
        ("steps: 1_000", "steps: Input should be a valid integer (got '1_000'); write 1000."),
        ("steps: 0x1F", "steps: Input should be a valid integer (got '0x1F'); write 31."),
        ("steps: 0b12", "steps: Input should be a valid integer (got '0b12')."),
        ("steps: 1:30", "write a number without colons; YAML 1.1 reads 1:30 to the base 60."),
        ("steps: 1.5", "steps: Input should be a valid integer (got 1.5)."),
        ("steps: 100.0", "steps: Input should be a valid integer (got 100.0)."),
        ("shown: Off", "shown: Input should be a valid boolean (got 'Off'); write false."),
        ("shown: 1", "shown: Input should be a valid boolean (got 1)."),
        ("shown: maybe", "shown: Input should be a valid boolean (got 'maybe')."),
        ("name: 5", "name: Input should be a valid string (got 5); write it in quotes, \"5\"."),
        ("name: true", "name: Input should be a valid string (got True); write it in quotes, \"true\"."),
        ("name: [a]", "name: Input should be a valid string (got ['a'])."),
        ("names: a", "names: Input should be a list (got 'a'); write a list, [a]."),
        ("names: 5", "names: Input should be a list (got 5); write a list, [5]."),
        ("names: {a: b}", "names: Input should be a list (got {'a': 'b'})."),
        ("names:", "names: Input should be a list (got None)."),
        ("limit: true", "limit: Input should be a valid number or a valid string (got True); true is no number."),
    ],
)  # fmt: skip
def test_wrong_value_is_named_with_line_key_value_and_remedy(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        check(f"# a comment\n{text}")
    assert str(error.value).startswith("Error in x.yaml, line 2: ")
    assert str(error.value).endswith(message)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as error:
        check("share: a\n\nstep: 5")
    assert str(error.value) == (
        "Error in x.yaml, line 1: share: Input should be a valid number (got 'a'); "
        "x.yaml, line 3: unknown key 'step' (value 5); did you mean 'steps'?"
    )


def test_secret_is_not_shown() -> None:
    document = parse("name: [s3cr3t]", "x.yaml")
    with pytest.raises(InputError, match=r"name: Input should be a valid string \(got not shown\)"):
        validate(Settings, document.mapping, [document], "Error", hidden=("name",))


def test_value_is_blamed_on_the_document_that_decides() -> None:
    """The first that has most of the keys, else the last."""
    options, setting, file = (parse(text, name) for name, text in (("a", "x: 1"), ("b", "y: {z: 1}"), ("c", "y: {q: 1}\nx: 2")))
    documents = [options, setting, file]
    named = {keys: origin(documents, keys).name for keys in (("x",), ("y", "z"), ("y", "q"), ("y",), ("none",))}
    assert named == {("x",): "a", ("y", "z"): "b", ("y", "q"): "c", ("y",): "b", ("none",): "c"}


def test_document_without_lines_is_named() -> None:
    document = Document.without_lines("--set steps=a", {"steps": "a"})
    with pytest.raises(InputError, match=r"^Error in --set steps=a: steps: "):
        validate(Settings, document.mapping, [document], "Error")


def test_contradiction_between_values_is_said_without_all_of_them() -> None:
    with pytest.raises(InputError, match=r"^Error in x\.yaml: name and limit are the same\.$"):
        check("{name: a, limit: a}")


def test_text_that_no_file_can_hold_is_named_with_its_key() -> None:
    with pytest.raises(InputError, match=r"Error in a\.0: not UTF-8 text \('\\udcff'\); rename the file, or correct the value\."):
        validate(BaseModel, {"a": ["b", "ü", "\udcff"][2:]}, [Document("x", {})], "Error")


def test_an_unreadable_secret_is_not_shown() -> None:
    with pytest.raises(InputError, match=r"Error in alerts\.url: not UTF-8 text; rename"):
        validate(BaseModel, {"alerts": {"url": "\udcff"}}, [Document("x", {})], "Error", hidden=("alerts",))


class Alternatives(BaseModel):
    """Values of more than one type."""

    strength: Literal["auto"] | float = "auto"
    columns: dict[str, str | tuple[str, ...]] = {}
    dropout: Annotated[float, Field(lt=1)] | tuple[float, ...] = 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("strength: x", "strength: Input should be 'auto' or a valid number (got 'x')."),
        ("dropout: 2", "dropout: Input should be less than 1 (got 2)."),
        ("columns: {label: 5}", 'columns.label: Input should be a valid string or a list (got 5); write it in quotes, "5".'),
        ("columns: {label: [a, 5]}", 'columns.label: Input should be a valid string (got 5); write it in quotes, "5".'),
    ],
)
def test_a_value_that_fits_no_alternative_has_one_message(text: str, message: str) -> None:
    document = parse(text, "x.yaml")
    with pytest.raises(InputError) as error:
        validate(Alternatives, document.mapping, [document], "Error")
    assert str(error.value) == f"Error in x.yaml, line 1: {message}"
