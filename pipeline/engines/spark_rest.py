"""What a job on Spark says of itself, by the REST API of its driver, which is the job server. Imports nothing heavy."""

from pipeline.engines import rest
from pipeline.engines.rest import RestError
from pipeline.engines.stall import JobState

_DONE = ("numCompleteTasks", "inputRecords", "outputRecords", "shuffleReadRecords", "shuffleWriteRecords")


def job_state(port: int) -> JobState | None:
    """Return the state of the application whose driver serves on a port of this machine; None where none does.

    Raises:
        RestError: the driver is there and does not answer.
    """
    api = f"http://127.0.0.1:{port}/api/v1/applications"
    try:
        applications = rest.get(api)
    except RestError as error:
        if error.refused:
            return None
        raise
    if not applications:
        return None
    application = applications[-1]["id"]
    stages = rest.get(f"{api}/{application}/stages")
    executors = [each for each in rest.get(f"{api}/{application}/executors") if each["id"] != "driver" and each["isActive"]]
    measure = tuple(sum(int(stage.get(key) or 0) for stage in stages) for key in _DONE)
    waiting = sum(stage["status"] in ("ACTIVE", "PENDING") for stage in stages)
    words = f"{len(executors)} executors, {measure[0]} tasks complete, {waiting} stages open"
    return JobState(measure, f"Spark's application {application} has {words}")
