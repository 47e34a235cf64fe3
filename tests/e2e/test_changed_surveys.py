"""The life of a survey, from a try-out to another classifier: the difference alone is sent, through any kill.

Requests are counted for each user of a computer, and every process is another's here: the story is not about windows
of requests, and would wait for them most of its time. `make test` kills it thrice, `make soak-crash` in each chapter.
"""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image
from tests.e2e.rehearsal import Desk, end, until

from coralrun.errors import EXIT_SOME_IMAGES_FAILED

ALL = os.environ.get("CORALRUN_CRASH") == "all"
SIZE = (60, 40)
POINTS = "{from: points.csv}"
TABLES = ("predictions.csv", "failures.csv", "cover.csv", "cover_images.csv")


class Lab:
    """A laboratory with a table of photos on a web host, a table of points, and one run."""

    def __init__(self, desk: Desk, host: tuple[Path, str]) -> None:
        self.desk = desk
        self.host, self.address = host
        self.photos = [f"p{number:02d}.png" for number in range(60)]
        self.columns: dict[str, int] = {}
        self.classifier = "{id: 11}"
        self.homes = 0
        desk.reef.order(requests_per_minute=100_000)

    def add(self, *names: str, away: bool = False) -> None:
        """Photos come in, or are announced while their host is away."""
        self.photos += [name for name in names if name not in self.photos]
        if not away:
            for name in names:
                Image.new("RGB", SIZE, (90, 80, 120)).save(self.host / name)

    def survey(self, directory: str = "run") -> Path:
        """Write the tables and the survey as they are now."""
        self._write("photos.csv", ("name", "url", "width", "height"), [
            (name, f"{self.address}/{name}", *SIZE) for name in self.photos
        ])  # fmt: skip
        self._write("points.csv", ("name", "row", "column"), [
            (name, row, self.columns.get(name, 3)) for name in self.photos for row in (5, 9)
        ])  # fmt: skip
        path = self.desk.survey(source="{manifest: photos.csv}", points=POINTS, batch_size=40, directory=directory)
        text = path.read_text(encoding="utf-8").replace("{source: 1, pick: newest}", self.classifier)
        path.write_text(text, encoding="utf-8")
        return path

    def _write(self, name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        with (self.desk.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def apply(self, *options: str, code: int = 0, killed: bool = ALL) -> int:
        """Carry the survey out, killed once as soon as anything is sent, or not; how many images were in jobs since."""
        before, survey = len(self._sent()), self.survey()
        if killed:
            self._kill(survey, *options)
            options = ()  # what is planned is gone on with
        self._at_home().run("apply", survey, *options, "--yes", code=code)
        return sum(self._sent()[before:])

    def _kill(self, survey: Path, *options: str) -> None:
        """Carry the survey out until something is sent, and no further."""
        process = self._at_home().start("apply", survey, "--yes", *options)
        intended = self._count("intent")
        until(lambda: process.poll() is not None or self._count("intent") > intended)
        if process.poll() is None:
            end(process, signal.SIGKILL)
        else:
            process.communicate()

    def _at_home(self) -> Desk:
        """The desk of somebody who has asked the service for nothing yet."""
        self.homes += 1
        home = self.desk.folder / f"home{self.homes}"
        home.mkdir()
        return replace(self.desk, extra={"HOME": str(home)})

    def _count(self, kind: str) -> int:
        return sum(fact["t"] == kind for fact in self.desk.facts())

    def _sent(self) -> list[int]:
        """How many images each job of the run had, as far as the service took it."""
        facts = self.desk.facts()
        size = {fact["batch"]: sum(last - first + 1 for first, last in fact["unit_runs"])
                for fact in facts if fact["t"] == "batched"}  # fmt: skip
        return [size[fact["batch"]] for fact in facts if fact["t"] == "submitted"]


def test_a_survey_that_lives_sends_what_differs_once_and_ends_as_a_fresh_one(
    desk: Desk, photo_host: tuple[Path, str]
) -> None:
    lab = Lab(desk, photo_host)
    lab.add(*lab.photos)
    assert lab.apply("--limit", "5", killed=True) == 60  # killed, and gone on with without the limit
    lab.add(*(f"new{number}.png" for number in range(10)))
    assert lab.apply() == 10
    lab.columns = dict.fromkeys(("p03.png", "p33.png", "new7.png"), 17)
    assert lab.apply(killed=True) == 3
    lab.photos.remove("p10.png")
    lab.photos.remove("p11.png")
    assert lab.apply() == 0
    lab.photos.insert(0, "p10.png")
    assert lab.apply() == 0
    away = [f"away{number}.png" for number in range(4)]
    lab.add(*away, away=True)
    assert lab.apply(code=EXIT_SOME_IMAGES_FAILED) == 4
    lab.add(*away)
    assert lab.apply(code=EXIT_SOME_IMAGES_FAILED) == 0  # nobody asked for them to be tried again
    assert lab.apply("--retry-failed") == 4
    lab.classifier = "{source: 1, pick: newest}"
    assert lab.apply(killed=True) == len(lab.photos) == 73
    assert desk.reef.order()["jobs_created"] == len(lab._sent())
    lab._at_home().run("apply", lab.survey("fresh"), "--yes")
    assert [desk.table(name) for name in TABLES] == [desk.table(name, "fresh") for name in TABLES]
    desk.run("verify", "run")
