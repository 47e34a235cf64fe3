"""`python -m coralrun`, and the console script."""

from coralrun.cli.main import main

if __name__ == "__main__":
    main()
