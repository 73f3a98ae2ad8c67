"""What people must say of a model and its data, because no run can measure it: the part `card` of a configuration.

In: what was written. Out: `CardStatements`, frozen and checked; what is empty is an open question, and the cards list it.
Imports no third-party package but pydantic.

    card:
      contact: moderation@example.org
      license: Apache-2.0
      who_labelled: Four trained moderators of our own, two of them native speakers.
      appeals: The editor on duty answers within a day; every author is told how to reach them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def _license(text: str) -> str:
    if text and not _SPDX.fullmatch(text):
        raise ValueError("write an SPDX identifier, such as CC0-1.0 or Apache-2.0, or other")
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("write a language tag of BCP 47, such as en or pt-BR")
    return text


def _address(text: str) -> str:
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError("write an address that begins with https:// or http://")
    return text


def _time(text: str) -> str:
    if text and not all(_DATE.fullmatch(end) for end in text.split("/", 1)):
        raise ValueError("write a date as 2017, 2017-03 or 2017-03-31, or two of them as 2015/2017")
    return text


def _date(text: str) -> str:
    if text and not _DATE.fullmatch(text):
        raise ValueError("write a date as 2017, 2017-03 or 2017-03-31")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Sentences = tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)], ...]
License = Annotated[Text, AfterValidator(_license)]
Address = Annotated[Text, AfterValidator(_address)]


class CardStatements(BaseModel):
    """What people say of a model and its data; "" and () are open.

    Attributes:
        name: of the model.
        owner: who answers for the model.
        contact: how to reach them.
        license: of the model, an SPDX identifier, or "other".
        intended_use: what the model is for.
        users: who is to use it.
        out_of_scope: what it must not be used for.
        limits: where it is known to fail.
        false_positive_affects, false_negative_affects: who is affected by each kind of wrong decision, and how.
        appeals: who handles complaints about a decision, and how.
        oversight: which people watch over the decisions, and what they can do.
        data_name, data_url, data_license, data_creator, data_published: of the data set; the license is an SPDX identifier.
        citation: of the data set, BibTeX if possible.
        hub_datasets: names of the data set on a model hub, "google/civil_comments".
        language: of the data, tags of BCP 47.
        collection: how the data were collected, and from whom.
        collection_time: when: "2015/2017".
        who_labelled: the people or the machine that gave the labels.
        labelling: what they were asked and shown.
        annotations_per_item: how many labels an example has.
        annotator_demographics: who the annotators are.
        annotation_platform: the tool or service.
        disagreement: how far the annotators agreed, and how one label was made of several.
        personal_information: what the data say of people.
        maintenance: who keeps the data up to date, and until when.
        references: addresses of documents behind these statements.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text = ""
    owner: Text = ""
    contact: Text = ""
    license: License = ""
    intended_use: Sentences = ()
    users: Sentences = ()
    out_of_scope: Sentences = ()
    limits: Sentences = ()
    false_positive_affects: Text = ""
    false_negative_affects: Text = ""
    appeals: Text = ""
    oversight: Text = ""
    data_name: Text = ""
    data_url: Address = ""
    data_license: License = ""
    data_creator: Text = ""
    data_published: Annotated[Text, AfterValidator(_date)] = ""
    citation: Text = ""
    hub_datasets: Sentences = ()
    language: tuple[Annotated[str, AfterValidator(_language)], ...] = ()
    collection: Text = ""
    collection_time: Annotated[Text, AfterValidator(_time)] = ""
    who_labelled: Text = ""
    labelling: Text = ""
    annotations_per_item: Text = ""
    annotator_demographics: Text = ""
    annotation_platform: Text = ""
    disagreement: Text = ""
    personal_information: Text = ""
    maintenance: Text = ""
    references: tuple[Address, ...] = ()

    def over(self, below: Mapping[str, Any]) -> "CardStatements":
        """Return these statements, and where they are open those of `below`, field by field."""
        said = self.model_dump(exclude_defaults=True)
        return CardStatements.model_validate({**below, **said})

    def open_questions(self, questions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield field and question of everything that nobody answered.

        Args:
            questions: field -> question, as in `DATA_QUESTIONS`.
        """
        yield from ((field, question) for field, question in questions.items() if not getattr(self, field))


DATA_QUESTIONS: Mapping[str, str] = {
    "data_creator": "Who made the data set?",
    "data_url": "Where can it be had?",
    "data_published": "When was it published?",
    "data_license": "Under which license?",
    "collection": "How were the examples collected, and from whom?",
    "collection_time": "When were they collected?",
    "language": "Which languages are they in?",
    "personal_information": "What do they say of people who can be recognised?",
    "who_labelled": "Who gave the labels?",
    "labelling": "What were the annotators asked and shown?",
    "annotations_per_item": "How many labels does an example have?",
    "annotator_demographics": "Who are the annotators?",
    "annotation_platform": "Which tool or service did they use?",
    "disagreement": "How far do the annotators agree, and how was one label made of several?",
    "maintenance": "Who keeps the data up to date?",
}
MODEL_QUESTIONS: Mapping[str, str] = {
    "owner": "Who answers for the model?",
    "contact": "How can they be reached?",
    "license": "Under which license may the model be used?",
    "intended_use": "What is the model for?",
    "users": "Who is to use it?",
    "out_of_scope": "What must it not be used for?",
    "false_positive_affects": "Who is affected by a false positive, and how?",
    "false_negative_affects": "Who is affected by a false negative, and how?",
    "appeals": "Who handles appeals against a decision?",
    "oversight": "Which people watch over the decisions, and what can they do?",
}
