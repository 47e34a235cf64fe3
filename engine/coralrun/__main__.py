"""`python -m coralrun`, and the console script."""

import os
from typing import NoReturn

from coralrun.errors import EXIT_INTERRUPTED


def main() -> NoReturn:
    """The program; Ctrl-C while it is still being loaded ends it without a word, as nothing has begun."""
    try:
        from coralrun.cli.main import main as run
    except KeyboardInterrupt:
        os._exit(EXIT_INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
