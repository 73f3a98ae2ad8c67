"""Draw one slice with all of its points: the baseline's score against the candidate's, what changed for the negatives marked.

In: `ReportContent.points` and a decision threshold. Out: an Altair chart, and the numbers behind its marks.
For notebooks: the page shows a sample of the examples instead.
"""

import altair as alt
import pandas as pd

from fairgate.report.rows import truths
from fairgate.report.specs.marks import Layered
from fairgate.report.theme import CLASSES, GREY

CLEARED, ACCUSED, SAME = "no longer called positive", "newly called positive", "same decision"
BOUNDS = ["baseline from", "baseline to", "candidate from", "candidate to"]
_UNIT = alt.Scale(domain=[0, 1])
_CLEAR = 0.012  # between the outermost points of a cluster and its frame, so that their rings lie inside
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
        one row per direction: change, n, and of each model the lowest and the highest score, `BOUNDS`.
    """
    changed = points[points["negative"] & (points["change"] != SAME)]
    rows = []
    for change, found in changed.groupby("change"):
        ends = [end(found[model]) for model in ("baseline", "candidate") for end in (min, max)]
        rows.append({"change": change, "n": len(found), **dict(zip(BOUNDS, ends, strict=True))})
    return pd.DataFrame(rows, columns=["change", "n", *BOUNDS])


def slice_scatter(points: pd.DataFrame, threshold: float) -> Layered:
    """Draw the points of `points_of` by label; a frame holds all negatives whose decision changed in one direction."""
    labels = sorted(points["label"].astype(str).unique())
    colour = alt.Scale(domain=labels, range=[CLASSES[place % len(CLASSES)] for place in range(len(labels))])
    x = alt.X("baseline:Q", title="score, baseline", scale=_UNIT)
    y = alt.Y("candidate:Q", title="score, candidate", scale=_UNIT)
    kept = points[["label", "baseline", "candidate"]].round(4)
    dots = (
        alt.Chart(kept).mark_circle(size=14, opacity=0.7).encode(x=x, y=y, color=alt.Color("label:N", scale=colour, title=None))
    )
    changed = points.loc[points["negative"] & (points["change"] != SAME), ["baseline", "candidate"]].round(4)
    rings = alt.Chart(changed).mark_point(size=44, strokeWidth=1, opacity=0.7, color="currentColor").encode(x=x, y=y)
    here = alt.Chart(pd.DataFrame({"at": [threshold]}))
    diagonal = alt.Chart(pd.DataFrame({"at": [0.0, 1.0]})).mark_line(strokeWidth=1, color=GREY).encode(x="at:Q", y="at:Q")
    return alt.layer(
        diagonal,
        here.mark_rule(strokeDash=[1, 3]).encode(x="at:Q"),
        here.mark_rule(strokeDash=[1, 3]).encode(y="at:Q"),
        dots,
        rings,
        *_frames(clusters(points)),
    ).properties(height=_HEIGHT)


def _frames(found: pd.DataFrame) -> tuple[alt.Chart, alt.Chart, alt.Chart]:
    """Draw the frames of `clusters` and say below or above them what they hold: on the side away from the diagonal."""
    edges = {"x": (BOUNDS[0], -_CLEAR), "x2": (BOUNDS[1], _CLEAR), "y": (BOUNDS[2], -_CLEAR), "y2": (BOUNDS[3], _CLEAR)}
    rows = found[["change", "n"]].assign(**{edge: (found[name] + by).clip(0, 1) for edge, (name, by) in edges.items()})
    rows["says"] = [f"{n:,} negatives {change}" for n, change in zip(rows["n"], rows["change"], strict=True)]
    x, y = alt.X("x:Q", scale=_UNIT), alt.Y("y:Q", scale=_UNIT)
    frame = alt.Chart(rows).mark_rect(fillOpacity=0, stroke="currentColor", strokeWidth=1.5, strokeDash=[5, 3])
    below = alt.Chart(rows[rows["change"] == CLEARED]).mark_text(align="right", baseline="top", dy=6)
    above = alt.Chart(rows[rows["change"] == ACCUSED]).mark_text(align="left", baseline="bottom", dy=-6)
    return (
        frame.encode(x=x, x2="x2:Q", y=y, y2="y2:Q"),
        below.encode(x=alt.X("x2:Q", scale=_UNIT), y=y, text="says:N"),
        above.encode(x=x, y=alt.Y("y2:Q", scale=_UNIT), text="says:N"),
    )
