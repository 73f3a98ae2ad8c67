"""Look for garbage seldom in a process that judges one table and ends: nearly everything that is made in it stays to the end."""

import atexit
import gc

NEW_OBJECTS = 200_000  # that are made before the next look; the default is 700


def seldom_collected() -> None:
    """Look for garbage seldom, and not at all at the end of the process, which takes a tenth of a short command's time.

    Numbers and tables are freed as soon as nothing refers to them; it is cycles of objects that wait.
    """
    gc.set_threshold(NEW_OBJECTS)
    atexit.register(gc.freeze)
