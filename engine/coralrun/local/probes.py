"""What each worker of a cluster is asked before it gets a photo: what is installed there, and what files it sees.

Rule: a worker may have nothing of coralrun, so what is asked of it travels whole, and needs Python alone. A worker that
would compute otherwise is refused by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from coralrun.errors import UsageError

SAME: Final = ("coralrun", "distributed", "numpy", "pillow", "onnxruntime")
"""What must be of one version wherever a photo is computed, or its scores may be others."""


def prober() -> Any:
    """A function that tells what is installed where it runs; as a function in a function it travels whole."""

    def probe(names: Sequence[str]) -> dict[str, str]:
        import sys
        from importlib.metadata import PackageNotFoundError, version

        found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
        for name in names:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = ""
        return found

    return probe


def digester() -> Any:
    """A function that tells the SHA-256 of a file where it runs, "" where there is none; it travels whole too."""

    def digest(path: str) -> str:
        import hashlib
        from pathlib import Path

        try:
            return hashlib.sha256(Path(path).read_bytes()).hexdigest()
        except OSError:
            return ""

    return digest


def check_versions(found: Mapping[str, Any]) -> None:
    """Raise UsageError for workers that have something else installed than is here."""
    ours = prober()(SAME)
    wrong: list[str] = []
    for address, theirs in sorted(found.items()):
        if not isinstance(theirs, dict):
            wrong.append(f"worker {address}: cannot be asked ({type(theirs).__name__})")
            continue
        wrong += [
            f"worker {address}: {name} {theirs[name]}, and here it is {ours[name]}"
            if theirs[name]
            else f"worker {address}: {name} is not installed"
            for name in ours
            if theirs.get(name, "") != ours[name]
        ]
    if wrong:
        raise UsageError(
            "\n".join(wrong),
            remedy='Install the same on every worker: pip install "coralrun[local]", with the same constraints.',
        )
