"""What a task is, and the tasks that ship with the pipeline."""
