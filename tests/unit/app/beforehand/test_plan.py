"""What planning asks of a service for the sake of the answer."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from msgspec.structs import replace as replace_image
from tests.unit.plans import PLAN

from coralrun.app.beforehand.plan import _left_out_by, _of_an_earlier, _tried_out, make_plan
from coralrun.app.survey.found import EarlierRun
from coralrun.app.survey.survey_file import read_survey
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Listing, Trained
from coralrun.reaching import tells_nobody
from coralrun.services import connect

SURVEY = """\
version: 1
name: reef
service: emulator
classifier: {source: 1}
sources: [{coralnet: 1, filters: {include: ["*_t1_q01_*"]}}]
sampling: {points: {method: simple random, points: 10}}
cover: {groups: groups.csv}
"""


def test_label_groups_for_other_labels_are_warned_of_by_a_plan(tmp_path: Path) -> None:
    (tmp_path / "reef.yaml").write_text(SURVEY)
    (tmp_path / "groups.csv").write_text("code,group\nGadus,Fish\n")
    with closing(connect("emulator", {})) as connection:
        planned = make_plan(read_survey(tmp_path / "reef.yaml"), connection, tells_nobody)
    said = [warning for warning in planned.plan.warnings if "label groups" in warning]
    assert len(said) == 1
    assert "list none of the 8 labels of the classifier (" in said[0]


def test_runs_compare_where_it_is_told_which_classifier_labelled_them(tmp_path: Path) -> None:
    (tmp_path / "reef.yaml").write_text(SURVEY.replace("source: 1", "same_as: old").partition("cover")[0])
    known = EarlierRun("", frozenset(), Classifier(id="9"), PLAN.about)
    untold = replace(known, about=replace(PLAN.about, untold="It may have been another."))
    file = read_survey(tmp_path / "reef.yaml", skip_missing=True)
    said = [list(_of_an_earlier(replace(file, runs={"old": run}))) for run in (known, untold)]
    assert said == [
        ["classifier 9 is that of old: the two can be compared"],
        ["classifier 9 is that of old: nobody knows whether the two can be compared. It may have been another."],
    ]


def test_photos_that_trained_a_classifier_are_left_out_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for model in ("reef", "reef2"):
        (tmp_path / model).mkdir()
        (tmp_path / model / "photos.sha256").write_text("")
    (tmp_path / "reef.yaml").write_text(
        "version: 1\nname: reef\nservice: local\nclassifier: {folder: reef2}\n"
        "sources: [{folder: photos, filters: {not_trained_on: reef}}]\n"
        "sampling: {points: {method: simple random, points: 10}}\n"
    )
    survey = read_survey(tmp_path / "reef.yaml").survey
    image = PlannedImage(key="a", source="folder:photos", name="a", points=1, sha256="ab" * 32)
    trained = Trained(sites=(), examples={}, photos=("ab" * 32,))
    other = replace_image(image, key="b", sha256="cd" * 32)
    plan = replace(PLAN, images=(image, other), classifier=Classifier(id="reef2", trained=trained))
    assert list(_left_out_by(survey, plan)) == [
        "folder:photos: `filters: {not_trained_on: reef2}` would leave these photos out; it names reef now"
    ]
    (said,) = _left_out_by(survey, replace(plan, images=(image,)))
    assert said.startswith("folder:photos: each of its photos here trained reef2, so `not_trained_on` leaves none")
    assert list(_left_out_by(survey, replace(plan, images=(replace_image(image, sha256="cd" * 32),)))) == []


def test_a_plan_of_the_first_images_says_nothing_of_those_left_for_later() -> None:
    images = tuple(PlannedImage(key=name, source="s", name=name, points=1) for name in ("a", "b", "c"))
    listings = (Listing("will fail", ("a", "c")), Listing("alike", ("b", "c")), Listing("too far", ("c",)))
    told = Listing("told", ("a = b", "b = c (with U+00A0 no-break space)", "a: site is A", "c: site is C", "c (0000)"))
    plan = replace(PLAN, images=images, listings=(*listings, told, Listing("no photos", ("notes.txt",))))
    tried = _tried_out(plan, 2)
    assert [listing.names for listing in tried.listings] == [
        ("a",), ("b",), ("a = b", "a: site is A"), ("notes.txt",),
    ]  # fmt: skip
    assert _tried_out(plan, 3) == plan
