"""Ask the models of a finished run about comments of one's own: in notebooks and scripts, without a network.

In: a run's root folder, and its id where it is not the newest. Out: scores, and the words that carried them.

    models = open_models("runs/civil-comments")
    models.score(["I am gay", "I am straight"])     # {"baseline": [...], "candidate": [...]}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import fairgate
from components.modelling.seal_check import sealed_model
from components.modelling.text_model import Explanation, TextModel
from data.comments.names import TEXT
from fairgate import manifest
from fairgate.errors import InputError
from fairgate.names import BASELINE, CANDIDATE


@dataclass(frozen=True)
class RunModels:
    """The opened models of a run.

    Attributes:
        models: "baseline" and "candidate".
    """

    models: Mapping[str, TextModel]

    def score(self, texts: Sequence[str]) -> dict[str, list[float]]:
        """Return model -> the score of each text."""
        return {name: model.score(texts).tolist() for name, model in self.models.items()}

    def explain(self, texts: Sequence[str]) -> dict[str, list[Explanation]]:
        """Return model -> which words carried the score of each text."""
        return {name: model.explain(texts) for name, model in self.models.items()}

    def unknown_words(self, texts: Sequence[str]) -> dict[str, list[float] | None]:
        """Return model -> the share of each text's words that it does not know; None where it cannot tell."""
        found = {name: model.unknown_share(texts) for name, model in self.models.items()}
        return {name: None if shares is None else shares.tolist() for name, shares in found.items()}


def open_models(root: str | Path, run: str | None = None) -> RunModels:
    """Open the baseline and the candidate that a run trained, each after comparing it with its seal.

    Args:
        root: a run's root folder.
        run: id of a run, as `fairgate.runs` lists them; the newest when it is not given.

    Raises:
        InputError: there is no such run, or a model is absent or not the one that was trained.
    """
    folders = [folder.path for folder in manifest.read(fairgate.load(root, run).folder).folders if folder.kind == "models"]
    found = {}
    for name in (BASELINE, CANDIDATE):
        own = [path for path in folders if f"/Trainer{name.capitalize()}/" in path]
        if not own:
            raise InputError(
                f"{root}: the run's manifest names no {name}; name the root folder of a run that trained both models."
            )
        found[name] = TextModel(sealed_model(str(Path(root, own[0]).parent)), TEXT)
    return RunModels(found)
