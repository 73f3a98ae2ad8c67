"""Write datasheet.json: the data of a run in Croissant 1.0, JSON-LD, with its vocabulary of responsible AI.

http://mlcommons.org/croissant/1.0 and http://mlcommons.org/croissant/RAI/1.0 say what the properties mean. Croissant asks for
creator, datePublished, license and url: people have to say them, and one that nobody said is absent here and open in
datasheet.md. The examples are gzipped TFRecords, which Croissant cannot describe field by field, so there is no recordSet.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fairgate.report.cards import facts
from fairgate.report.cards.datasheet import entries
from fairgate.report.content import ReportContent
from fairgate.report.data_summary import ListedFile
from fairgate.statements import CardStatements
from fairgate.text import printable

VERSIONS = ("http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0")
# Croissant's own context, as its libraries write it; a reader warns of any other.
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs",
            "column",
            "equivalentProperty",
            "extract",
            "field",
            "fileProperty",
            "fileObject",
            "fileSet",
            "format",
            "includes",
            "isLiveDataset",
            "jsonPath",
            "key",
            "md5",
            "parentField",
            "path",
            "recordSet",
            "references",
            "regex",
            "repeated",
            "replace",
            "samplingRate",
            "separator",
            "source",
            "subField",
            "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
_KINDS = {"csv": "text/csv"}
_TFRECORD = "application/octet-stream"  # the kind has no registered name
_INERT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}  # the file may be put into a page as it is


def document(content: ReportContent) -> dict[str, Any]:
    """Return the JSON-LD; plain values."""
    said = facts.said(content)
    answered: dict[str, list[str]] = {}
    for entry in entries(content):
        if entry.rai:
            answered.setdefault(entry.rai, []).extend(entry.answers)
    rai = {f"rai:{name}": " ".join(answers) for name, answers in answered.items() if answers}
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": list(VERSIONS),
        "name": said.data_name or content.verdict.data.source,
        "description": _description(content),
        **_stated(said),
        "distribution": list(_distribution(content)),
        **rai,
    }


def _description(content: ReportContent) -> str:
    done = "judged" if content.verdict.of_table else "trained and judged"
    return f"The data that models of the task {content.verdict.task} were {done} on: {content.verdict.data.source}."


def _stated(said: CardStatements) -> dict[str, Any]:
    """Return what people say of the data set; a property that nobody said is absent."""
    known = {
        "creator": said.data_creator and {"@type": "sc:Organization", "name": said.data_creator},
        "datePublished": said.data_published,
        "license": said.data_license and license_address(said.data_license),
        "url": said.data_url,
        "citeAs": said.citation,
        "inLanguage": list(said.language),
    }
    return {name: value for name, value in known.items() if value}


def license_address(identifier: str) -> str:
    """Return the address of an SPDX identifier's text, which Croissant recommends; "other" as it is."""
    return identifier if identifier == "other" else f"https://spdx.org/licenses/{identifier}.html"


def _distribution(content: ReportContent) -> Iterator[dict[str, Any]]:
    summary = content.data_summary
    for number, file in enumerate((*summary.sources, *summary.files), start=1):
        yield _file_object(number, file)


def _file_object(number: int, file: ListedFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"file-{number}",  # names of files may hold what no IRI does
        "name": file.name,
        "contentUrl": file.name,
        "encodingFormat": _KINDS.get(file.kind, _TFRECORD),
        "sha256": file.sha256,
    }


def to_json(values: Mapping[str, Any]) -> str:
    """Return indented JSON, safe inside a page, its texts without characters that turn or hide others."""
    text = json.dumps(cleaned(values), ensure_ascii=False, indent=2, allow_nan=False)
    for character, inert in _INERT.items():
        text = text.replace(character, inert)
    return text + "\n"


def cleaned(value: Any) -> Any:
    """Return plain values with `printable` texts."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {printable(str(name)): cleaned(inner) for name, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list | tuple) else value


def render(content: ReportContent) -> str:
    """Return the file's content."""
    return to_json(document(content))
