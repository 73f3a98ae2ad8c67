"""datasheet.json: valid Croissant with the properties of responsible AI."""

import dataclasses
import json
from typing import Any

import jsonschema

from fairgate.report.cards import croissant, datasheet
from fairgate.report.content import ReportContent

# The properties of http://mlcommons.org/croissant/RAI/, from the specification's own vocabulary:
# https://github.com/mlcommons/croissant/blob/main/docs/croissant_rai.ttl
RAI = {
    "dataCollection",
    "dataCollectionType",
    "dataCollectionMissingData",
    "dataCollectionRawData",
    "dataCollectionTimeframe",
    "dataPreprocessingProtocol",
    "dataImputationProtocol",
    "dataManipulationProtocol",
    "dataReleaseMaintenancePlan",
    "personalSensitiveInformation",
    "dataAnnotationProtocol",
    "dataAnnotationPlatform",
    "dataAnnotationAnalysis",
    "annotationsPerItem",
    "annotatorDemographics",
    "machineAnnotationTools",
    "dataSocialImpact",
    "dataBiases",
    "dataLimitations",
    "dataUseCases",
}
# The part of http://mlcommons.org/croissant/1.0 that a data set without recordSet uses. "required" is what the specification
# requires, less what only people can say.
TEXT = {"type": "string", "minLength": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "@type", "conformsTo", "name", "description", "distribution"],
    "additionalProperties": False,
    "properties": {
        "@context": {"type": "object", "required": ["@vocab", "sc", "cr", "rai", "dct", "conformsTo"]},
        "@type": {"const": "sc:Dataset"},
        "conformsTo": {"const": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]},
        "name": TEXT,
        "description": TEXT,
        "creator": {"type": "object", "required": ["@type", "name"], "properties": {"@type": {"const": "sc:Organization"}}},
        "datePublished": {"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"},
        "license": {"type": "string", "pattern": r"^(https://spdx\.org/licenses/.+|other)$"},
        "url": {"type": "string", "pattern": "^https?://"},
        "citeAs": TEXT,
        "inLanguage": {"type": "array", "items": TEXT},
        "distribution": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["@type", "@id", "name", "contentUrl", "encodingFormat", "sha256"],
                "additionalProperties": False,
                "properties": {
                    "@type": {"const": "cr:FileObject"},
                    "@id": {"type": "string", "pattern": r"^file-\d+$"},
                    "name": TEXT,
                    "contentUrl": TEXT,
                    "encodingFormat": {"type": "string", "pattern": "^[a-z]+/[a-z.+-]+$"},
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                },
            },
        },
        **{f"rai:{name}": TEXT for name in RAI},
    },
}
REQUIRED_OF_PEOPLE = {"creator", "datePublished", "license", "url"}


def read(content: ReportContent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(croissant.render(content))
    return found


def test_everything_said_makes_a_complete_description(answered: ReportContent) -> None:
    found = read(answered)
    jsonschema.validate(found, SCHEMA)
    assert found.keys() >= REQUIRED_OF_PEOPLE
    assert found["license"] == "https://spdx.org/licenses/CC0-1.0.html"
    assert found["distribution"][0] == {
        "@type": "cr:FileObject",
        "@id": "file-1",
        "name": "all.csv",
        "contentUrl": "all.csv",
        "encodingFormat": "text/csv",
        "sha256": "b" * 64,
    }


def test_what_nobody_said_is_absent(unanswered: ReportContent) -> None:
    found = read(unanswered)
    jsonschema.validate(found, SCHEMA)
    assert not found.keys() & (REQUIRED_OF_PEOPLE | {"rai:dataCollection", "rai:annotationsPerItem"})


def test_images_are_described_too(image_content: ReportContent) -> None:
    jsonschema.validate(read(image_content), SCHEMA)


def test_sheet_answers_every_property_of_the_vocabulary_but_three(answered: ReportContent) -> None:
    """The type of collection is one of a list that does not fit every source; nothing is imputed, no value is changed."""
    left = {"dataCollectionType", "dataImputationProtocol", "dataManipulationProtocol"}
    assert {entry.rai for entry in datasheet.entries(answered)} - {""} == RAI - left


def test_answers_of_one_property_are_joined(answered: ReportContent) -> None:
    found = read(answered)["rai:dataAnnotationProtocol"]
    assert found.startswith("Answer to who_labelled. Answer to labelling. ")
    assert found.endswith("toxic: 0.5 and above are positive.")


def test_license_of_no_list_is_kept_as_it_is() -> None:
    assert croissant.license_address("other") == "other"


def test_hostile_text_stays_inert(answered: ReportContent) -> None:
    """No tag, no character that turns or hides text, also inside of JSON's own escapes."""
    info = answered.verdict.data.model_copy(update={"source": "</script><img src=x>\x1b[31m\u202e\u2028&"})
    hostile = dataclasses.replace(
        answered,
        verdict=answered.verdict.model_copy(update={"data": info}),
        statements=answered.statements.model_copy(update={"data_name": ""}),
    )
    text = croissant.render(hostile)
    assert not {"<", ">", "&", "\x1b", "\u202e", "\u2028"} & set(text)
    assert read(hostile)["name"] == "</script><img src=x>\ufffd[31m\ufffd\ufffd&"
