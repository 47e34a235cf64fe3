"""Each format, byte for byte, as tests/golden/exports has it: made from the drawn run, once and again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.exports.runs import drawn_run

from coralrun.exports.model import Export, ExportOptions, FolderExport, InputFile
from coralrun.exports.registry import FORMATS, Format

GOLDEN = Path(__file__).parents[2] / "golden" / "exports"
RATES = InputFile(
    "rates.csv", b"Name,Mean,Lower bound,Upper bound\nPorites,8,6,11\nsand,0,0,0\nCCA,1.5,1,2\nOther,1,1,1\n"
)
OPTIONS = ExportOptions(unreviewed=True, replace_existing=True, rates=RATES)
OPTIONS_OF = {"gcrmn": ExportOptions(values={"datasetID": "0300"})}


def files(wanted: Format, folder: Path) -> dict[str, bytes]:
    made = wanted.make(drawn_run(folder), OPTIONS_OF.get(wanted.name, OPTIONS))
    if isinstance(made, FolderExport):
        return dict(made.files)
    assert isinstance(made, Export)
    return {f"{wanted.name}.csv": b"".join(made.parts)}


IN_CSV = [wanted for wanted in FORMATS if wanted.is_csv]
"""A workbook is no bytes to look at: test_xlsx opens it."""


@pytest.mark.parametrize("wanted", IN_CSV, ids=lambda wanted: wanted.name)
def test_every_format_is_the_same_bytes_on_every_making(wanted: Format, tmp_path: Path) -> None:
    golden = GOLDEN / wanted.name if wanted.folder else GOLDEN
    first, again = files(wanted, tmp_path / "a"), files(wanted, tmp_path / "b")
    assert first == again
    assert len(first) == (4 if wanted.folder else 1)
    for name, data in first.items():
        assert data == (golden / name).read_bytes(), name


def test_every_golden_file_is_of_a_format(tmp_path: Path) -> None:
    known = {wanted.name for wanted in IN_CSV}
    assert {path.name.removesuffix(".csv") for path in GOLDEN.iterdir()} == known
