"""The files that a survey names: every one is read, and the problems of all are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import read_survey
from coralrun.cli.main import app
from coralrun.errors import InvalidInput

SURVEY = """\
version: 1
name: inputs
classifier: {id: 1}
metadata: sites.csv
sources:
  - {manifest: north.csv, filters: {names_from: names.txt}}
  - {manifest: south.csv, filters: {names_from: names.txt}}
sampling: {points: {from: points.csv}}
design: {strata: {field: habitat, areas: areas.csv}}
cover: {groups: groups.yaml}
"""
GOOD = {
    "north.csv": "name,url\na.jpg,https://reef.example/a.jpg\n",
    "south.csv": "name,url\nb.jpg,http://nas.local/b.jpg\n",
    "names.txt": "a.jpg\nb.jpg\n",
    "sites.csv": "Name,habitat\na.jpg,crest\nb.jpg,crest\n",
    "points.csv": "Name,Row,Column\na.jpg,1,2\nb.jpg,3,4\n",
    "areas.csv": "habitat,area\ncrest,12\n",
    "groups.yaml": "version: 1\nname: mine\ntitle: mine\ndate: 2026-11-22\nsource: me\nlevels: [group]\n"
    "groups: [{group: [Coral], labels: [7], live: true}]\n",
}


@pytest.fixture
def survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {**GOOD, "survey.yaml": SURVEY}.items():
        Path(name).write_text(text, encoding="utf-8")
    return Path("survey.yaml")


def test_the_files_of_a_survey_are_there_by_their_paths(survey: Path) -> None:
    inputs = read_inputs(read_survey(survey))
    assert {path: len(manifest.images) for path, manifest in inputs.manifests.items()} == {
        "north.csv": 1,
        "south.csv": 1,
    }
    assert inputs.names == {"names.txt": ("a.jpg", "b.jpg")}
    assert inputs.table is not None and inputs.table.fields == ("habitat",)
    assert inputs.points is not None and list(inputs.points) == ["a.jpg", "b.jpg"]
    assert list(inputs.warnings) == [
        "south.csv: 1 image has an address (`b.jpg`) in a private network, which a service elsewhere cannot reach"
    ]


def test_the_problems_of_all_files_are_told_at_once(survey: Path) -> None:
    for name, text in {
        "north.csv": "name,url\na.jpg,\n",
        "south.csv": "name,address\n",
        "names.txt": "récif.jpg\n",
        "sites.csv": "Name,habitat\na.jpg,crest\na.jpg,slope\n",
        "points.csv": "Name,Row,Column\na.jpg,-1,2\n",
        "areas.csv": "habitat,area\ncrest,much\n",
        "groups.yaml": GOOD["groups.yaml"]
        .replace("[7]", "[7, 8]")
        .replace("}]", "}, {group: [Algae], labels: [8], live: true}]"),
    }.items():
        Path(name).write_bytes(text.encode("cp1252"))
    with pytest.raises(InvalidInput) as problem:
        read_inputs(read_survey(survey))
    assert [str(one) for one in problem.value.problems] == [
        "north.csv:2: there is no url",
        "south.csv:1: there is no column `url`: the header needs url; it has name, address; a column of another name "
        "is named in the survey: `columns: {url: ...}`; photos on this computer need no table, but their folder: "
        "`- folder: photos`",
        "names.txt:1: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); it "
        "looks like windows-1252",
        "sites.csv:3: the name `a.jpg` is already on line 2: each image has one row",
        "points.csv:2: the row `-1` is not a whole number of pixels from 0",
        "areas.csv:2: the area `much` is not a number above 0",
        "groups.yaml:7:82: label 8 stands twice: it is already in Coral",
    ]


def test_validate_reads_the_files_and_warns_of_what_is_seldom_meant(survey: Path) -> None:
    result = CliRunner().invoke(app, ["validate", "survey.yaml"])
    assert (result.exit_code, result.output) == (
        0,
        "survey.yaml: valid (inputs: 2 sources, service https://coralnet.ucsd.edu)\n"
        "  warning: south.csv: 1 image has an address (`b.jpg`) in a private network, which a service elsewhere cannot "
        "reach\n",
    )
    Path("north.csv").write_text("name,url\na.jpg,\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["validate", "survey.yaml"])
    assert (result.exit_code, result.output) == (
        2,
        "north.csv:2: there is no url\n-> Correct the lines named above and run the command again.\n",
    )


def test_files_are_named_from_where_the_person_stands(survey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = survey.resolve().parent
    monkeypatch.chdir(folder.parent)
    named = Path(folder.name) / survey
    (warning,) = read_inputs(read_survey(named)).warnings
    assert warning.startswith(f"{folder.name}/south.csv: 1 image has an address")
    (folder / "areas.csv").write_text("habitat,area\ncrest,much\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_inputs(read_survey(named))
    assert [problem.file for problem in refused.value.problems] == [f"{folder.name}/areas.csv"]
