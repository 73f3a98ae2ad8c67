"""What is published of the comments, and what holds of any model of this task, as fields of `CardStatements`.

Of Civil Comments, its catalogue says it: https://www.tensorflow.org/datasets/catalog/civil_comments. Nothing here is said of
comments that a user brings: those are open until the part `card` of the configuration answers.
"""

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from data.comments.civil_comments import PUBLIC_FILES

TASK: Mapping[str, Any] = {
    "false_positive_affects": "Authors of harmless comments: theirs wait for a moderator, or are hidden. Where this happens more "
    "often to comments that mention a group, that group is heard less.",
    "false_negative_affects": "Readers, and the people whom a toxic comment is about: it stays where they meet it.",
}
GENERATED: Mapping[str, Any] = {
    "data_name": "fairgate's generated sample of comments",
    "data_creator": "fairgate, by a seeded random generator",
    "data_license": "Apache-2.0",
    "language": ["en"],
    "collection": "Nobody wrote the comments: they are put together from phrases, with a bias planted on purpose.",
    "who_labelled": "Nobody: label and groups are generated with the comment.",
    "labelling": "A comment is written to be toxic or not; a share of the labels of each kind is turned round as noise.",
    "annotations_per_item": "None.",
    "annotator_demographics": "There are no annotators.",
    "annotation_platform": "None.",
    "disagreement": "There are no annotators who could disagree.",
    "personal_information": "None: no comment is about a person.",
    "maintenance": "The same seed gives the same comments in every version of fairgate that has the same generator.",
}
CIVIL_COMMENTS: Mapping[str, Any] = {
    "data_name": "Civil Comments",
    "data_url": "https://www.tensorflow.org/datasets/catalog/civil_comments",
    "data_license": "CC0-1.0",
    "data_creator": "Jigsaw",
    "data_published": "2019",
    "citation": "@article{borkan2019nuanced, title={Nuanced Metrics for Measuring Unintended Bias with Real Data for Text "
    "Classification}, author={Borkan, Daniel and Dixon, Lucas and Sorensen, Jeffrey and Thain, Nithum and Vasserman, Lucy}, "
    "journal={CoRR}, volume={abs/1903.04561}, year={2019}}",
    "hub_datasets": ["google/civil_comments"],
    "language": ["en"],
    "collection": "Public comments from the archive of the Civil Comments platform, a plug-in for commenting on about 50 news "
    "sites in English. By the names of the files, these are the public ones.",
    "collection_time": "2015/2017",
    "who_labelled": "Crowd workers, on behalf of Jigsaw.",
    "labelling": "Whether a comment is toxic and which identities it mentions, without the comment that it answers.",
    "disagreement": "The files hold the fraction of annotators who chose an attribute; half of them or more make it one. A "
    "comment near one half is disputed, and its label does not show it. Many comments were never annotated for identities.",
    "personal_information": "The comments are public and may name people. The data hold no ids of users.",
    "references": ["https://www.tensorflow.org/datasets/catalog/civil_comments", "https://arxiv.org/abs/1903.04561"],
}
_PUBLIC = {address.rpartition("/")[2] for address in PUBLIC_FILES.values()}


def of_files(names: Iterable[str]) -> Mapping[str, Any]:
    """Return what is published of these files: by their names those of Civil Comments, or nothing."""
    found = {PurePath(name).name for name in names}
    return CIVIL_COMMENTS if found and found <= _PUBLIC else {}
