"""More problems than a screen can show."""

from __future__ import annotations

import csv

from tests.e2e.rehearsal import Desk


def test_all_problems_are_listed_in_a_table_and_the_first_hundred_on_the_screen(desk: Desk) -> None:
    rows = "".join(f"=cmd{number}.jpg,ftp://reef.example/{number}\n" for number in range(150))
    (desk.folder / "images.csv").write_text("name,url\n" + rows, encoding="utf-8")
    _, said = desk.run("plan", desk.survey(source="{manifest: images.csv}"), code=2)
    assert said.count("the url must begin with") == 100
    assert said.splitlines()[100:] == [
        "and 50 more problems",
        "-> Correct the lines named above and run the command again.",
        "all 150 problems are in coralrun-problems.csv",
    ]
    with (desk.folder / "coralrun-problems.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == 150
    assert listed[149] == {
        "file": (desk.folder / "images.csv").as_posix(),
        "line": "151",
        "column": "",
        "problem": "the url must begin with https:// or http://",
    }
