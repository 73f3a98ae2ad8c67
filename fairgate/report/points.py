"""Draw one slice with all of its points: the baseline's score against the candidate's, what changed for the negatives marked.

In: `ReportContent.points` and a decision threshold. Out: an Altair chart, and the numbers behind its marks.
For notebooks: the page shows a sample of the examples instead.
"""

import altair as alt
import pandas as pd

from fairgate.report.charts import Layered
from fairgate.report.rows import truths
from fairgate.report.theme import CLASSES, GREY

CLEARED, ACCUSED, SAME = "no longer called positive", "newly called positive", "same decision"
_UNIT = alt.Scale(domain=[0, 1])
_MIDDLE = (0.05, 0.95)  # quantiles between which a cluster's frame lies
_HEIGHT = 440


def points_of(points: pd.DataFrame, slice_name: str, threshold: float) -> pd.DataFrame:
    """Return the points of a slice, and what the candidate's decision changed.

    Args:
        points: columns slices, label, baseline, candidate, wrong, of a binary task.
        slice_name: which.
        threshold: a score above it is a positive decision.

    Returns:
        label, baseline, candidate, negative (bool: the label), change (`CLEARED`, `ACCUSED` or `SAME`).

    Raises:
        KeyError: no point lies in the slice; the message lists the slices that have points.
    """
    inside = points[[slice_name in own for own in points["slices"]]]
    if inside.empty:
        known = sorted({name for own in points["slices"] for name in own})
        raise KeyError(f"no points of the slice {slice_name!r}; those of the policy's slices were kept: {', '.join(known)}")
    before, after = inside["baseline"] > threshold, inside["candidate"] > threshold
    change = pd.Series(SAME, index=inside.index).mask(before & ~after, CLEARED).mask(~before & after, ACCUSED)
    negative = pd.Series(truths(points), index=points.index).loc[inside.index] == 0
    rows = inside[["label", "baseline", "candidate"]].assign(negative=negative, change=change)
    return rows.reset_index(drop=True)


def clusters(points: pd.DataFrame) -> pd.DataFrame:
    """Return where the negatives lie whose decision changed.

    Args:
        points: as `points_of` gives them.

    Returns:
        one row per direction: change, n, and the 5 % and 95 % quantiles of both scores as x, x2 (baseline) and y, y2 (candidate).
    """
    changed = points[points["negative"] & (points["change"] != SAME)]
    rows = []
    for change, found in changed.groupby("change"):
        x, x2 = found["baseline"].quantile(_MIDDLE)
        y, y2 = found["candidate"].quantile(_MIDDLE)
        rows.append({"change": change, "n": len(found), "x": x, "x2": x2, "y": y, "y2": y2})
    return pd.DataFrame(rows, columns=["change", "n", "x", "x2", "y", "y2"])


def slice_scatter(points: pd.DataFrame, threshold: float) -> Layered:
    """Draw the points of `points_of` by label; a frame stands around each cluster of negatives whose decision changed."""
    labels = sorted(points["label"].astype(str).unique())
    colour = alt.Scale(domain=labels, range=[CLASSES[place % len(CLASSES)] for place in range(len(labels))])
    x = alt.X("baseline:Q", title="score, baseline", scale=_UNIT)
    y = alt.Y("candidate:Q", title="score, candidate", scale=_UNIT)
    kept = points[["label", "baseline", "candidate"]].round(4)
    dots = (
        alt.Chart(kept).mark_circle(size=14, opacity=0.45).encode(x=x, y=y, color=alt.Color("label:N", scale=colour, title=None))
    )
    changed = points.loc[points["negative"] & (points["change"] != SAME), ["baseline", "candidate"]].round(4)
    rings = alt.Chart(changed).mark_point(size=44, strokeWidth=1, opacity=0.7, color="currentColor").encode(x=x, y=y)
    frames = clusters(points)
    frames["says"] = [f"{n:,} negatives {change}" for n, change in zip(frames["n"], frames["change"], strict=True)]
    frame = alt.Chart(frames).mark_rect(fillOpacity=0, stroke="currentColor", strokeWidth=1.5, strokeDash=[5, 3])
    words = alt.Chart(frames).mark_text(align="right", baseline="top", dy=6, fontSize=12, color="currentColor")
    here = alt.Chart(pd.DataFrame({"at": [threshold]}))
    diagonal = alt.Chart(pd.DataFrame({"at": [0.0, 1.0]})).mark_line(strokeWidth=1, color=GREY).encode(x="at:Q", y="at:Q")
    return alt.layer(
        diagonal,
        here.mark_rule(strokeDash=[1, 3]).encode(x="at:Q"),
        here.mark_rule(strokeDash=[1, 3]).encode(y="at:Q"),
        dots,
        rings,
        frame.encode(x=alt.X("x:Q", scale=_UNIT), x2="x2:Q", y=alt.Y("y:Q", scale=_UNIT), y2="y2:Q"),
        words.encode(x=alt.X("x2:Q", scale=_UNIT), y=alt.Y("y:Q", scale=_UNIT), text="says:N"),
    ).properties(height=_HEIGHT)
