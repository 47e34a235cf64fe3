"""Names and label codes that are paths, devices or formulas, through every export and everything that a run writes.

Rule: what a format writes has a name of its own or one made safe, so nothing leaves its folder; what programs join by
is kept as it is, letter by letter.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hostile.test_files import PLAN
from tests.unit.results.finished_runs import Found, Photo, finished_run

from coralrun.app.answers.export import export
from coralrun.app.run.run_directory import OpenRun
from coralrun.errors import CoralrunError
from coralrun.exports.model import ExportOptions
from coralrun.exports.notebook import file_names
from coralrun.exports.registry import FORMATS, Format
from coralrun.planning.images import PlannedImage
from coralrun.results.parquet import folder_of

HOSTILE = (
    "../../x",
    "/etc/x",
    "..\\..\\x",
    "C:\\x",
    "C:x",
    "..",
    ".",
    "CON",
    "con.txt",
    "NUL .txt",
    "COM\u00b9.txt",
    "aux.",
    "x" * 300,
    "\u73ca\u745a" * 150,
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "a,b;c\"d'",
    "<script>alert(1)</script>",
    "\u202egpj",
    "a b",
    "A B",
    "a\u0301",
    "\u00e1",
)
DEVICES = re.compile(r"(con|prn|aux|nul|com[\d\u00b9\u00b2\u00b3]|lpt[\d\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE)
MOST_BYTES = 255  # of a file's name, on every file system in use


def check_name(name: str) -> None:
    """A name that stays in its folder, and can be made on every system."""
    assert not set(name) & set('/\\:*?"<>|\0\r\n\t')
    assert name == name.strip(" ")
    assert not name.startswith(".")
    assert not name.endswith(".")
    assert not DEVICES.fullmatch(name)
    assert 0 < len(name.encode()) <= MOST_BYTES


def scores(code: str) -> tuple[tuple[str, float], ...]:
    return ((code, 0.9), ("Coral", 0.05))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> OpenRun:
    """An image of each name, with each name as the code of the label that was found on it."""
    photos = [Photo(f"{name}.jpg", [Found(1, 2, scores(name))]) for name in HOSTILE]
    return finished_run(tmp_path_factory.mktemp("deep") / "within" / "reef", [*photos, Photo("=1+1.jpg", None)])


@pytest.mark.parametrize("wanted", FORMATS, ids=lambda wanted: wanted.name)
def test_no_export_leaves_its_place_whatever_images_and_labels_are_called(
    run: OpenRun, wanted: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "deep" / "within"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    target = here / "made"
    try:
        export(run, wanted, ExportOptions(), out=target)
    except CoralrunError as refused:
        assert refused.exit_code == 2
        assert refused.remedy
        assert list(tmp_path.rglob("*")) == [here.parent, here]
        return
    made = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.relative_to(here).parts[0] for path in made} <= {"made", "made.left-out.txt"}
    if not wanted.folder:
        return
    assert len(made) == len(HOSTILE)
    for path in made:
        assert path.parent == target
        check_name(path.name)
    assert len({path.name.casefold() for path in made}) == len(made)


def test_what_programs_join_by_is_kept_letter_by_letter(run: OpenRun, tmp_path: Path) -> None:
    data = (run.layout.outputs / "predictions.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(data, newline="")))
    assert [row["name"] for row in rows] == [f"{name}.jpg" for name in HOSTILE]
    assert [row["label_code_1"] for row in rows] == list(HOSTILE)


def files_below(folder: Path) -> Iterator[str]:
    for top, folders, files in os.walk(folder):
        yield from (*folders, *files)
        assert Path(top).is_relative_to(folder)


def test_a_run_makes_no_file_that_is_called_as_any_image_or_label(run: OpenRun) -> None:
    for name in files_below(run.layout.root):
        check_name(name)
        assert not any(part in name for part in ("HYPERLINK", "script", "SUM", "xxx", "CON", "etc"))


odd_names = st.text(
    alphabet=st.one_of(st.sampled_from("./\\:. -_aA1=\t\n\0\u00b9\u0301\u73ca\U00020000"), st.characters()),
    max_size=200,
)


@given(st.lists(odd_names | st.sampled_from(HOSTILE), max_size=6))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_any_names_become_file_names_that_every_system_can_tell_apart(names: list[str]) -> None:
    images = tuple(PlannedImage(key=str(at), source="s", name=name, points=1) for at, name in enumerate(names))
    made = file_names(replace(PLAN, images=images))
    assert len(made) == len(names)
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        check_name(name)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_source_becomes_one_folder_of_parquet(name: str) -> None:
    check_name(folder_of(f"manifest:{name}"))
