"""Test that a spread read reads the same as Beam's, with an exchange between naming the parts and reading them."""

from pathlib import Path

import apache_beam as beam
import pytest
import tensorflow as tf
from apache_beam.portability import common_urns
from apache_beam.runners.runner import create_runner
from apache_beam.testing.util import assert_that, equal_to

from pipeline.engines.choice import SPREADING
from pipeline.engines.spread_reads import SpreadingRunner, spread_reads
from pipeline.local import BEAM_ARGS


@pytest.fixture
def files(tmp_path: Path) -> str:
    for number in range(3):
        with tf.io.TFRecordWriter(str(tmp_path / f"{number}.gz"), "GZIP") as writer:
            for row in range(number):
                writer.write(f"{number}.{row}".encode())
    return str(tmp_path / "*.gz")


def _with_a_read(files: str) -> tuple[beam.Pipeline, beam.PCollection]:
    root = beam.Pipeline(argv=list(BEAM_ARGS))
    return root, root | beam.io.ReadFromTFRecord(files) | beam.Map(bytes.decode)


def test_all_parts_are_read(files: str) -> None:
    root, records = _with_a_read(files)
    assert_that(records, equal_to(["1.0", "2.0", "2.1"]))
    spread_reads(root)
    root.run().wait_until_finish()


def test_parts_are_exchanged_before_they_are_read(files: str) -> None:
    root, _ = _with_a_read(files)
    reshuffle = common_urns.composites.RESHUFFLE.urn

    def exchanges() -> int:
        return sum(each.spec.urn == reshuffle for each in root.to_runner_api().components.transforms.values())

    assert exchanges() == 0
    spread_reads(root)
    assert exchanges() == 1


def test_beam_finds_the_runner_by_its_name() -> None:
    assert isinstance(create_runner(SPREADING), SpreadingRunner)
