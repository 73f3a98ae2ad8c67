"""Compile, submit and run the graph on Kubeflow Pipelines."""
