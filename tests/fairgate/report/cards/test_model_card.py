"""The model card: front matter, text, and Google's JSON."""

import dataclasses
import json
from typing import Any

import jsonschema
import pytest
import yaml

from fairgate.gate.verdict import ModelInfo
from fairgate.model_facts import OperatingPoint, Remedy
from fairgate.names import OVERALL
from fairgate.report.cards import hub_card, model_card
from fairgate.report.content import ReportContent
from fairgate.statements import MODEL_QUESTIONS, CardStatements

# The structure of Google's schema, version 0.0.2, with everything refused that it does not name:
# https://github.com/tensorflow/model-card-toolkit/blob/main/model_card_toolkit/schema/v0.0.2/model_card.schema.json
TEXT = {"type": "string"}


def listed(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": of(**properties)}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


DESCRIBED = listed(description=TEXT)
SCHEMA = of(
    schema_version=TEXT,
    model_details=of(
        name=TEXT,
        overview=TEXT,
        documentation=TEXT,
        owners=listed(name=TEXT, contact=TEXT),
        version=of(name=TEXT, date={"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}, diff=TEXT),
        licenses=listed(identifier=TEXT, custom_text=TEXT),
        references=listed(reference=TEXT),
        citations=listed(style=TEXT, citation=TEXT),
    ),
    model_parameters=of(
        model_architecture=TEXT,
        data=listed(name=TEXT, link=TEXT, sensitive=of(sensitive_data={"type": "array", "items": TEXT}), description=TEXT),
        input_format=TEXT,
        output_format=TEXT,
    ),
    quantitative_analysis=of(
        performance_metrics=listed(type=TEXT, value=TEXT, slice=TEXT, confidence_interval=of(lower_bound=TEXT, upper_bound=TEXT))
    ),
    considerations=of(
        users=DESCRIBED,
        use_cases=DESCRIBED,
        limitations=DESCRIBED,
        tradeoffs=DESCRIBED,
        ethical_considerations=listed(name=TEXT, mitigation_strategy=TEXT),
    ),
)


def front(content: ReportContent) -> dict[str, Any]:
    before, text, _ = hub_card.render(content).split("---\n", 2)
    assert before == ""
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_front_matter_has_the_keys_of_model_hubs(answered: ReportContent) -> None:
    found = front(answered)
    (index,) = found.pop("model-index")
    assert found == {
        "language": ["en", "de"],
        "license": "apache-2.0",
        "tags": ["fairgate", "fairness", "text-classification", "refused"],
        "pipeline_tag": "text-classification",
        "datasets": ["example/ours"],
        "metrics": ["roc_auc"],
    }
    (result,) = index["results"]
    assert result["task"] == {"type": "text-classification"}
    assert result["dataset"] == {"type": "example/ours", "name": "Comments of ours", "split": "eval"}
    overall = {
        (line.threshold, name): value
        for line in answered.verdict.slices
        if (line.model, line.slice) == ("candidate", "overall")
        for name, value in line.metrics.items()
    }
    assert result["metrics"]
    places = {f"{name}@{at}": value for (at, name), value in overall.items()}
    assert {metric["value"] for metric in result["metrics"]} <= set(places.values())


def test_front_matter_leaves_out_what_nobody_said(unanswered: ReportContent) -> None:
    assert not front(unanswered).keys() & {"language", "license", "datasets"}


@pytest.mark.parametrize(
    ("identifier", "written"),
    [
        ("MIT", {"license": "mit"}),
        ("other", {"license": "other"}),
        ("EUPL-1.2", {"license": "other", "license_name": "eupl-1.2"}),
    ],
)
def test_license_is_written_as_hubs_know_it(answered: ReportContent, identifier: str, written: dict[str, str]) -> None:
    said = answered.statements.model_copy(update={"license": identifier})
    found = front(dataclasses.replace(answered, statements=said))
    assert {key: value for key, value in found.items() if key.startswith("license")} == written


def test_images_are_classified_as_images(image_content: ReportContent) -> None:
    assert front(image_content)["pipeline_tag"] == "image-classification"


def test_report_without_text_or_images_is_of_a_table(binary_content: ReportContent) -> None:
    assert front(dataclasses.replace(binary_content, statistics=None))["pipeline_tag"] == "tabular-classification"


def test_open_questions_are_listed_and_none_is_answered(unanswered: ReportContent) -> None:
    text = hub_card.render(unanswered)
    listed_questions = text.partition("## Open questions\n\n")[2].partition("\n\n##")[0].splitlines()
    assert listed_questions == [f"- {question} (`card.{key}` of the configuration)" for key, question in MODEL_QUESTIONS.items()]
    limitations = [each["description"] for each in json.loads(model_card.render(unanswered))["considerations"]["limitations"]]
    assert [f"Open question: {question}" for question in MODEL_QUESTIONS.values()] == limitations[-len(MODEL_QUESTIONS) :]


def test_nothing_is_open_where_everything_was_said(answered: ReportContent) -> None:
    text = hub_card.render(answered)
    assert hub_card.OPEN not in text
    assert "## Open questions\n\nNone.\n" in text


def test_refused_model_says_so_first(answered: ReportContent) -> None:
    assert "**Refused.** A written policy refuses it: do not publish or use it." in hub_card.render(answered)


def test_table_has_both_models_and_every_group(answered: ReportContent) -> None:
    text = hub_card.render(answered)
    assert "\n| baseline | " in text
    assert "\n| candidate | " in text
    assert "\n| gender:male | " in text


@pytest.mark.parametrize("name", ["answered", "unanswered", "image_content"])
def test_json_is_of_the_published_schema(name: str, request: pytest.FixtureRequest) -> None:
    jsonschema.validate(json.loads(model_card.render(request.getfixturevalue(name))), SCHEMA)


def test_json_has_what_was_said(answered: ReportContent) -> None:
    found = json.loads(model_card.render(answered))
    assert found["model_details"]["owners"] == [{"name": "Answer to owner.", "contact": "Answer to contact."}]
    assert found["model_details"]["licenses"] == [{"identifier": "Apache-2.0"}]
    assert found["considerations"]["ethical_considerations"][0] == {
        "name": "False positive: Answer to false_positive_affects.",
        "mitigation_strategy": "Appeals: Answer to appeals.",
    }


def test_other_license_is_a_custom_text(answered: ReportContent) -> None:
    said = CardStatements(license="other")
    found = json.loads(model_card.render(dataclasses.replace(answered, statements=said)))
    assert found["model_details"]["licenses"] == [{"custom_text": "other"}]


def test_json_has_the_value_of_every_slice(answered: ReportContent) -> None:
    """As the verdict has them, at the thresholds of the rules."""
    found = json.loads(model_card.render(answered))["quantitative_analysis"]["performance_metrics"]
    lines = {
        (line.slice, name if line.threshold is None else f"{name}@{line.threshold:g}"): value
        for line in answered.verdict.slices
        if line.model == "candidate"
        for name, value in line.metrics.items()
    }
    assert {line.slice for line in answered.verdict.slices} == {each["slice"] for each in found}
    assert all(lines[each["slice"], each["type"]] == float(each["value"]) for each in found)
    rate = next(each for each in found if each["slice"] == OVERALL and each["type"] == "false_positive_rate@0.5")
    line = next(
        line for line in answered.verdict.slices if (line.model, line.slice, line.threshold) == ("candidate", OVERALL, 0.5)
    )
    ends = rate["confidence_interval"]
    assert (float(ends["lower_bound"]), float(ends["upper_bound"])) == line.interval["false_positive_rate"]


def test_operating_point_remedy_and_long_tables_are_stated(answered: ReportContent) -> None:
    """What the model says of itself; of many slices, how many are left out."""
    point = OperatingPoint(name="balanced", threshold=0.4, chosen_on="validation", rows=200)
    remedy = Remedy(name="weights", sentence="Harmless comments weigh more.")
    info = ModelInfo(description="n-grams", operating_point=point, remedy=remedy)
    line = next(line for line in answered.verdict.slices if line.model == "candidate" and line.slice == "gender:male")
    many = tuple(line.model_copy(update={"slice": f"gender:g{number}"}) for number in range(hub_card.MOST_SLICES))
    verdict = answered.verdict.model_copy(update={"models": {"candidate": info}, "slices": (*answered.verdict.slices, *many)})
    text = hub_card.render(dataclasses.replace(answered, verdict=verdict))
    assert "- Decides at the threshold 0.4: equal error rates, chosen on validation (200 examples)" in text
    assert "- Against unintended bias: Harmless comments weigh more." in text
    assert " more slices are in verdict.json." in text


def test_verdict_without_any_slice_has_no_evaluation(answered: ReportContent) -> None:
    verdict = answered.verdict.model_copy(update={"slices": ()})
    assert "## Evaluation" not in hub_card.render(dataclasses.replace(answered, verdict=verdict))
