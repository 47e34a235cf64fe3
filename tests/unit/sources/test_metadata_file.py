"""Tables of metadata: what each row says of an image, and what is wrong with one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from coralrun.errors import InvalidInput
from coralrun.sources.manifest import read_manifest
from coralrun.sources.metadata_file import read_metadata

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_metadata("sites.csv", text.encode())
    return str(refused.value)


def test_every_column_but_the_name_is_a_field_and_those_without_a_heading_are_passed_over() -> None:
    table = read_metadata("sites.csv", b",Image Name,Site,Depth (m),Unnamed: 4\n0,a.jpg,North,5,x\n1,b.jpg,,10,y\n")
    assert table.fields == ("Site", "Depth (m)")
    assert table.rows == {"a.jpg": ("North", "5"), "b.jpg": ("", "10")}


def test_every_problem_of_a_table_is_named_with_its_line() -> None:
    assert refusal("Name,site\na.jpg,N\n,S\na.jpg,S\n") == (
        "sites.csv:3: there is no image name\n"
        "sites.csv:4: the name `a.jpg` is already on line 2: each image has one row"
    )


def test_a_table_that_says_nothing_of_its_images_is_refused() -> None:
    assert refusal("Name\na.jpg\n") == (
        "sites.csv: there is no column but that of the names: each other column is a field of metadata"
    )
    assert refusal("site,depth\nN,3\n").startswith(
        "sites.csv:1: there is no column `Name`: the header needs Name; it has "
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
