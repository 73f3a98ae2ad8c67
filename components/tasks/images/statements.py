"""What is published of the image data sets, as fields of `CardStatements`.

The digits: https://archive.ics.uci.edu/dataset/80. Fashion-MNIST: https://github.com/zalandoresearch/fashion-mnist and
Xiao, Rasul and Vollgraf, arXiv:1708.07747.
"""

from collections.abc import Mapping
from typing import Any

DIGITS: Mapping[str, Any] = {
    "data_name": "Optical Recognition of Handwritten Digits, as shipped with scikit-learn",
    "data_url": "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
    "data_license": "CC-BY-4.0",
    "data_creator": "E. Alpaydin and C. Kaynak, Bogazici University",
    "data_published": "1998",
    "collection": "People wrote digits on printed forms; the bitmaps were reduced to 8 x 8 counts of 0 to 16. scikit-learn ships "
    "the 1,797 of the test set, written by 13 people: train and eval of this run hold digits of the same people.",
    "personal_information": "None beside the handwriting.",
    "references": ["https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits"],
}
FASHION_MNIST: Mapping[str, Any] = {
    "data_name": "Fashion-MNIST",
    "data_url": "https://github.com/zalandoresearch/fashion-mnist",
    "data_license": "MIT",
    "data_creator": "Zalando Research",
    "data_published": "2017",
    "citation": "@online{xiao2017fashion, author={Xiao, Han and Rasul, Kashif and Vollgraf, Roland}, title={Fashion-MNIST: a "
    "Novel Image Dataset for Benchmarking Machine Learning Algorithms}, year={2017}, eprint={1708.07747}}",
    "collection": "Front photographs of articles in Zalando's shop, made grey and 28 x 28 pixels.",
    "who_labelled": "Fashion experts of Zalando, reviewed by a second team.",
    "annotations_per_item": "One: the code of the article's silhouette.",
    "personal_information": "None: articles without people.",
    "references": ["https://github.com/zalandoresearch/fashion-mnist", "https://arxiv.org/abs/1708.07747"],
}
