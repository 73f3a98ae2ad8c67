"""Get the applications ready for the graph: generate them where `Preparation.folder` says, or find those of an earlier run."""

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
    folder = request.folder("examples", "loans", {"rows": rows, "seed": request.seed})
    if not folder.exists():
        with whole_folder(folder) as fresh:
            for position, split in enumerate(SPLITS):
                write_split(fresh, split, generate(rows[split], (request.seed, position)))
    source = f"generated loan applications (seed {request.seed}), with a planted bias; no real people"
    return Prepared(folder, request.training, source, generated=True)
