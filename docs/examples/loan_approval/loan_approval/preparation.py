"""Prepare the applications for the graph: generate them below a name that is a digest of their inputs."""

import hashlib
import json

from components.tasks.base import Preparation, Prepared
from data.folders import whole_folder
from data.records import write_split
from fairgate.names import SPLITS
from loan_approval.applications import generate
from loan_approval.config import LoanInput


def prepare(request: Preparation) -> Prepared:
    """Generate the applications, or find those of an earlier run."""
    if not isinstance(request.input, LoanInput):
        raise TypeError(f"not of this task: {type(request.input).__name__}")
    rows = {"train": request.input.train_rows, "eval": request.input.eval_rows}
    made_from = json.dumps({"rows": rows, "seed": request.seed, "source": request.source_digest})
    folder = request.root / "examples" / f"loans-{hashlib.sha256(made_from.encode()).hexdigest()[:16]}"
    if not folder.exists():
        with whole_folder(folder) as fresh:
            for position, split in enumerate(SPLITS):
                write_split(fresh, split, generate(rows[split], (request.seed, position)))
    source = f"generated loan applications (seed {request.seed}), with a planted bias; no real people"
    return Prepared(folder, request.training, source, rows, generated=True)
