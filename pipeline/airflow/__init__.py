"""Runs of the pipeline by Apache Airflow. Nothing here imports it."""
