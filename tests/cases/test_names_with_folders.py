"""Names with folders before them or without their ending, in each place where names meet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Case = Callable[[str], Path]
Coralrun = Callable[..., Result]

SURVEY = """version: 1
name: folders
service: emulator
classifier: {source: 1}
sources: [{manifest: images.csv}]
sampling:
  points: {from: POINTS}
"""
MANIFEST = "name,url,width,height\n"
CPC = '"codes.txt","{}",600,450,1,1\n0,450\n600,450\n600,0\n0,0\n1\n150,{}\n"1","Porites","Notes",""\n'


def test_points_whose_names_have_folders_are_told_of_the_photos(case: Case, coralrun: Coralrun) -> None:
    result = coralrun("plan", case("names-with-folders") / "survey.yaml")
    file = "survey.yaml"
    assert result.exit_code == 2
    assert [line.partition(file)[2] for line in result.output.splitlines() if file in line] == [
        ": no image is left to plan: manifest:images.csv has 4 images, points removes 4",
        r": 2 of the names that were given are in no source: `D:\photos\site1\a.jpg`, `D:\photos\site1\b.jpg`",
        r": points.csv: `D:\photos\site1\a.jpg` is not there, but `a.jpg` is: names are matched with their folders",
        r": points.csv: `D:\photos\site1\b.jpg` is not there, but `b.jpg` is: names are matched with their folders",
    ]


def test_metadata_whose_names_lack_the_ending_are_told_of_the_photos(case: Case, coralrun: Coralrun) -> None:
    result = coralrun("plan", case("names-with-folders") / "survey-metadata.yaml")
    assert result.exit_code == 0
    lines = [line.strip() for line in result.output.splitlines()]
    assert "names in sites.csv that are no image of the sources: 2 (a, b)" in lines
    assert "images without a row in sites.csv: 4 (a.jpg, b.jpg, c.jpg, d.jpg)" in lines
    assert [line for line in lines if line.startswith("warning")] == [
        "warning: sites.csv: `a` is not there, but `a.jpg` is: names are matched with their endings",
        "warning: sites.csv: `b` is not there, but `b.jpg` is: names are matched with their endings",
    ]


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "survey.yaml"


def images(*names: str) -> str:
    return MANIFEST + "".join(f"{name},https://example.org/{number}.jpg,40,30\n" for number, name in enumerate(names))


@pytest.mark.parametrize(
    ("points", "paths"),
    [
        ("cpce", {"cpce/1.cpc": r"D:\p\north\IMG_0001.jpg", "cpce/2.cpc": r"D:\p\south\IMG_0001.jpg"}),
        ("cpce/*/*.cpc", {"cpce/north/IMG_0001.cpc": r"D:\work\IMG_0001.jpg",
                          "cpce/south/IMG_0001.cpc": r"D:\work\IMG_0001.jpg"}),
    ],
)  # fmt: skip
def test_cpce_files_that_name_one_photo_are_told_apart_by_folders(
    tmp_path: Path, coralrun: Coralrun, points: str, paths: dict[str, str]
) -> None:
    survey = written(
        tmp_path,
        {
            "survey.yaml": SURVEY.replace("POINTS", f'"{points}"'),
            "images.csv": images("north/IMG_0001.jpg", "south/IMG_0001.jpg"),
            **{file: CPC.format(path, 150 * (number + 1)) for number, (file, path) in enumerate(paths.items())},
        },
    )
    assert "  points      2 (1 an image)" in coralrun("plan", survey).output
    out = tmp_path / "points"
    assert coralrun("points", survey, "--out", out).exit_code == 0
    assert (out / "points.csv").read_text().splitlines()[1:] == [
        "manifest:images.csv,north/IMG_0001.jpg,1,10,10",
        "manifest:images.csv,south/IMG_0001.jpg,1,20,10",
    ]


def test_cpce_files_of_two_folders_are_refused_where_one_photo_could_be_either(
    tmp_path: Path, coralrun: Coralrun
) -> None:
    survey = written(
        tmp_path,
        {
            "survey.yaml": SURVEY.replace("POINTS", "cpce"),
            "images.csv": images("IMG_0001.jpg"),
            "cpce/1.cpc": CPC.format(r"D:\p\north\IMG_0001.jpg", 15),
            "cpce/2.cpc": CPC.format(r"D:\p\south\IMG_0001.jpg", 15),
        },
    )
    result = coralrun("plan", survey)
    assert result.exit_code == 2
    assert (
        "cpce/2.cpc: `IMG_0001.jpg` has points in cpce/1.cpc too: give each image one file "
        r"(they name it `D:\p\north\IMG_0001.jpg` and `D:\p\south\IMG_0001.jpg`)"
    ) in result.output


def test_tables_that_know_no_folders_are_of_the_photos_that_alone_are_called_so(
    tmp_path: Path, coralrun: Coralrun
) -> None:
    read_as = "metadata: {from: export.csv}\ndesign: {unit: reef}\n"
    survey = written(
        tmp_path,
        {
            "survey.yaml": SURVEY.replace("POINTS", "export.csv") + read_as,
            "images.csv": images("north/IMG_1.jpg", "south/IMG_2.jpg"),
            "export.csv": "Name,Row,Column,Reef\nIMG_1.jpg,3,4,A\nIMG_2.jpg,5,6,B\nIMG_2.jpg,7,8,B\n",
        },
    )
    output = coralrun("plan", survey, "--offline").output
    assert "  points      3\n" in output
    assert "is not known" not in output
    assert output.count("2 names were matched to the only image that is called so in a folder: ") == 2
    assert "`IMG_1.jpg` for `north/IMG_1.jpg`" in " ".join(output.split())


def test_a_folder_that_holds_only_folders_says_so(tmp_path: Path, coralrun: Coralrun) -> None:
    survey = written(
        tmp_path,
        {
            "survey.yaml": SURVEY.replace("POINTS", "cpce"),
            "images.csv": images("a.jpg"),
            "cpce/north/1.cpc": CPC.format("a.jpg", 15),
        },
    )
    result = coralrun("plan", survey)
    assert result.exit_code == 2
    assert (
        "cpce: the folder has only folders in it (north): name the files in them by a pattern, such as `cpce/**/*.cpc`"
    ) in result.output
