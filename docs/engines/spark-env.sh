# Spark 3.5 for fairgate's Beam steps: take it to your cluster as conf/spark-env.sh.
# What a worker offers: one core each, so that a small job is spread over the workers as well.
SPARK_WORKER_CORES=1
SPARK_WORKER_MEMORY=1500m
# Beam's runner is built for this Scala; another one ends with NoSuchMethodError.
SPARK_SCALA_VERSION=2.12
