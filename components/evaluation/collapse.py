"""Count in Beam: record batches -> scores of all models -> counts per slice -> one row of extracts per slice (see `rows`).

Scoring runs in threads of its own: TensorFlow computes while Beam reads and parses the next records in Python.
"""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import tensorflow as tf
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.utils import model_util

from components.evaluation import keys, rows
from components.evaluation.tfma_metrics import WRITTEN_EXTRACT, written
from components.modelling.signature import deciding
from fairgate.counting.cells import Predictions
from fairgate.counting.columns import Columns, needed, select
from fairgate.counting.counts import Counts, Observed, layout, observe
from fairgate.counting.joint import compared_pair
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership, SliceKey, SliceSpec, members
from fairgate.counting.tally import SliceCounts, SliceTally, example_count, merged
from fairgate.counting.tally_bytes import encode_joint

logger = logging.getLogger(__name__)

COUNTED_ROWS = 16_384  # rows that are sliced and counted at once
BATCH_BYTES = 1 << 20  # of serialized examples that a model scores at once …
BATCH_ROWS = (256, 4096)  # … within these bounds
SCORING_THREADS = 2
PENDING_BATCHES = SCORING_THREADS + 1  # handed over and not counted yet; more would only hold memory

ROW_NAMES = rows.RowNames(constants.LABELS_KEY, constants.PREDICTIONS_KEY, constants.EXAMPLE_WEIGHTS_KEY)


@dataclass(frozen=True)
class CollapsePlan:
    """What is to be collapsed.

    Attributes:
        settings: how examples are counted.
        specs: the slices.
        models: names as TFMA keys them; ("",) for a single model.
        signatures: model name -> name of its signature.
        outputs: model name -> name of the output to read; "" for the one that decides, see `signature.deciding`.
        cells: most elements of a binary row.
    """

    settings: CountSettings
    specs: tuple[SliceSpec, ...]
    models: tuple[str, ...]
    signatures: Mapping[str, str]
    outputs: Mapping[str, str]
    cells: int

    @property
    def compared(self) -> tuple[int, int] | None:
        """Return the positions of the two models that are counted together, see `compared_pair`; None where one is absent."""
        pair = compared_pair(self.models)
        return pair and (self.models.index(pair[0]), self.models.index(pair[1]))


@beam.typehints.with_input_types(dict[str, Any])
@beam.typehints.with_output_types(Any)
class ScoreAndCount(model_util.DoFnWithModels):
    """Scores record batches with every model and counts the result; emits one SliceCounts per bundle."""

    def __init__(self, plan: CollapsePlan, loaders: Mapping[str, Any]) -> None:
        """Keep what to do, and TFMA's model loaders by model name, which share a loaded model in the process."""
        super().__init__(dict(loaders))
        self._plan = plan
        self._features = (*needed(plan.settings, plan.specs), constants.ARROW_INPUT_COLUMN)

    def setup(self) -> None:
        """Load the models."""
        super().setup()
        plan = self._plan
        self._models = [_scorer(self._loaded_models[name], plan.signatures[name], plan.outputs[name]) for name in plan.models]
        self._workers = ThreadPoolExecutor(SCORING_THREADS, thread_name_prefix="score")

    def teardown(self) -> None:
        """End the scoring threads."""
        self._workers.shutdown()

    def start_bundle(self) -> None:
        """Start empty."""
        self._tally = SliceTally(self._plan.settings, self._plan.compared)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._pending: deque[Future[tuple[Membership, list[Observed]]]] = deque()

    def process(self, element: dict[str, Any]) -> None:
        """Take one batch; hand a larger one to the scoring thread when enough rows have come together."""
        batch = element[constants.ARROW_RECORD_BATCH_KEY]
        self._waiting.append(select(batch, self._features))
        self._waiting_rows += batch.num_rows
        if self._waiting_rows >= COUNTED_ROWS:
            self._hand_over()

    def finish_bundle(self) -> Iterable[WindowedValue]:
        """Count what is left and emit the counts of the bundle."""
        if self._waiting:
            self._hand_over()
        self._count_scored(0)
        window = GlobalWindow()
        yield WindowedValue(self._tally.counts(), window.max_timestamp(), [window])

    def _hand_over(self) -> None:
        self._pending.append(self._workers.submit(self._score, self._waiting))
        self._waiting, self._waiting_rows = [], 0
        self._count_scored(PENDING_BATCHES)

    def _count_scored(self, pending: int) -> None:
        """Count until only `pending` batches are left; in the order of reading, so that two runs give the same sums."""
        while len(self._pending) > pending:
            self._tally.add(*self._pending.popleft().result())

    def _score(self, waiting: Sequence[pa.RecordBatch]) -> tuple[Membership, list[Observed]]:
        plan = self._plan
        columns = Columns(waiting, self._features)
        labels, weights = columns.labels(plan.settings), columns.weights(plan.settings)
        predictions = self._predict(columns.strings(constants.ARROW_INPUT_COLUMN))
        buckets = columns.buckets(plan.settings.content_keys or (constants.ARROW_INPUT_COLUMN,))
        observed = [observe(labels, of_model, weights, plan.settings, buckets) for of_model in predictions]
        return members(columns, plan.specs, columns.rows), observed

    def _predict(self, examples: Sequence[bytes]) -> list[Predictions]:
        """Return the predictions of every model, in the plan's order."""
        size = sum(map(len, examples)) // max(len(examples), 1)
        step = int(np.clip(BATCH_BYTES // max(size, 1), *BATCH_ROWS))
        parts: list[list[Predictions]] = [[] for _ in self._models]
        for at in range(0, len(examples), step):
            batch = tf.constant(examples[at : at + step])
            for model, of_model in zip(self._models, parts, strict=True):
                of_model.append(model(batch))
        return [np.concatenate(of_model) for of_model in parts]


@beam.typehints.with_input_types(Any)
@beam.typehints.with_output_types(Any)
class MergeCounts(beam.CombineFn):
    """Adds up SliceCounts; see `tally.merged`."""

    def __init__(self, settings: CountSettings) -> None:
        """Keep the settings, for the size limit of score tables."""
        self._limit = settings.cells

    def create_accumulator(self) -> SliceCounts:
        """Return no slices."""
        return {}

    def add_input(self, accumulator: SliceCounts, element: SliceCounts) -> SliceCounts:
        """Add one SliceCounts to the others."""
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators: Iterable[SliceCounts]) -> SliceCounts:
        """Merge all of them."""
        return merged(accumulators, self._limit)

    def extract_output(self, accumulator: SliceCounts) -> SliceCounts:
        """Return the counts themselves."""
        return accumulator


def slice_rows(counts: SliceCounts, plan: CollapsePlan) -> Iterable[dict[str, Any]]:
    """Yield the rows of extracts of every slice that is large enough.

    The first row of a slice carries what our metric writes (as bytes: rows travel pickled), that of the overall slice moreover
    what was left out and which groups are not known; that of the first model what concerns two models.
    """
    sizes = {key: _size(of_slice.models, plan.settings) for key, of_slice in counts.items()}
    omitted = [(key, size) for key, size in sizes.items() if len(key) > 1 and size < plan.settings.min_intersection]
    for key, of_slice in counts.items():
        if (key, sizes[key]) in omitted:
            continue
        shared = {} if key else {keys.OMITTED: _json(sorted(omitted)), keys.UNKNOWN: _json(of_slice.unknown)}
        of_models = [written(counts_of_model, plan.settings) | shared for counts_of_model in of_slice.models]
        if plan.compared:
            of_models[0][keys.JOINT] = encode_joint(of_slice)
        extra = {WRITTEN_EXTRACT: dict(zip(plan.models, of_models, strict=True))}
        for extracts in _extracts(of_slice.models, plan):
            yield {constants.SLICE_KEY_TYPES_KEY: _slice_keys(key), **extracts, **extra}
            extra = {}


def _extracts(counts: Sequence[Counts], plan: CollapsePlan) -> Iterable[Mapping[str, Any]]:
    if plan.settings.kind == "binary":
        yield rows.keyed(plan.models, rows.binary_row(counts, plan.settings, plan.cells), ROW_NAMES)
    else:
        for row in rows.class_rows(counts, plan.settings):
            yield rows.keyed(plan.models, row, ROW_NAMES)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _size(counts: Sequence[Counts], settings: CountSettings) -> int:
    return example_count(layout(settings).read(counts[0].totals))


def _slice_keys(key: SliceKey) -> npt.NDArray[np.object_]:
    """Return TFMA's array of slice keys with this one key."""
    keys = np.empty(1, dtype=object)
    keys[0] = key
    return keys


def _scorer(model: Any, signature_name: str, output: str) -> Callable[[tf.Tensor], Predictions]:
    """Return the function examples str[N] -> one output of a model; `output` "" means the one that decides."""
    signature = model_util.get_callable(model, signature_name)
    (argument,) = signature.structured_input_signature[1]  # by name: TensorFlow is slow with a positional one

    def score(examples: tf.Tensor) -> Predictions:
        outputs = signature(**{argument: examples})
        chosen = outputs[output] if output else deciding(outputs)
        return chosen.numpy()  # type: ignore[no-any-return]

    return score
