"""How often the demo's classifiers are right: measured once and kept, so that nothing is trained only to show it.

Rule: what is kept holds for one digest, of the code that paints and learns, the seed and the number of images. For any
other nothing is known, and whoever asks has to train.
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

_CODE = ("classifier.py", "features.py", "painting.py", "pictures.py", "reef.py")


def digest(seed: int, images: int) -> str:
    """The SHA-256 of all that the accuracies follow from."""
    found = hashlib.sha256(f"{seed} {images}".encode())
    for name in _CODE:
        found.update(files(__package__).joinpath(name).read_bytes())
    return found.hexdigest()


def kept_accuracies(seed: int, images: int) -> dict[int, float]:
    """The kept accuracy, 0 to 1, of each classifier by how many images apart its lessons are; empty if not known."""
    kept = json.loads(files(__package__).joinpath("measured.json").read_bytes())
    if kept["digest"] != digest(seed, images):
        return {}
    return {int(step): float(accuracy) for step, accuracy in kept["accuracies"].items()}
