"""coralrun in a process of its own, with a classifier that takes no time, or so long: `... process 0.05 apply ...`."""

from __future__ import annotations

import sys

from coralrun.cli.main import app

from .instant_entry import use_instant

if __name__ == "__main__":
    use_instant(float(sys.argv[1]))
    app(sys.argv[2:])
