"""Show accuracy and loss of the models on training and test examples, beside published figures where there are any."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fairgate.frame import Frame
from fairgate.metrics.classes import ACCURACY, LOSS
from fairgate.metrics.splits import TRAIN_ACCURACY, TRAIN_LOSS
from fairgate.names import EVAL, OVERALL, TRAIN
from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

if TYPE_CHECKING:
    import pandas as pd

Cell = Mapping[str, float]

TEMPLATE = """\
<section class="part" id="fit" aria-labelledby="fit-title">
<h2 id="fit-title">Training and test</h2>
{% call scrolling('Training and test') %}
<table>
<caption><span class="held">All examples. Ranges are {{ view.confidence }} intervals.</span></caption>
<thead><tr><th>Measured on</th><th class="num">n</th>{% for model in view.models %}<th class="num">{{ model | capitalize }}</th>
{% if published %}<th class="num">Published</th><th class="num">Difference</th>{% endif %}{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr><th scope="row">{{ row.name }}</th><td class="num">{{ row.n | number(0) }}</td>
{% for cell in row.cells %}
<td class="num">{{ cell.value | number(4) }}{{ range(cell.low, cell.high) }}</td>
{% if published %}
<td class="num">{{ cell.published | number(4) }}</td><td class="num">{{ cell.difference | signed(4) }}</td>
{% endif %}
{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
<ul>
{% for sentence in sentences %}
<li>{{ sentence | unbroken }}</li>
{% endfor %}
<li>The last epoch’s figures are means over its batches, with dropout at work and while the weights move.
The others are those of the finished model: of the last epoch, or of the best one where its weights are restored.</li>
{% if published %}
<li>The published figures come from one training of each network: on train of the last epoch, on test of the finished model.</li>
{% endif %}
</ul>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return accuracy and loss on train and test; None for a run that was not evaluated on its training examples."""
    whole = view.metrics.where(view.metrics["slice"] == OVERALL)
    if TRAIN_ACCURACY.name not in set(whole["metric"]):
        return None
    known = view.content.published_training
    rows = [*_last_epoch(view), *_evaluated(view, whole)]
    shown = [{**row, "cells": [_beside(cell, known, row, model) for model, cell in row["cells"].items()]} for row in rows]
    return Parts(
        "Training and test",
        values={"rows": shown, "published": known is not None, "sentences": [*_sentences(view)]},
    )


def _sentences(view: ReportView) -> Iterator[str]:
    """Yield what each model is and how long it was trained."""
    trainings = {str(row["model"]): row for row in row_dicts(view.content.trainings)}
    for model in view.models:
        known = view.verdict.models.get(model)
        said = [known.description] if known and known.description else []
        if found := trainings.get(model):
            held_out = f" ({found['held_out']:,.0f} held out)" if found["held_out"] else ""
            said.append(f"{found['weights']:,.0f} weights, {found['images']:,.0f} examples{held_out}")
            said.append(f"{found['epochs']:,.0f} of at most {found['most_epochs']:,.0f} epochs")
        if said:
            yield f"{model.capitalize()}: {', '.join(said)}."


def _last_epoch(view: ReportView) -> list[dict[str, Any]]:
    """Return the rows of the running means of each model's last epoch; none where the curves are absent."""
    curves = view.content.curves
    if curves is None:
        return []
    n = math.nan if view.content.trainings is None else float(view.content.trainings["images"].max())
    rows = []
    for metric in (ACCURACY.name, LOSS.name):
        own = curves[(curves["split"] == TRAIN) & (curves["metric"] == metric)].sort_values("step", kind="stable")
        last = own.groupby("model")["value"].last()
        cells = {model: {"value": float(last.get(model, math.nan)), "low": math.nan, "high": math.nan} for model in view.models}
        rows.append({"name": f"Train, last epoch: {metric}", "n": n, "cells": cells, "split": TRAIN, "metric": metric})
    return rows


def _evaluated(view: ReportView, whole: Frame) -> list[dict[str, Any]]:
    """Return the rows of the finished models, on train and on test."""
    measured = (
        ("Train", "", TRAIN_ACCURACY.name, ACCURACY.name),
        ("Train", "", TRAIN_LOSS.name, LOSS.name),
        ("Test", EVAL, ACCURACY.name, ACCURACY.name),
        ("Test", EVAL, LOSS.name, LOSS.name),
    )
    rows = []
    for words, split, name, metric in measured:
        lines = {str(row["model"]): row for row in whole.where(whole["metric"] == name).rows()}
        if lines:
            cells = {model: {key: lines[model][key] for key in ("value", "low", "high")} for model in view.models}
            n = max(row["n"] for row in lines.values())
            rows.append({"name": f"{words}: {metric}", "n": n, "cells": cells, "split": split, "metric": metric})
    return rows


def _beside(cell: Cell, published: "pd.DataFrame | None", row: Mapping[str, Any], model: str) -> dict[str, float]:
    """Return the cell with the published figure of the same model, split and metric, NaN where there is none."""
    value = math.nan
    if published is not None:
        same = (published["model"] == model) & (published["split"] == row["split"]) & (published["metric"] == row["metric"])
        value = float(published.loc[same, "value"].max())
    return {**cell, "published": value, "difference": cell["value"] - value}


register(Section("fit", TEMPLATE, parts))
