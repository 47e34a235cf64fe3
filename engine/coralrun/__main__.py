"""`python -m coralrun`, and the console script."""

from typing import NoReturn

from coralrun.cli.leaving import leave_quietly


def main() -> NoReturn:
    """The program; Ctrl-C while it is still being loaded ends it without a word, as nothing has begun."""
    leave_quietly()
    from coralrun.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
