"""The notebook of the examples runs from its first cell to its last, and ends with the files that it promises."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from tests.docs.markdown import ROOT

from coralrun.exports.notebook import COLUMNS

SHOWN = ('again = coralrun.open("runs/notebook")\nagain.resume()', "again")
"""Cells that end with a run: in the first it was told already how it stands."""
NOTEBOOK = ROOT / "examples" / "notebook" / "predictions.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def executed(folder: Path) -> nbformat.NotebookNode:
    """The notebook after all of its cells ran, in a folder of its own."""
    notebook = read()
    nbformat.validate(notebook)
    notebook.cells += [nbformat.v4.new_code_cell(code) for code in SHOWN]  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def read() -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def shown(notebook: nbformat.NotebookNode, words: str, kind: str) -> str:
    """What the cell with these words shows."""
    (cell,) = (cell for cell in notebook.cells if cell.cell_type == "code" and words in cell.source)
    return "\n".join(output.data[kind] for output in cell.outputs if kind in output.get("data", {}))


def test_a_plan_shows_itself(executed: nbformat.NotebookNode) -> None:
    assert "Plan for notebook, at emulator" in shown(executed, "coralrun.plan(", "text/html")


def test_nothing_that_is_printed_is_red(executed: nbformat.NotebookNode) -> None:
    streams = [
        output
        for cell in executed.cells[: -len(SHOWN)]
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert {stream.name for stream in streams} == {"stdout"}
    said = "".join(stream.text for stream in streams)
    assert said.count("30 = 30 succeeded + 0 failed + 0 skipped") == 1, "there is one summary"
    assert "compiling the plan" not in said, "what passes is shown in its own place"


def test_a_run_shows_how_it_stands_once_a_cell(executed: nbformat.NotebookNode) -> None:
    told, shown_later = executed.cells[-2:]
    said = "".join(output.text for output in told.outputs if output.output_type == "stream")
    (result,) = (output.data for output in told.outputs if output.output_type == "execute_result")
    assert "30 = 30 succeeded" in said
    assert (result["text/plain"], "<pre" in result["text/html"]) == ("notebook: finished", True)
    assert "30 = 30 succeeded" in shown_later.outputs[0].data["text/plain"]


def test_predictions_and_cover_by_site_are_tables(executed: nbformat.NotebookNode) -> None:
    assert "label_code_1" in shown(executed, "run.predictions", "text/html")
    assert "site1" in shown(executed, "run.cover(", "text/html")


def test_each_image_has_a_file_as_the_older_notebook_wrote_it(executed: nbformat.NotebookNode, folder: Path) -> None:
    files = sorted((folder / "predictions").iterdir())
    assert len(files) == 30
    with files[0].open(newline="") as opened:
        header, *rows = csv.reader(opened)
    assert tuple(header) == COLUMNS
    assert len(rows) == 10
    assert rows[0][0].startswith(files[0].name.removesuffix(".csv"))


def test_the_notebook_is_short_and_holds_no_output_and_no_secret() -> None:
    notebook = read()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) <= 8
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert not re.search(r"(password|token)\s*=", "".join(cell.source for cell in code), re.IGNORECASE)
