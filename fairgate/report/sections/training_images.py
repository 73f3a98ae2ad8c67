"""Show the training images: classes and their codes, statistics of each pixel, histograms, examples."""

from typing import TYPE_CHECKING, Any

from fairgate.report.charts import FEW, Chart, Figure
from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

if TYPE_CHECKING:
    import pandas as pd


TEMPLATE = """\
<section class="part" id="training_images" aria-labelledby="training-images-title">
<h2 id="training-images-title">The training images</h2>
<p>{{ images | number(0) }} images of {{ height }} × {{ width }} pixels, {{ values | number(0) }} pixel values.
{% if missing %}{{ missing | number(0) }} more examples lack a pixel or the label and are not counted here.{% else %}
No pixel and no label is missing.{% endif %}</p>
{% if classes %}
<h3>Labels</h3>
{% call scrolling('Labels') %}
<table>
<caption><span class="held">One-hot: the label as a vector with a one in its place, the target of a loss.</span></caption>
<thead><tr><th>Class</th><th class="num">Label</th><th class="num">One-hot</th>
<th class="num">Images</th><th class="num">Share</th></tr>
</thead>
<tbody>
{% for row in classes %}
<tr><th scope="row"><bdi>{{ row.label }}</bdi></th><td class="num">{{ row.code | number(0) }}</td>
<td class="num">{{ row.one_hot }}</td>
<td class="num">{{ row.count | number(0) }}</td><td class="num">{{ row.share | number }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
{% if 'pixels' in figures %}
<h3>Values of all pixels</h3>
{{ chart('pixels') }}
{% endif %}
<h3>Each pixel over all images</h3>
{{ chart('pixel_means') }}
<p>Different minima of the pixels, in order: {{ minima }}. Different maxima: {{ maxima }}.</p>
{% if 'pixel_maxima' in figures %}
{{ chart('pixel_maxima') }}
{% endif %}
<details class="screen"><summary>Statistics of each pixel</summary>
{% call scrolling('Statistics of each pixel', true) %}
<table><thead><tr><th>Row, column</th><th class="num">Count</th><th class="num">Mean</th><th class="num">Standard deviation</th>
<th class="num">Minimum</th><th class="num">Maximum</th></tr></thead><tbody>
{% for row in statistics %}
<tr><th scope="row">{{ row.row }}, {{ row.column }}</th><td class="num">{{ row.count | number(0) }}</td>
<td class="num">{{ row.mean | number }}</td><td class="num">{{ row.std | number }}</td>
<td class="num">{{ row.min | number(0) }}</td><td class="num">{{ row.max | number(0) }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
</details>
{{ class_pictures(class_grids) }}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return what was counted on the training images; None where they are no images, or an older run did not count it."""
    content, statistics = view.content, view.content.pixel_statistics
    if statistics is None or not len(statistics):
        return None
    images, size = int(statistics["count"].max()), len(statistics)
    few = ", few" if images < FEW else ""
    caption = _MEANS.format(n=f"n = {images:,}{few}")
    figures = {"pixel_means": Figure(Chart("pixel_means", {}), ("pixel_statistics",), caption)}
    if "pixels" in view.tables:
        counted = view.tables["pixels"]["count"].sum()
        caption = f"How often each intensity occurs in the training images, n = {counted:,.0f} pixels; zeros left out."
        figures["pixels"] = Figure(Chart("pixels", {}), ("pixels",), caption)
    if "pixel_maxima" in view.tables:
        caption = f"The greatest value that each of {size:,} pixels has in any training image, n = {images:,} images{few}."
        figures["pixel_maxima"] = Figure(Chart("pixel_maxima", {}), ("pixel_maxima",), caption)
    values = {
        "images": images,
        "height": int(statistics["row"].max()) + 1,
        "width": int(statistics["column"].max()) + 1,
        "values": images * size,
        "missing": int(statistics["missing"].max()),
        "classes": class_rows(content.class_counts),
        "minima": listed(statistics["min"]),
        "maxima": listed(statistics["max"]),
        "statistics": row_dicts(statistics.astype({"row": int, "column": int})),
        "class_grids": content.class_grids,
    }
    return Parts("The training images", figures, values)


_MEANS = (
    "Mean of each pixel over all training images, {n}; pointed at, a pixel shows its count, mean, spread, minimum and maximum."
)


def class_rows(counts: "pd.DataFrame | None") -> list[dict[str, Any]]:
    """Return the classes with their share of all images and their one-hot vector, "0 1 0"."""
    rows = row_dicts(counts)
    total = sum(row["count"] for row in rows)
    one_hot = (" ".join("1" if place == at else "0" for place in range(len(rows))) for at in range(len(rows)))
    return [
        {**row, "share": row["count"] / total if total else float("nan"), "one_hot": vector}
        for row, vector in zip(rows, one_hot, strict=True)
    ]


def listed(column: "pd.Series[Any]") -> str:
    """Return the different values of a column, rising: "0, 16, 255"; "none" where there are none."""
    return ", ".join(f"{value:g}" for value in sorted(column.dropna().unique())) or "none"


register(Section("training_images", TEMPLATE, parts))
