"""What is installed only where somebody wants it, and how it is added: by whatever installed coralrun itself.

Rule: pure. `pip install` at a terminal says nothing to an environment that pipx or uv made: it would go elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import PurePath


def install(extra: str, prefix: str = sys.prefix) -> str:
    """The command that adds an extra; `prefix` is the folder of the environment."""
    named, folders = f'"coralrun[{extra}]"', PurePath(prefix).parts
    if "pipx" in folders:
        return f"pipx install --force {named} (of a wheel: its path and [{extra}])"
    if "uv" in folders and "tools" in folders:
        return f"uv tool install {named} (of a wheel: its path and [{extra}])"
    if "uv" in folders:
        return f"uvx --from {named} coralrun (of a wheel: its path and [{extra}])"
    return f'pip install {named} (in a checkout: pip install ".[{extra}]")'
