"""Clusters that take over the work inside the Beam steps: Apache Flink and Apache Spark, through Beam's job servers."""
