"""The Beam part: record batches -> scores of all models -> counts per slice -> one row of extracts per slice (see `rows`).

Scoring runs in a thread of its own: TensorFlow computes while Beam reads and parses the next records in Python.
"""

import json
import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import tensorflow as tf
import tensorflow_model_analysis as tfma
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue
from tensorflow_model_analysis.utils import model_util

from components.evaluation import batches, rows
from components.evaluation.cells import Predictions
from components.evaluation.counts import Counts, layout, observe
from components.evaluation.settings import CountSettings
from components.evaluation.slices import SliceKey, SliceSpec, members
from components.evaluation.tally import SliceCounts, Tally, example_count, merged
from components.evaluation.tfma_metrics import COUNTS_EXTRACT, OMITTED_EXTRACT

logger = logging.getLogger(__name__)

COUNTED_ROWS = 16_384  # rows that are sliced and counted at once
BATCH_BYTES = 1 << 20  # of serialized examples that a model scores at once …
BATCH_ROWS = (256, 4096)  # … within these bounds
PENDING_BATCHES = 2  # batches that wait for the model; more would only hold memory

ROW_NAMES = rows.RowNames(tfma.LABELS_KEY, tfma.PREDICTIONS_KEY, tfma.EXAMPLE_WEIGHTS_KEY)


@dataclass(frozen=True)
class Plan:
    """What is to be collapsed.

    Attributes:
        settings: how examples are counted.
        specs: the slices.
        models: names as TFMA keys them; ("",) for a single model.
        signatures: model name -> name of its signature.
        outputs: model name -> name of the output to read; "" for the only one.
        cells: most elements of a binary row.
    """

    settings: CountSettings
    specs: tuple[SliceSpec, ...]
    models: tuple[str, ...]
    signatures: Mapping[str, str]
    outputs: Mapping[str, str]
    cells: int


@beam.typehints.with_input_types(dict[str, Any])
@beam.typehints.with_output_types(Any)
class ScoreAndCount(model_util.DoFnWithModels):
    """Scores record batches with every model and counts the result; emits one SliceCounts per bundle."""

    def __init__(self, plan: Plan, loaders: Mapping[str, Any]) -> None:
        """Args: what to do, and TFMA's model loaders by model name, which share a loaded model in the process."""
        super().__init__(dict(loaders))
        self._plan = plan
        self._features = batches.needed(plan.settings, plan.specs)

    def setup(self) -> None:
        """Loads the models."""
        super().setup()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score")

    def teardown(self) -> None:
        """Ends the scoring thread."""
        self._worker.shutdown()

    def start_bundle(self) -> None:
        """Starts empty."""
        self._tally = Tally(self._plan.settings)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._pending: deque[Future[None]] = deque()

    def process(self, element: dict[str, Any]) -> None:
        """Takes one batch; hands a larger one to the scoring thread when enough rows have come together."""
        batch = element[tfma.ARROW_RECORD_BATCH_KEY]
        self._waiting.append(batches.select(batch, (*self._features, tfma.ARROW_INPUT_COLUMN)))
        self._waiting_rows += batch.num_rows
        if self._waiting_rows >= COUNTED_ROWS:
            self._hand_over()

    def finish_bundle(self) -> Iterable[WindowedValue]:
        """Counts what is left and emits the counts of the bundle."""
        if self._waiting:
            self._hand_over()
        while self._pending:
            self._pending.popleft().result()
        window = GlobalWindow()
        yield WindowedValue(self._tally.counts(), window.max_timestamp(), [window])

    def _hand_over(self) -> None:
        while len(self._pending) >= PENDING_BATCHES:
            self._pending.popleft().result()
        self._pending.append(self._worker.submit(self._count, self._waiting))
        self._waiting, self._waiting_rows = [], 0

    def _count(self, waiting: Sequence[pa.RecordBatch]) -> None:
        plan = self._plan
        columns = batches.Columns(waiting, (*self._features, tfma.ARROW_INPUT_COLUMN))
        labels, weights = columns.labels(plan.settings), columns.weights(plan.settings)
        membership = members(columns, plan.specs, columns.rows)
        examples = columns.strings(tfma.ARROW_INPUT_COLUMN)
        observed = [observe(labels, self._predict(model, examples), weights, plan.settings) for model in plan.models]
        self._tally.add(membership, observed)

    def _predict(self, model: str, examples: Sequence[bytes]) -> Predictions:
        signature = model_util.get_callable(self._loaded_models[model], self._plan.signatures[model])
        size = sum(map(len, examples)) // max(len(examples), 1)
        step = int(np.clip(BATCH_BYTES // max(size, 1), *BATCH_ROWS))
        parts = [
            _output(signature(tf.constant(examples[at : at + step])), self._plan.outputs[model])
            for at in range(0, len(examples), step)
        ]
        return np.concatenate(parts)


@beam.typehints.with_input_types(Any)
@beam.typehints.with_output_types(Any)
class MergeCounts(beam.CombineFn):
    """Adds up SliceCounts; see `tally.merged`."""

    def __init__(self, settings: CountSettings) -> None:
        """Args: the settings, for the size limit of score tables."""
        self._limit = settings.cells

    def create_accumulator(self) -> SliceCounts:
        """No slices."""
        return {}

    def add_input(self, accumulator: SliceCounts, element: SliceCounts) -> SliceCounts:
        """Both together."""
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators: Iterable[SliceCounts]) -> SliceCounts:
        """All together."""
        return merged(accumulators, self._limit)

    def extract_output(self, accumulator: SliceCounts) -> SliceCounts:
        """The counts themselves."""
        return accumulator


def slice_rows(counts: SliceCounts, plan: Plan) -> Iterable[dict[str, Any]]:
    """The rows of extracts of every slice that is large enough.

    The first row of a slice carries its counts, that of the overall slice moreover what was left out.
    """
    sizes = {key: _size(of_slice, plan.settings) for key, of_slice in counts.items()}
    omitted = [(key, size) for key, size in sizes.items() if len(key) > 1 and size < plan.settings.min_intersection]
    for key, of_slice in counts.items():
        if (key, sizes[key]) in omitted:
            continue
        extra: dict[str, Any] = {COUNTS_EXTRACT: dict(zip(plan.models, of_slice, strict=True))}
        if not key:
            extra[OMITTED_EXTRACT] = json.dumps(sorted(omitted)).encode()
        for extracts in _extracts(of_slice, plan):
            yield {tfma.SLICE_KEY_TYPES_KEY: _slice_keys(key), **extracts, **extra}
            extra = {}


def _extracts(counts: Sequence[Counts], plan: Plan) -> Iterable[Mapping[str, Any]]:
    if plan.settings.kind == "binary":
        yield rows.keyed(plan.models, rows.binary_row(counts, plan.settings, plan.cells), ROW_NAMES)
        return
    raise NotImplementedError


def _size(counts: Sequence[Counts], settings: CountSettings) -> int:
    return example_count(layout(settings).read(counts[0].totals))


def _slice_keys(key: SliceKey) -> npt.NDArray[np.object_]:
    """TFMA's array of slice keys with this one key."""
    keys = np.empty(1, dtype=object)
    keys[0] = key
    return keys


def _output(outputs: Mapping[str, tf.Tensor], name: str) -> Predictions:
    if name:
        return outputs[name].numpy()  # type: ignore[no-any-return]
    (only,) = outputs.values()
    return only.numpy()  # type: ignore[no-any-return]
