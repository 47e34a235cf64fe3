"""Tables of metadata: what each row says of an image, and what is wrong with one."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from tests.unit.sources.workbooks import sheets

from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import InvalidInput
from coralrun.planning.compile import compile_plan
from coralrun.planning.images import FoundImage
from coralrun.planning.model import Classifier
from coralrun.sources.manifest import read_manifest
from coralrun.sources.metadata_file import read_metadata
from coralrun.spec.model import Asked, ClassifierChoice, CoralNetSource, Filters, ImageSampling, Range, Reading, Survey
from coralrun.spec.point_design import Method, PointDesign
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_metadata("sites.csv", text.encode())
    return str(refused.value)


def test_every_column_but_the_name_is_a_field_where_it_has_a_heading() -> None:
    table = read_metadata("sites.csv", b",Image Name,Site,Depth (m),Unnamed: 4\n0,a.jpg,North,5,x\n1,b.jpg,,10,y\n")
    assert table.fields == ("Site", "Depth (m)")
    assert table.rows == {"a.jpg": ("North", "5"), "b.jpg": ("", "10")}


def test_a_table_with_its_own_heading_and_encoding_is_read_as_said() -> None:
    reading = Reading(encoding="windows-1252", columns={"name": "Foto"})
    table = read_metadata("sites.csv", "Foto;Fundort;Name\na.jpg;Größe;x\n".encode("cp1252"), reading)
    assert (table.fields, table.rows) == (("Fundort", "Name"), {"a.jpg": ("Größe", "x")})
    with pytest.raises(InvalidInput) as refused:
        read_metadata("sites.csv", "Name,Fundort\na.jpg,Größe\n".encode("cp1252"))
    assert str(refused.value) == (
        "sites.csv:2: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        "it looks like windows-1252, which `encoding: windows-1252` beside the table's path in the survey reads"
    )


POINTS = """Name,Row,Column,site,date,Label
a.jpg,1,2,North,2024-06-12,Sand
a.jpg,3,4,North,2024-06-12,CCA
b.jpg,5,6,South,,Sand
b.jpg,7,8,South,,Sand
"""


def test_a_table_of_points_says_of_its_images_what_all_rows_of_each_agree_in() -> None:
    said: list[str] = []
    table = read_metadata("annotations.csv", POINTS.encode(), None, said.append)
    assert (table.fields, table.rows) == (
        ("site", "date"),
        {"a.jpg": ("North", "2024-06-12"), "b.jpg": ("South", "")},
    )
    assert said == [
        "annotations.csv: it has several rows an image; what differs within an image is left out: "
        "`Row`, `Column`, `Label`"
    ]


def test_a_slip_in_a_table_of_points_is_shown_with_its_lines() -> None:
    rows = [[f"{n}.jpg", "North", label] for n in range(20) for label in ("Sand", "CCA")]
    rows[7][1] = "Nort"
    said: list[str] = []
    text = "\n".join(",".join(row) for row in [["Name", "site", "Label"], *rows])
    with pytest.raises(InvalidInput, match="no column says the same in all rows of an image"):
        read_metadata("p.csv", text.encode())
    with_depth = "\n".join(f"{line},{'4' if n else 'depth'}" for n, line in enumerate(text.splitlines()))
    table = read_metadata("p.csv", with_depth.encode(), None, said.append)
    assert table.fields == ("depth",)
    assert said == [
        "p.csv: it has several rows an image; what differs within an image is left out: `site`, `Label`; "
        "`site` differs in 1 of 20 images alone: see `3.jpg` on lines 8 and 9"
    ]


def test_a_table_of_points_that_says_nothing_of_its_images_is_one_problem() -> None:
    for text in (
        "Name,Row,Column\na.jpg,1,2\na.jpg,3,4\nb.jpg,1,1\n",
        "Name,Label\n" + "a.jpg,x\nb.jpg,x\na.jpg,y\nb.jpg,z\n" * 500,
    ):
        assert refusal(text) == (
            "sites.csv: the table has several rows an image, as one of points has, and no column says the same in all "
            "rows of an image: bring one with one row an image"
        )


def test_a_row_that_stands_twice_and_says_the_same_is_no_problem() -> None:
    assert read_metadata("s.csv", b"Name,site\na.jpg,N\nb.jpg,S\na.jpg,N\n").rows == {"a.jpg": ("N",), "b.jpg": ("S",)}


EXPORT = SHARED / "source-2091" / "coralnet_source_2091_annotations.csv"


@pytest.mark.skipif(not EXPORT.is_file(), reason="the shared export of annotations is not here")
def test_a_real_export_of_annotations_serves_as_metadata() -> None:
    said: list[str] = []
    table = read_metadata("export.csv", EXPORT.read_bytes(), None, said.append)
    assert len(table.rows) == 400
    assert {"Latitude", "Depth", "in2002"} < set(table.fields)
    assert not {"Row", "Column", "Label"} & set(table.fields)
    assert said == [
        "export.csv: it has several rows an image; what differs within an image is left out: "
        "`Row`, `Column`, `Label`, `Date annotated`"
    ]


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("sites.csv", b"name , site,depth\na.jpg , North,5\nb.jpg,North\xc2\xa0,6\n , ,\n"),
        ("sites.tsv", b"name\t site\tdepth\na.jpg \t North \t5\nb.jpg\t North\t6\n"),
        (
            "sites.xlsx",
            sheets(A=[["name ", "site", "depth"], ["a.jpg ", "North ", 5], ["b.jpg", " North", 6]]),
        ),
        (
            "sites.jsonl",
            b'{"name": "a.jpg ", "site": "North ", "depth": 5}\n{"name": "b.jpg", "site": " North", "depth": 6}',
        ),
    ],
)
def test_blanks_around_values_are_left_out_and_said_of_fields_alone(label: str, data: bytes) -> None:
    said: list[str] = []
    table = read_metadata(label, data, warn=said.append)
    assert table.fields == ("site", "depth")
    assert table.rows == {"a.jpg": ("North", "5"), "b.jpg": ("North", "6")}
    assert said == [f"{label}: blanks around values were left out, in so many rows: `site` (2)"]


def test_blanks_around_the_values_of_a_manifest_are_said_too() -> None:
    said: list[str] = []
    data = b"name,url,zone,site\na.jpg,https://x.org/a,fore , North\nb.jpg, https://x.org/b,back, North\n"
    assert read_manifest("images.csv", data, warn=said.append).images[1].metadata == ("back", "North")
    assert said == ["images.csv: blanks around values were left out, in so many rows: `zone` (1), `site` (2)"]


def test_every_problem_of_a_table_is_named_with_its_line() -> None:
    assert refusal("Name,site\na.jpg,N\n,S\na.jpg,S\n") == (
        "sites.csv:3: there is no image name\n"
        "sites.csv:4: the name `a.jpg` is already on line 2: each image has one row"
    )


def test_the_last_row_of_coralnets_percent_covers_is_no_image() -> None:
    table = read_metadata("covers.csv", b"Image ID,Image name,Sand\n1,a.jpg,3.000\nALL IMAGES,,3.000\n")
    assert table.rows == {"a.jpg": ("1", "3.000")}


def test_a_table_that_says_nothing_of_its_images_is_refused() -> None:
    assert refusal("Name\na.jpg\n") == (
        "sites.csv: there is no column but that of the names: each other column is a field of metadata"
    )
    assert refusal("site,depth\nN,3\n") == (
        "sites.csv:1: there is no column `Name`: the header needs Name; it has site, depth; a column of another name "
        "is named in the survey: `columns: {name: ...}`"
    )


def test_a_field_that_stands_twice_is_refused_whatever_its_case() -> None:
    said = "sites.csv: the header has `SITE` twice: keep one of the two columns, or rename one"
    assert refusal("Name,site,SITE\na.jpg,N,S\n") == said


def test_the_further_columns_of_a_manifest_are_metadata_of_its_images() -> None:
    data = b",name,url,width,height,site,depth\n0,a.jpg,https://reef.example/a.jpg,40,30,North,5\n"
    (image,) = read_manifest("images.csv", data).images
    assert (image.fields, image.metadata) == (("site", "depth"), ("North", "5"))


def test_the_real_metadata_of_15695_images_are_read() -> None:
    path = SHARED / "intermareal-15k" / "metadata.csv.gz"
    if not path.exists():
        pytest.skip("the real data beside the project are not there")
    table = read_metadata("metadata.csv", gzip.decompress(path.read_bytes()))
    assert len(table.rows) == 15_695
    assert table.fields[:6] == ("Date", "country", "state", "locality", "site", "strata")
    assert table.rows["AMP10059.jpg"][4] == "Bertness et al.2006"


def test_fifteen_thousand_real_names_are_chosen_and_sampled_by_site() -> None:
    path = SHARED / "intermareal-15k" / "metadata.csv.gz"
    if not path.exists():
        pytest.skip("the real data beside the project are not there")
    table = read_metadata("metadata.csv", gzip.decompress(path.read_bytes()))
    where: dict[str, Asked] = {
        "State": ("CHUBUT", "SANTA CRUZ"),
        "date": Range(first="2023-03-01"),
        "latitude": Range(most=-40.0),
    }
    source = CoralNetSource(source=1, filters=Filters(where=where))
    found = [FoundImage(name=name, image_id=number) for number, name in enumerate(table.rows, start=1)]
    survey = Survey(
        wording=Wording("survey.yaml"),
        name="s",
        service="emulator",
        classifier=ClassifierChoice(id="1"),
        sources=(source,),
        images=ImageSampling(count=20, by="site", seed=7),
        points=PointDesign(method=Method.UNIFORM_GRID, cell_rows=10, cell_columns=10),
        run=RunOptions(),
        outputs=Outputs(directory="out"),
    )
    plan = compile_plan(survey, [(source, found)], Classifier(id="1"), "", {}, None, table, allowed=LIMITS)
    assert [(step.step, step.left) for step in plan.funnel] == [
        ("found", 15_695),
        ("where State", 13_565),
        ("where date", 13_149),
        ("where latitude", 13_014),
        ("sampling.images", 620),
    ]
    site = plan.fields.index("site")
    assert set(Counter(image.metadata[site] for image in plan.images).values()) == {20}
    assert sum(1 / image.inclusion for image in plan.images) == pytest.approx(13_014)
    assert [(listing.what, len(listing.names)) for listing in plan.listings] == [
        ("coralnet:1: images left out because their `latitude` is not known", 135),
    ]
