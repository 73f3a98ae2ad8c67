"""Read the files of a source on all workers of a cluster, not on one.

Beam's `Read` names the parts of a source (of TFRecords, its files) where the source starts, and leaves it to the runner to move
them. The portable runners of Flink and Spark do not: they read each part where it was named, all on the same worker, and what
follows up to the next exchange is done there too. `SpreadingRunner` puts an exchange of the parts' names in between.

In: a pipeline with any reads, for example those of TFX. Out: the same elements, in another order.
"""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.internal import pickler
from apache_beam.io.iobase import BoundedSource, Read, SourceBundle
from apache_beam.pipeline import AppliedPTransform, PTransformOverride
from apache_beam.runners.portability.portable_runner import PortableRunner


class SpreadingRunner(PortableRunner):
    """Beam's portable runner with the reads spread over the workers; `--runner` takes its dotted name."""

    def run_pipeline(self, root: beam.Pipeline, options: Any) -> Any:
        """Run a pipeline as Beam's runner does, after its reads are replaced."""
        spread_reads(root)
        return super().run_pipeline(root, options)


def spread_reads(root: beam.Pipeline) -> None:
    """Replace all reads of bounded sources in a pipeline."""
    root.replace_all([_SpreadReads()])


class _SpreadReads(PTransformOverride):
    def matches(self, applied: AppliedPTransform) -> bool:
        """Return whether this is a read of a bounded source."""
        return isinstance(applied.transform, Read) and isinstance(applied.transform.source, BoundedSource)

    def get_replacement_transform_for_applied_ptransform(self, applied: AppliedPTransform) -> beam.PTransform:
        """Return what takes its place."""
        return SpreadRead(applied.transform.source)


class SpreadRead(beam.PTransform):
    """Read a source: name its parts, spread the names, read each part.

    Args:
        source: is split as `Read` splits it.
    """

    def __init__(self, source: BoundedSource) -> None:
        super().__init__()
        self._source = source

    def expand(self, begin: Any) -> beam.PCollection:
        """Return the elements of all parts."""
        return (
            begin
            | beam.Impulse()
            | "Name parts" >> beam.FlatMap(parts, self._source)
            | "Spread parts" >> beam.Reshuffle()
            | "Read parts" >> beam.FlatMap(read_part)
        )


def parts(_: bytes, source: BoundedSource) -> Iterator[bytes]:
    """Yield the parts of a source, each pickled as Beam pickles sources."""
    for part in source.split(Read.get_desired_chunk_size(source.estimate_size())):
        yield pickler.dumps(part)


def read_part(pickled: bytes) -> Iterator[Any]:
    """Yield the elements of a part."""
    part: SourceBundle = pickler.loads(pickled)
    yield from part.source.read(part.source.get_range_tracker(part.start_position, part.stop_position))
