from coralrun.api import PlannedRun as PlannedRun
from coralrun.api import Run as Run
from coralrun.api import cover_of_labels as cover_of_labels
from coralrun.api import images as images
from coralrun.api import open as open  # noqa: A004
from coralrun.api import plan as plan
from coralrun.api import train as train

__version__: str
