"""Conversion: source files of Civil Comments to canonical gzip TFRecords, in train and eval.

In: Kaggle CSV, raw or processed TFRecords. Out: `<output>/{train,eval}/*.tfrecord.gz`, `quarantine.jsonl`, `conversion.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sources:
    """Files or globs; without `eval`, the `split` column or a hash of the text divides `train`."""

    train: tuple[str, ...]
    eval: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConversionOptions:
    """How to convert.

    Attributes:
        eval_fraction: of the texts, for eval, where neither files nor a column say which rows are for evaluation.
        seed: of the hash that chooses them.
        max_malformed_fraction: of the rows read; more stop the conversion.
        rows_per_shard: about how many examples go to one file.
        beam_args: pipeline options of Apache Beam, later ones win over `--direct_running_mode=in_memory`.
    """

    eval_fraction: float = 0.25
    seed: int = 0
    max_malformed_fraction: float = 0.01
    rows_per_shard: int = 100_000
    beam_args: tuple[str, ...] = ()


@dataclass(frozen=True)
class SplitReport:
    """What went into one split."""

    rows: int
    positive: int
    duplicates: int
    identities: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class ConversionReport:
    """What was read, kept and left out."""

    rows_read: int
    rows_kept: int
    rows_empty: int
    rows_malformed: int
    splits: Mapping[str, SplitReport]
    warnings: tuple[str, ...]


def convert(sources: Sources, output: Path, *, options: ConversionOptions | None = None) -> ConversionReport:
    """Converts the sources into the folder `output`."""
    raise NotImplementedError(sources, output, options)
