"""Values that mean "not known", and values that are nearly the same, from a table to the plan, cover and exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import Result

from coralrun.planning.model import Analysis
from coralrun.spec.model import Design

Command = Callable[..., Result]


def write_survey(folder: Path, sites: str, metadata: str = "sites.csv", more: str = "design: {unit: site}") -> Path:
    rows = sites.splitlines()[1:]
    names = [row.partition(",")[0] for row in rows]
    urls = "".join(f"{name},https://example.org/reef/{name},400,300\n" for name in names)
    (folder / "images.csv").write_text(f"name,url,width,height\n{urls}", encoding="utf-8")
    (folder / "sites.csv").write_text(sites, encoding="utf-8")
    survey = folder / "survey.yaml"
    survey.write_text(
        "version: 1\nname: reef\nservice: emulator\nclassifier: {source: 1}\nsources: [{manifest: images.csv}]\n"
        "sampling: {points: {method: uniform grid, cell_rows: 2, cell_columns: 2}}\n"
        f"metadata: {metadata}\n{more}\n",
        encoding="utf-8",
    )
    return survey


def document(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_what_r_excel_and_pandas_write_for_a_missing_site_is_no_site(
    case: Callable[[str], Path], coralrun: Command
) -> None:
    said = document(coralrun("plan", case("missing-as-a-unit") / "survey.yaml", "--json"))
    assert said["listings"] == [
        {"what": "images whose `site`, the unit of the design, is not known", "names": ["b.jpg", "c.jpg", "d.jpg"]}
    ]
    assert said["warnings"] == []


def test_sites_that_differ_in_case_or_blanks_are_said_with_their_counts(
    case: Callable[[str], Path], coralrun: Command
) -> None:
    said = document(coralrun("plan", case("values-nearly-the-same") / "survey.yaml", "--json"))
    assert said["warnings"] == [
        "`site`: blanks around the value or doubled in it were folded in 1 image (the first: `Coral Garden`)",
        "values of `site` that are nearly the same, with their images: `Coral Garden` (2), `coral garden` (1). Each "
        "counts as one more value; those that are one you give in the survey, under `metadata`: "
        '`same: {site: [["Coral Garden", "coral garden"]]}`',
    ]


@pytest.mark.parametrize(
    ("metadata", "unknown", "doubtful"),
    [
        ("sites.csv", ["e.jpg", "a.jpg"], {"None": ["b.jpg"], "?": ["c.jpg"], "n/a": ["d.jpg"]}),
        ("{from: sites.csv, unknown: [None, n/a, '?']}", ["e.jpg", "b.jpg", "c.jpg", "d.jpg"], {}),
    ],
)
def test_the_plan_lists_what_is_not_known_and_what_may_not_be(
    metadata: str,
    unknown: list[str],
    doubtful: dict[str, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    coralrun: Command,
) -> None:
    monkeypatch.chdir(tmp_path)
    survey = write_survey(
        tmp_path, "Name,site\na.jpg,null\nb.jpg,None\nc.jpg,?\nd.jpg,n/a\ne.jpg,\nf.jpg,North\n", metadata
    )
    shown = document(coralrun("plan", survey, "--json"))["listings"]
    listings = {listing["what"]: listing["names"] for listing in shown}
    assert sorted(listings.pop("images whose `site`, the unit of the design, is not known")) == sorted(unknown)
    for value, names in doubtful.items():
        what = (
            f"images whose `site`, the unit of the design, is `{value}`, which counts as a value; if it means "
            '"not known", say in the survey, under `metadata`: '
            f'`unknown: ["NA", "N/A", "#N/A", "NaN", "nan", "null", "{value}"]`'
        )
        assert listings.pop(what) == names
    assert listings == {}


def test_a_stratum_that_is_not_known_has_no_area_and_one_called_na_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coralrun: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    sites = "Name,zone\na.jpg,NA\nb.jpg,reef  flat\nc.jpg,Reef flat\n"
    (tmp_path / "areas.csv").write_text("zone,area\nNA,2\nReef  flat,3\n", encoding="utf-8")
    more = "design: {strata: {field: zone, areas: areas.csv}}"
    refused = coralrun("plan", write_survey(tmp_path, sites, more=more))
    assert 'areas.csv:2: `NA` means "not known", and is no zone (see `metadata.unknown`)' in refused.output
    same = "{from: sites.csv, unknown: [], same: {Zone: [[Reef flat, reef flat]]}}"
    said = document(coralrun("plan", write_survey(tmp_path, sites, same, more), "--json"))
    assert (said["listings"], said["warnings"][1:]) == ([], [])


def test_cover_says_which_values_it_takes_for_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coralrun: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    photos = [Photo("a", sure("AB"), ("North", "MaHRE")), Photo("b", sure("AB"), ("NORTH", "MarHE"))]
    finished_run(tmp_path / "reef", photos, fields=("site", "zone"), analysis=Analysis(design=Design(unit="site")))
    near = (
        "values of `{}` that are nearly the same, with their images: {}. Each counts as one more value; those that are "
        "one you give in the survey, under `metadata`: `same: {}`"
    )
    site = near.format("site", "`NORTH` (1), `North` (1)", '{site: [["NORTH", "North"]]}')
    zone = near.format("zone", "`MaHRE` (1), `MarHE` (1)", '{zone: [["MaHRE", "MarHE"]]}')
    assert document(coralrun("cover", "reef", "--json"))["notes"][-1] == site
    assert document(coralrun("cover", "reef", "--by", "ZONE", "--json"))["notes"][-2:] == [site, zone]
    assert site in (tmp_path / "reef/outputs/cover_notes.txt").read_text(encoding="utf-8")
