"""coralrun in Python and notebooks: runs as tables, and runs from tables.

    import coralrun

    images = coralrun.images(3420)                                  # what a CoralNet source has, as a DataFrame
    wanted = images[images["name"].str.contains("out10m")]          # any filter that pandas knows
    planned = coralrun.plan(images=wanted, points=200, classifier={"source": 3420})
    run = planned.apply("runs/moorea")                              # or coralrun.open("runs/moorea"), at any time
    run.predictions                                                 # a DataFrame, one row a point

Rule: everything here does what a command does, by the same code, with the same checks, messages and files. A run is its
directory; an object here holds nothing that is not on disk, and reads a run that is going on as well as one that is
over. Errors are those of `coralrun.errors`, each with its remedy.

The examples are one session, without an account: `images`, `plan`, `PlannedRun`, `open`, `Run`,
`cover_of_labels`, `train`, from first to last.
"""

from coralrun.api.labels import cover_of_labels
from coralrun.api.listing import images
from coralrun.api.planned_run import PlannedRun, plan
from coralrun.api.run import Run, open  # noqa: A004
from coralrun.api.trained import train

__all__ = ["PlannedRun", "Run", "cover_of_labels", "images", "open", "plan", "train"]
