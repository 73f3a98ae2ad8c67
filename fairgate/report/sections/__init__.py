"""Register the sections of the report, in the order of the page.

A new section is a new module here and one line below.
"""

# ruff: noqa: F401, I001 — imported for its registration; the order of the lines is that of the page
import fairgate.report.sections.verdict
import fairgate.report.sections.impact
import fairgate.report.sections.not_judged
import fairgate.report.sections.discovery
import fairgate.report.sections.models
import fairgate.report.sections.operating_points
import fairgate.report.sections.published
import fairgate.report.sections.indicators
import fairgate.report.sections.weakest
import fairgate.report.sections.gaps
import fairgate.report.sections.changes
import fairgate.report.sections.scores
import fairgate.report.sections.slice_curves
import fairgate.report.sections.intersections
import fairgate.report.sections.counterfactual
import fairgate.report.sections.fit
import fairgate.report.sections.edits
import fairgate.report.sections.training
import fairgate.report.sections.input
import fairgate.report.sections.images
import fairgate.report.sections.training_images
import fairgate.report.sections.checklist
import fairgate.report.sections.card
