"""The one error that a user can fix: bad input, bad configuration, bad data. The command prints it and exits with 3."""


class InputError(Exception):
    """A mistake outside fairgate's code.

    The message is written for the user who can fix it: it names the file, row or key, the offending value, and the remedy.
    """
