"""The plans of a run: each is whole in a folder of its own, and synced, before anything names it.

Rule: a folder that nothing names yet is what an interrupted process has left, and makes room for the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from coralrun.store.files import Disk
from coralrun.store.layout import PlanLayout


def write(plan: PlanLayout, disk: Disk, files: Mapping[Path, bytes]) -> None:
    """Write the folder of a plan that nothing names yet; when this returns, all of it is on disk."""
    disk.remove_tree(plan.root)
    for folder in (plan.root, plan.inputs):
        disk.make_directory(folder)
    for path, data in files.items():
        disk.replace(path, data)
