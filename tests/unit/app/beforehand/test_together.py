"""Surveys that are planned together, where one uploads photos to a source that another reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.crash.uploading_runs import SURVEY, Laptop

from coralrun.app.beforehand.plan import make_plan
from coralrun.app.beforehand.together import Together
from coralrun.app.survey.survey_file import read_survey
from coralrun.reaching import tells_nobody

FOLDER = "folder: photos/, upload_to: {coralnet: 2, exif: keep}"


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    monkeypatch.chdir(tmp_path)
    return Laptop(tmp_path)


def told(laptop: Laptop, source: str, sampling: str = "") -> list[str]:
    """What the plan of a survey of a source foretells beside the one that uploads."""
    reader, uploader = Path("reader.yaml"), Path("survey.yaml")
    reader.write_text(SURVEY.replace(FOLDER, source).replace("sampling: {", f"sampling: {{{sampling}"))
    together = Together.of([reader, uploader])
    together.note(uploader, make_plan(read_survey(uploader), laptop.connect(), tells_nobody))
    return list(together.coming(reader))


def test_photos_that_another_survey_uploads_first_are_foretold_by_their_names(laptop: Laptop) -> None:
    again = "not in this plan: plan again after `coralrun apply survey.yaml`"
    assert told(laptop, "coralnet: 2") == [
        f"coralnet:2: 3 photos that survey.yaml uploads there first come too and are {again}"
    ]
    some = "coralnet: 2, filters: {include: ['new *'], exclude: ['*0*', '*2*']}"
    assert told(laptop, some) == [f"coralnet:2: 1 photo that survey.yaml uploads there first comes too and is {again}"]
    assert told(laptop, "coralnet: 2, filters: {include: [there*]}") == []
    assert told(laptop, "coralnet: 1") == []


def test_who_uploads_has_its_turn_before_who_reads(laptop: Laptop) -> None:
    told(laptop, "coralnet: 2")
    paths = [Path("reader.yaml"), Path("survey.yaml")]
    assert Together.of(paths).in_order(paths) == paths[::-1]


def test_what_is_known_once_the_photos_are_there_is_named(laptop: Laptop) -> None:
    keys = "search: {image_name: new}, filters: {limit: 2}"
    (line,) = told(laptop, f"coralnet: 2, {keys}", "images: {count: 2}, ")
    assert "come too, as far as `search`, `limit` and `sampling.images` will take them, and are not in" in line


def test_a_plan_that_failed_leaves_it_open_how_many_photos_come(laptop: Laptop) -> None:
    Path("reader.yaml").write_text(SURVEY.replace(FOLDER, "coralnet: 2"))
    assert list(Together.of([Path("reader.yaml"), Path("survey.yaml")]).coming(Path("reader.yaml"))) == [
        "coralnet:2: survey.yaml uploads photos there, how many is not known yet: plan again after "
        "`coralrun apply survey.yaml`"
    ]


def test_surveys_that_wait_for_each_other_or_for_another_service_keep_their_order(laptop: Laptop) -> None:
    both = SURVEY.replace("}}]", "}}, {coralnet: 2}]")
    away = SURVEY.replace(FOLDER, "coralnet: 2").replace("127.0.0.1:1", "127.0.0.1:2")
    paths = [Path(name) for name in ("away.yaml", "broken.yaml", "one.yaml", "other.yaml")]
    for path, text in zip(paths, (away, "no: survey", both, both), strict=True):
        path.write_text(text)
    together = Together.of(paths)
    assert together.in_order(paths) == paths
    assert list(together.coming(paths[0])) == []
