"""What an export refuses, and what it says before harm is done."""

from __future__ import annotations

import csv
import io
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from tests.docs.markdown import ROOT
from tests.unit.exports.runs import drawn_run, text

from coralrun.app.answers.export_options import options_of
from coralrun.errors import InvalidInput, UsageError
from coralrun.exports import (
    carbonate,
    coralnet_annotations,
    coralnet_upload,
    cover,
    gcrmn,
    gcrmn_events,
    matrix,
    mermaid,
    notebook,
    percent_covers,
)
from coralrun.exports.coralnet_columns import metadata_columns
from coralrun.exports.model import Export, ExportOptions, FolderExport, InputFile, PersonsLabel, Results
from coralrun.exports.options import check_read
from coralrun.exports.registry import format_named
from coralrun.machine.plan_state import PlanState
from coralrun.machine.units import PlanUnits
from coralrun.planning.model import Analysis
from coralrun.results.groupings import UNCLEAR
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import CoverOptions


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return drawn_run(tmp_path)


def rows(made: Export | FolderExport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(made))))


def with_row(results: Results, number: int, **known: str) -> Results:
    """The same run with other metadata of one image."""
    plan = results.plan
    old = dict(zip(plan.fields, plan.images[number].metadata, strict=True))
    images = list(plan.images)
    images[number] = structs.replace(images[number], metadata=tuple((old | known).values()))
    return replace(results, plan=replace(plan, images=tuple(images)))


NAMED = ExportOptions(values={"datasetID": "1"})
"""What `gcrmn` cannot do without."""

EXISTING = InputFile(
    "existing.csv",
    b"Name,Row,Column,Label code,Annotator\r\nimg_1.JPG,1,1,Sand,robot\r\nIMG_2.jpg,1,1,Sand,robot\r\n"
    b"img_2.jpg,2,2,Sand,Imported\r\nIMG_9.jpg,2,2,Sand,ann\r\n",
)


def test_an_upload_is_refused_until_it_is_known_what_it_would_delete(results: Results) -> None:
    with pytest.raises(UsageError, match="an upload deletes all points and annotations of the images") as refused:
        coralnet_upload.make(results, ExportOptions())
    assert "--existing" in refused.value.remedy


def test_an_upload_leaves_out_images_that_people_worked_on_and_lists_them(results: Results) -> None:
    made = coralnet_upload.make(results, ExportOptions(existing=EXISTING))
    assert sorted({row["Name"] for row in rows(made)}) == ["IMG_0.jpg", "IMG_1.jpg", "IMG_3.jpg"]
    assert made.notes == ["left out: 1 image with confirmed annotations, which the upload would delete: IMG_2.jpg"]


def test_an_upload_knows_all_that_it_leaves_out_however_few_of_them_it_says(results: Results) -> None:
    names = [f"P{number:02}.jpg" for number in range(25)]
    images = tuple(structs.replace(results.plan.images[0], key=name, name=name) for name in names)
    run = deepcopy(results.state.run)
    run.name_units(((0, 24),), 25)
    run.closed = [structs.replace(run.closed[0], units=((0, 24),))]
    table = "Name,Annotator\n" + "".join(f"{name},ann\n" for name in names)
    many = replace(results, plan=replace(results.plan, images=images), state=PlanState(run, PlanUnits(((0, 24),))))
    made = coralnet_upload.make(many, ExportOptions(existing=InputFile("existing.csv", table.encode())))
    assert isinstance(made, Export)
    assert made.left_out == [name for name in names if name != "P04.jpg"]  # which failed
    (note,) = made.notes
    assert note.startswith("left out: 24 images with confirmed annotations, which the upload would delete: P00.jpg, ")
    assert note.endswith("P20.jpg and 4 more")


def test_an_upload_that_may_replace_annotations_names_all_images_and_warns(results: Results) -> None:
    made = coralnet_upload.make(results, ExportOptions(existing=EXISTING, replace_existing=True))
    assert len({row["Name"] for row in rows(made)}) == 4
    assert made.notes == ["WARNING: the upload deletes all points and annotations of the images in this file"]


def test_an_upload_has_labels_only_if_asked_and_says_that_they_become_training_data(results: Results) -> None:
    assert "Label code" not in rows(coralnet_upload.make(results, ExportOptions(existing=EXISTING)))[0]
    made = coralnet_upload.make(results, ExportOptions(existing=EXISTING, with_labels=True))
    first = rows(made)[0]
    assert (first["Label code"], first["Label ID"]) == ("Porit", "11")
    assert any("train its next classifiers" in note for note in made.notes)


def test_an_upload_is_for_one_source(results: Results) -> None:
    plan = results.plan
    images = (*plan.images[:2], *(structs.replace(image, source="coralnet:2") for image in plan.images[2:]))
    several = replace(results, plan=replace(plan, images=images))
    with pytest.raises(UsageError, match="images of several sources"):
        coralnet_upload.make(several, ExportOptions(replace_existing=True))
    one = replace(several, source="coralnet:2")
    names = {row["Name"] for row in rows(coralnet_upload.make(one, ExportOptions(replace_existing=True)))}
    assert names == {"IMG_2.jpg", "IMG_3.jpg"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Name,Row,Column\n", "existing.csv:1: there is no column Annotator"),
        (b"\xff\xfe", "existing.csv: this is no CSV in UTF-8"),
    ],
)
def test_an_export_of_annotations_that_says_nothing_of_annotators_is_refused(
    results: Results, data: bytes, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        coralnet_upload.make(results, ExportOptions(existing=InputFile("existing.csv", data)))


def test_mermaid_refuses_labels_that_nobody_reviewed(results: Results) -> None:
    with pytest.raises(UsageError, match="16 points have the classifier's label and nobody's"):
        mermaid.make(results, ExportOptions())
    people = {
        (number, place): PersonsLabel(12, "Sand", "ann", "2026-04-01") for number in range(4) for place in range(4)
    }
    written = rows(mermaid.make(replace(results, people=people), ExportOptions()))
    assert {row["Annotator"] for row in written} == {"ann"}


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"management": ""}, "no `management`: IMG_1.jpg"),
        ({"transect": "1b"}, "`transect` must be a whole number: 1b"),
        ({"date": "1.3.2026"}, "`date` must be a date such as 2026-11-22: 1.3.2026"),
        ({"date": "?"}, "no `date`: IMG_1.jpg"),
        ({"transect": "None"}, "no `transect`: IMG_1.jpg"),
    ],
)
def test_mermaid_is_told_nothing_that_it_would_refuse(results: Results, known: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        mermaid.make(with_row(results, 1, **known), ExportOptions(unreviewed=True))
    assert refused.value.message == f"not for MERMAID yet:\n  {message}"


def test_mermaid_takes_one_value_for_all_photos_and_the_digits_of_named_transects(results: Results) -> None:
    named = results
    for number, name in enumerate(("t1", "t1", "t2", "t3", "t3")):
        named = with_row(named, number, transect=name, management="")
    made = mermaid.make(named, ExportOptions(unreviewed=True, values={"management": "open"}))
    written = rows(made)
    assert {row["management"] for row in written} == {"open"}
    assert [row["transect"] for row in written[::4]] == ["1", "1", "2", "3"]
    assert "`transect` must be a whole number: t1 is written as 1, and so on" in made.notes
    alike = with_row(named, 4, transect="u1")
    with pytest.raises(UsageError, match="`transect` must be a whole number: t1, t2, t3"):
        mermaid.make(alike, ExportOptions(unreviewed=True, values={"management": "open"}))
    with pytest.raises(UsageError, match="MERMAID is not asked for depth"):
        mermaid.make(results, ExportOptions(unreviewed=True, values={"depth": "5"}))


def test_values_that_are_nearly_the_same_are_said_with_the_file(results: Results) -> None:
    near = (
        "values of `site` that are nearly the same, with their images: `South, bay` (2), `South, Bay` (1). Each counts "
        "as one more value; those that are one you give in the survey, under `metadata`: "
        '`same: {site: [["South, bay", "South, Bay"]]}`'
    )
    several = with_row(results, 1, site="South, Bay", lens="28 MM", habitat="None", depth="None")
    assert mermaid.make(several, ExportOptions(unreviewed=True)).notes[-1] == near
    made = gcrmn.make(several, NAMED)
    assert [note for note in made.notes if "nearly" in note] == [near]
    assert {row["habitat"]: row["verbatimDepth"] for row in rows(made)} == {
        "fore reef": "10.5",
        "None": "",
        "back reef": "8",
    }


def test_mermaid_needs_equally_many_points_on_the_photos_of_a_transect(results: Results) -> None:
    plan = results.plan
    images = (structs.replace(plan.images[0], points=5), *plan.images[1:])
    with pytest.raises(UsageError, match="equally many points: North / no-take / 1 / 2026-03-01"):
        mermaid.make(replace(results, plan=replace(plan, images=images)), ExportOptions(unreviewed=True))


def test_a_field_of_another_name_is_named(results: Results) -> None:
    bare = replace(results, plan=replace(results.plan, fields=("station", *results.plan.fields[1:])))
    with pytest.raises(UsageError, match="MERMAID needs the site of every image"):
        mermaid.make(bare, ExportOptions(unreviewed=True))
    made = mermaid.make(bare, ExportOptions(unreviewed=True, fields={"site": "Station"}))
    assert rows(made)[0]["station"] == "North"
    with pytest.raises(UsageError, match="there is no metadata field `stations`"):
        mermaid.make(bare, ExportOptions(unreviewed=True, fields={"site": "stations"}))


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"latitude": "97"}, "decimalLatitude is not between -90 and 90 (check 2): IMG_1.jpg"),
        ({"longitude": "181"}, "decimalLongitude is not between -180 and 180 (check 3): IMG_1.jpg"),
        ({"latitude": ""}, "no decimalLatitude (check 1): IMG_1.jpg"),
        ({"latitude": "None"}, "no decimalLatitude (check 1): IMG_1.jpg"),
        ({"longitude": "-"}, "no decimalLongitude (check 1): IMG_1.jpg"),
        ({"depth": "120"}, "the depth is not between 0 and 100 m (check 6): IMG_1.jpg"),
        ({"date": ""}, "no date such as 2026-11-22, and no year (check 7): IMG_1.jpg"),
        ({"date": "2026-02-30"}, "there is no such date (check 7): IMG_1.jpg"),
        ({"site": ""}, "no locality: IMG_1.jpg"),
    ],
)
def test_gcrmns_checks_are_run(results: Results, known: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        gcrmn.make(with_row(results, 1, **known), NAMED)
    assert refused.value.message == f"not for GCRMN yet:\n  {message}"


def test_gcrmn_needs_its_own_groups_a_dataset_and_columns_that_it_has(results: Results) -> None:
    with pytest.raises(UsageError, match=r"no datasetID .*: on every photo$"):
        gcrmn.make(results, ExportOptions())
    with pytest.raises(UsageError, match="GCRMN has no column reef"):
        gcrmn.make(results, ExportOptions(values={"reef": "x"}))
    usual = {"Depth": "5", "latitude": "-17.5", "quadrat": "3"}
    own = {"verbatimDepth": "5", "decimalLatitude": "-17.5", "eventID": "3"}
    made, same = (
        gcrmn_events.by_column(ExportOptions(values=values, fields={"site": "reef"})) for values in (usual, own)
    )
    assert (made.values, made.fields) == (same.values, {"locality": "reef"}) == (own, {"locality": "reef"})
    bare = replace(results, plan=replace(results.plan, analysis=Analysis()))
    with pytest.raises(UsageError, match="GCRMN's categories are not among this run's label groups"):
        gcrmn.make(bare, ExportOptions())
    groups = results.plan.analysis.groups
    assert groups is not None
    with pytest.raises(UsageError, match="`gcrmn` have the levels functional; GCRMN's are category, subcategory"):
        gcrmn.make(bare, ExportOptions(groups=replace(groups, levels=("functional",))))


def test_gcrmn_takes_groups_that_the_survey_has_not(results: Results) -> None:
    bare = replace(results, plan=replace(results.plan, analysis=replace(results.plan.analysis, groups=None)))
    made = gcrmn.make(bare, replace(NAMED, groups=results.plan.analysis.groups))
    assert rows(made) == rows(gcrmn.make(results, NAMED))
    assert "categories by the label groups `gcrmn`, which are not the survey's" in made.notes
    shipped = options_of(groups=ROOT / "configs" / "groups" / "gcrmn.yaml").groups
    assert shipped is not None
    assert {group.path[0] for group in shipped.groups if group.usable} <= {*gcrmn.CATEGORIES, UNCLEAR}


def test_gcrmn_has_27_columns_and_no_quadrat_above_100_or_row_of_0(results: Results) -> None:
    written = rows(gcrmn.make(results, NAMED))
    assert len(written[0]) == 27
    sums: dict[tuple[str, ...], float] = {}
    for row in written:
        assert 0 < float(row["measurementValue"]) <= 100
        quadrat = (row["locality"], row["parentEventID"], row["eventID"])
        sums[quadrat] = sums.get(quadrat, 0) + float(row["measurementValue"])
    assert len(sums) == 4
    assert all(99.9999 < total <= 100 for total in sums.values())


def test_gcrmn_numbers_transects_and_quadrats_that_have_names(results: Results) -> None:
    named = with_row(with_row(results, 0, transect="T-a"), 1, transect="T-b")
    made = gcrmn.make(named, ExportOptions(values={"datasetID": "1", "country": "France"}))
    written = rows(made)
    assert [row["parentEventID"] for row in written] == ["1", "1", "2", "2", "3", "3", "1"]
    assert {row["country"] for row in written} == {"France"}
    assert any("`parentEventID` must be a whole number" in note for note in made.notes)


def with_depths(results: Results, *depths: str) -> Results:
    """The same run as one transect whose photos lie at these depths; `quadrat` restarts at each depth."""
    seen: dict[str, int] = {}
    for number, depth in enumerate(depths):
        seen[depth] = seen.get(depth, 0) + 1
        known = {"site": "North", "transect": "t1", "quadrat": f"q{seen[depth]}", "depth": depth, "date": "2026-03-01"}
        results = with_row(results, number, habitat="fore reef", latitude="-17.48", longitude="-149.8", **known)
    return results


def quadrats(written: list[dict[str, str]]) -> dict[tuple[str, ...], float]:
    """The sum of cover by the columns that stand before the categories."""
    sums: dict[tuple[str, ...], float] = {}
    for row in written:
        event = tuple(row[column] for column in gcrmn.COLUMNS[:17])
        sums[event] = sums.get(event, 0) + float(row["measurementValue"])
    return sums


def test_gcrmn_refuses_groups_of_which_some_would_be_lost_and_lists_them(results: Results) -> None:
    drawn = LabelGroups(
        name="drawn",
        title="",
        date="2026-11-22",
        source="",
        levels=("category", "subcategory"),
        groups=(
            Group(path=("Hard coral",), labels=(11,)),
            Group(path=("Bare", "Sand"), labels=(12,)),
            Group(path=("Soft coral",), labels=(13,)),
            Group(path=("Unclear",), labels=(99,)),
            Group(path=("Not reef",), labels=(14,), usable=False),
        ),
        unmapped=("Rest",),
    )
    analysis = replace(results.plan.analysis, groups=drawn)
    with pytest.raises(UsageError) as refused:
        gcrmn.make(replace(results, plan=replace(results.plan, analysis=analysis)), NAMED)
    assert refused.value.message == (
        "the label groups `drawn` have categories that GCRMN has not, and whose cover would be lost: "
        "Bare, Rest, Soft coral"
    )
    analysis = replace(analysis, groups=replace(drawn, groups=(drawn.groups[0], *drawn.groups[3:]), unmapped=None))
    with pytest.raises(UsageError, match="do not say where 2 of the labels belong"):
        gcrmn.make(replace(results, plan=replace(results.plan, analysis=analysis)), NAMED)


@pytest.mark.parametrize("depth", ["9" * 200_000 + "!", "9." + "9" * 200_000 + "!", "9" + " " * 200_000 + "!"], ids=len)
def test_a_long_text_is_no_depth_in_metres_at_once(results: Results, depth: str) -> None:
    with pytest.raises(UsageError, match="the depth is not between 0 and 100 m"):
        gcrmn.make(with_depths(results, depth, "5", "5", "5", "5"), NAMED)


def test_gcrmn_keeps_the_quadrats_of_two_depths_apart_and_writes_a_depth_in_metres(results: Results) -> None:
    made = gcrmn.make(with_depths(results, "5m", "10 m", "5m", "10.5", "10 m"), NAMED)
    written = rows(made)
    assert list(dict.fromkeys(row["verbatimDepth"] for row in written)) == ["5", "10", "10.5"]
    assert {row["parentEventID"] for row in written} == {"1"}
    assert [row[7] for row in quadrats(written)] == ["1", "2", "3", "4"]
    assert all(99.9999 < total <= 100 for total in quadrats(written).values())
    assert "`verbatimDepth` is in metres: 5m is written as 5, and so on" in made.notes


def test_gcrmn_refuses_photos_that_its_columns_make_one_quadrat(results: Results) -> None:
    two_depths = with_depths(results, "5m", "10m", "5m", "10m", "10m")
    with pytest.raises(UsageError) as refused:
        gcrmn.make(two_depths, ExportOptions(values={"datasetID": "1", "verbatimDepth": "5"}))
    assert refused.value.message == (
        "not for GCRMN yet:\n  4 photos are 2 quadrats by GCRMN's columns, where a photo is one: nothing tells apart "
        "IMG_2.jpg, IMG_3.jpg, whose cover sums up to 200.0 % (check 8; --field eventID=FIELD, or a field of the depth)"
    )


def test_gcrmn_leaves_out_the_photos_that_cover_leaves_out_and_says_so(results: Results) -> None:
    analysis = replace(results.plan.analysis, cover=CoverOptions(unusable=("SHAD",), min_usable_points=0.8))
    made = gcrmn.make(replace(results, plan=replace(results.plan, analysis=analysis)), NAMED)
    assert len(quadrats(rows(made))) == 3
    assert "left out, as from cover, for too few usable points: IMG_1.jpg" in made.notes


def test_gcrmn_keeps_unclear_and_unassigned_points_in_the_denominator(results: Results) -> None:
    cover = CoverOptions(unusable=("SHAD",), unclear=("CCA",), min_confidence=0.5)
    plan = replace(results.plan, analysis=replace(results.plan.analysis, cover=cover))
    made = gcrmn.make(replace(results, plan=plan), NAMED)
    assert [(row["eventID"], row["category"], row["measurementValue"]) for row in rows(made)] == [
        ("1", "Abiotic", "50.0"), ("1", "Hard coral", "50.0"),
        ("2", "Abiotic", "33.333333"), ("2", "Hard coral", "66.666666"),
        ("1", "Abiotic", "75.0"),
    ]  # fmt: skip
    assert "without a row, since all their points are unclear or unassigned: IMG_3.jpg" in made.notes

    plan = replace(plan, analysis=replace(plan.analysis, cover=replace(cover, min_confidence=0.9)))
    made = gcrmn.make(replace(results, plan=plan), NAMED)
    assert rows(made) == []
    assert any("IMG_0.jpg, IMG_1.jpg, IMG_2.jpg, IMG_3.jpg" in note for note in made.notes)


RATES = "Name,Mean,Lower bound,Upper bound\n"


def test_carbonate_refuses_a_cover_without_rates(results: Results) -> None:
    few = InputFile("rates.csv", f"{RATES}Porites,8,6,11\n".encode())
    with pytest.raises(UsageError) as refused:
        carbonate.make(results, ExportOptions(rates=few))
    assert refused.value.message == (
        "labels without a rate hold 73.3 % of the usable points: Sand (40.0 %); CCA (33.3 %)"
    )
    with pytest.raises(UsageError, match="needs a table of rates"):
        carbonate.make(results, ExportOptions())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("Name,Mean\n", "rates.csv:1: there is no column Lower bound, Upper bound"),
        (f"{RATES}Porites,8,x,1\n", "rates.csv:2: a rate needs a name and three numbers"),
        (f"{RATES}Porites,8,nan,1\n", "rates.csv:2: a rate needs a name and three numbers"),
        (f"{RATES}Porites,8,1,9\nporites,1,1,1\n", "rates.csv:3: `porites` stands in the table twice"),
    ],
)
def test_a_table_of_rates_that_is_wrong_is_told_by_line(results: Results, table: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        carbonate.make(results, ExportOptions(rates=InputFile("rates.csv", table.encode())))
    assert refused.value.message == message


def test_cover_and_matrix_need_a_unit_or_fields(results: Results) -> None:
    bare = replace(results, plan=replace(results.plan, analysis=Analysis()))
    for wanted in (cover, matrix):
        with pytest.raises(UsageError, match="names no design unit to sum up by"):
            wanted.make(bare, ExportOptions())
    assert [row["transect"] for row in rows(matrix.make(bare, ExportOptions(by=("Transect",))))] == ["1", "2"]


def test_a_unit_without_a_usable_image_has_no_row_of_zeros(results: Results) -> None:
    for site, named in (("West", "West"), ("", "(not known)")):
        made = matrix.make(with_row(results, 4, site=site), ExportOptions())
        assert [row["site"] for row in rows(made)] == ["North", "South, bay"]
        assert f"without any usable image, and so without a row: {named}" in made.notes


def test_a_persons_label_stands_for_the_machines_and_bears_the_persons_name(results: Results) -> None:
    people = {(0, 1): PersonsLabel(None, "Turf", "ann", "2026-04-01")}
    written = rows(coralnet_annotations.make(replace(results, people=people), ExportOptions()))
    assert [(row["Label code"], row["Label ID"], row["Annotator"]) for row in written[:2]] == [
        ("Porit", "11", "coralrun classifier 1"),
        ("Turf", "", "ann"),
    ]
    assert written[1]["Machine suggestion 1"] == "Porit"


def test_a_code_that_readers_take_for_an_empty_cell_is_noted(results: Results) -> None:
    people = {(0, 1): PersonsLabel(5, "NA", "ann", "2026-04-01")}
    made = coralnet_annotations.make(replace(results, people=people), ExportOptions())
    assert text(made)
    assert any("read the label code NA as an empty cell" in note for note in made.notes)


def test_auxiliary_fields_are_five_by_their_own_names_or_coralnets() -> None:
    columns = metadata_columns(["Depth", "Site", "DATE", "height"])
    assert columns.names[:6] == ("Date", "Site", "Aux2", "Aux3", "Aux4", "Aux5")
    assert columns.names[6:10] == ("Height (cm)", "Latitude", "Longitude", "Depth")
    assert metadata_columns([]).names == ()


def test_names_that_would_be_one_file_or_a_path_are_files_of_their_own(results: Results) -> None:
    names = ["DSC.001.jpg", "DSC.002.jpg", "a.jpg", "A.png", "../../etc/passwd", "", "con.jpg", "a/b?.jpg", "a.JPG"]
    images = tuple(structs.replace(results.plan.images[0], key=str(n), name=name) for n, name in enumerate(names))
    files = notebook.file_names(replace(results.plan, images=images))
    assert files == [
        "DSC.001.csv", "DSC.002.csv", "a.jpg.csv", "A.png.csv", "passwd.csv", "_.csv", "_con.csv", "b_.csv",
        "a.JPG-8.csv",
    ]  # fmt: skip


def test_a_format_that_is_none_is_answered_with_all_of_them() -> None:
    with pytest.raises(UsageError, match="`obis` is no format of exports") as refused:
        format_named("obis")
    assert "coralnet-annotations" in refused.value.remedy


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Excel", "xlsx"), ("xslx", "xlsx"), ("percent-cover", "percent-covers"), ("CSV", "predictions")],
)
def test_a_format_that_is_misspelt_or_called_after_its_program_is_named(said: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"`{said}` is no format of exports: did you mean `{meant}`"):
        format_named(said)


def test_a_file_of_an_ending_that_one_format_alone_has_names_it() -> None:
    assert format_named("", Path("report.XLSX")).name == "xlsx"
    assert format_named("cover", Path("report.xlsx")).name == "cover"
    with pytest.raises(UsageError, match="which format"):
        format_named("", Path("report.csv"))


@pytest.mark.parametrize("name", ["cover", "matrix", "gcrmn", "carbonate", "percent-covers"])
def test_a_format_that_leaves_peoples_labels_out_says_so(results: Results, name: str) -> None:
    table = "".join(f"{label},1,1,1\n" for label in ("Porites", "Sand", "CCA"))
    options = ExportOptions(values={"datasetID": "1"}, rates=InputFile("rates.csv", f"{RATES}{table}".encode()))
    said = "people's reviews are not in this file: it says what the classifier says"
    reviewed = replace(results, people={(0, 1): PersonsLabel(12, "Sand", "ann", "2026-04-01")})

    assert said not in format_named(name).make(results, options).notes
    assert said in format_named(name).make(reviewed, options).notes


def test_percent_covers_call_labels_by_code_or_by_name_as_coralnets_form_offers_it(results: Results) -> None:
    by_code = rows(percent_covers.make(results, ExportOptions()))
    by_name = rows(percent_covers.make(results, ExportOptions(label_display="name")))
    assert list(by_code[0])[4:] == ["CCA", "Porit", "SHAD", "Sand"]
    assert list(by_name[0])[4:] == ["CCA", "Porites", "Sand", "Shadow"]
    assert [row["Porites"] for row in by_name] == [row["Porit"] for row in by_code]
    with pytest.raises(UsageError, match="labels are not displayed by `id`"):
        ExportOptions(label_display="id")


@pytest.mark.parametrize(("name", "says_so"), [("carbonate", True), ("percent-covers", True), ("cover", False)])
def test_a_format_that_counts_points_below_the_least_confidence_says_so(
    results: Results, name: str, says_so: bool
) -> None:
    table = "".join(f"{label},1,1,1\n" for label in ("Porites", "Sand", "CCA"))
    analysis = replace(results.plan.analysis, cover=CoverOptions(unusable=("SHAD",), min_confidence=0.8))
    strict = replace(results, plan=replace(results.plan, analysis=analysis))
    options = ExportOptions(rates=InputFile("rates.csv", f"{RATES}{table}".encode()))
    said = "every point counts, whatever its score: CoralNet knows no `min_confidence`"

    assert said not in format_named(name).make(results, options).notes
    assert (said in format_named(name).make(strict, options).notes) is says_so


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("matrix", ExportOptions(unreviewed=True), "--unreviewed is for mermaid, and `matrix` would not read it"),
        ("gcrmn", ExportOptions(by=("site",)), "--by is for cover and matrix, and `gcrmn` would not read it"),
        ("cover", ExportOptions(values={"site": "a"}), "--set is for mermaid and gcrmn, and `cover` would not read it"),
    ],
)
def test_an_option_that_a_format_does_not_read_is_refused(name: str, asked: ExportOptions, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_read(name, asked, ExportOptions())
    assert refused.value.message == said
    check_read(name, ExportOptions(), ExportOptions())


def test_the_groups_that_gcrmn_needs_are_named_by_a_path_that_a_survey_can_have(results: Results) -> None:
    bare = replace(results, plan=replace(results.plan, analysis=Analysis()))
    with pytest.raises(UsageError) as refused:
        gcrmn.make(bare, ExportOptions())
    assert refused.value.remedy == (
        "Name a file of such groups, as configs/groups/gcrmn.yaml of the project: --groups FILE (in Python groups=). "
        "For the survey's cover too: Copy configs/groups/gcrmn.yaml of the project beside the survey, say there "
        "`cover: {groups: gcrmn.yaml}`, and apply it again."
    )
    assert (ROOT / "configs" / "groups" / "gcrmn.yaml").exists()
