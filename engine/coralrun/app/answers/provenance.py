"""The RO-Crate of a run: its files with their checksums, and the software that read it.

Rule: what is listed is what stands in the run directory when its tables are written. Results are not read again for
their checksums: the facts have them, and the tables were made from them a moment before. Of reviews those are listed
that were handed in: a draw changes no table, and may come at any time after; their index knows both.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Final

from coralrun import __version__
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.survey.kept_survey import kept_survey
from coralrun.provenance.crate import CrateFile, crate
from coralrun.store.layout import Layout, PlanLayout
from coralrun.values.ids import sha256_hex

LIBRARIES: Final = ("numpy", "pandas", "scipy", "pyarrow", "pillow", "requests", "PyYAML")
"""Those that have a part in numbers or in reading what comes in; one that is not installed is not listed."""


def crate_of(opened: OpenRun, last: Mapping[str, bytes], versions: Mapping[str, str] | None = None) -> bytes:
    """The metadata file of a finished run; `last` are tables that are written after it, by name, with their content.

    `versions` is the software that read the run, by default that which is installed here.
    """
    listed = {file.path: file for file in _files(opened)}
    for name, data in last.items():
        path = f"{opened.layout.outputs.name}/{name}"
        listed[path] = CrateFile(path, len(data), sha256_hex(data))
    files = [listed[path] for path in sorted(listed)]
    drawn = _sampling(opened.folder, opened.plan.survey_digest)
    read_by = software() if versions is None else versions
    return crate(opened.identity, opened.plan, opened.plan_state, files, read_by, drawn)


def _sampling(plan: PlanLayout, survey_digest: str) -> dict[str, object]:
    """How the images were drawn, as the survey says; empty where all were taken, or a saved plan was carried out."""
    if not (kept := kept_survey(plan, survey_digest)):
        return {}
    drawn = kept["sampling"]["images"]
    return {name: drawn[name] for name in ("count", "by", "seed") if drawn.get("count") and drawn.get(name)}


def software() -> dict[str, str]:
    """The software that reads runs here, by name."""
    return {"coralrun": __version__, "Python": platform.python_version(), **_libraries()}


@cache
def _libraries() -> dict[str, str]:
    """The versions of the libraries that are installed: looked for once, because that takes a while."""
    versions: dict[str, str] = {}
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def _files(opened: OpenRun) -> Iterator[CrateFile]:
    layout, state = opened.layout, opened.state
    plans = [layout.plan(number) for number in range(1, state.plan + 1)]
    of_plans = chain.from_iterable((*plan.all_paths(), *_below(plan.inputs)) for plan in plans)
    for path in (layout.identity, *of_plans, *_below(layout.outputs)):
        if path.is_file():
            yield _hashed(layout, path)
    for handed_in in opened.reviews.index().imports:
        path = layout.imported(handed_in.number, handed_in.suffix)
        if path.is_file():
            yield CrateFile(path.relative_to(layout.root).as_posix(), path.stat().st_size, handed_in.sha256)
    for job in state.closed:
        path = layout.blob(job.batch, job.attempt)
        if job.sha256 and path.is_file():
            yield CrateFile(path.relative_to(layout.root).as_posix(), path.stat().st_size, job.sha256)
            reply = layout.reply(job.batch, job.attempt)
            if reply.is_file():
                yield _hashed(layout, reply)
    if layout.report_page.is_file():
        yield CrateFile(layout.report_page.relative_to(layout.root).as_posix(), None, None)


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _hashed(layout: Layout, path: Path) -> CrateFile:
    return CrateFile(path.relative_to(layout.root).as_posix(), path.stat().st_size, sha256_of(path))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, however large."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
