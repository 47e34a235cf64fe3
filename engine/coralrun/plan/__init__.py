"""The plan: a survey and an inventory compiled into an immutable record of what will be done.

For people in notebooks the package is a function too: `coralrun.plan(images=..., points=...)`, see `coralrun.api.plan`.
It looks that function up by name when it is called, so that nothing of the plan depends on what is above it.
"""

import importlib
import sys
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        """Plan a run from tables; see `coralrun.api.plan`."""
        return importlib.import_module("coralrun.api").plan(*args, **options)


sys.modules[__name__].__class__ = _CallablePackage
