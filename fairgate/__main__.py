"""`python -m fairgate` is the command `fairgate`."""

import sys

from fairgate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
