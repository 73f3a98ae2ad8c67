"""Define the charts of report and history in Altair, and compile them ahead into `assets/charts`.

Only `make charts`, the tests and one chart of the notebooks import this: a report is drawn from the compiled files.
"""
