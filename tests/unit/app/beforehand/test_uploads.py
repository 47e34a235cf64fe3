"""What a plan says of photos before they are uploaded, and which of them it leaves out."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from tests.contract.uploading import photo
from tests.crash.uploading_runs import SENT, SURVEY, Laptop
from tests.unit.sources.test_photo_tells import exif, with_segments

from coralrun.app.beforehand.plan import make_plan
from coralrun.app.beforehand.so_far import SoFar
from coralrun.app.beforehand.uploads import cost_of_saved
from coralrun.app.survey.survey_file import read_survey
from coralrun.coralnet.reading.site import Site
from coralrun.errors import CredentialsError, ServiceError
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.planning.images import Upload
from coralrun.planning.model import Plan
from coralrun.planning.unfit import Unfit
from coralrun.planning.upload_cost import upload_cost
from coralrun.ports import Located
from coralrun.reaching import tells_nobody
from coralrun.sources.photo_tells import without_told

COMPARED = (
    "of names and sizes that source 2 (Private reef) has already, compared when they are due: not sent again if the "
    "bytes are the same, and failed if not"
)
SAME = "in source 2 (Private reef) already, with the same bytes: not sent again"
OTHER = (
    "will fail: names that another photo has in source 2 (Private reef): rename them (of the same size in pixels, with "
    "other bytes)"
)
LOCATED = with_segments(photo(side=60), exif())


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    monkeypatch.chdir(tmp_path)
    return Laptop(tmp_path)


def planned(laptop: Laptop, survey: str = SURVEY) -> Plan:
    (laptop.folder / "survey.yaml").write_text(survey)
    return make_plan(read_survey(laptop.folder / "survey.yaml"), laptop.connect(), tells_nobody).plan


def listed(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {listing.what.removeprefix("folder:photos: "): listing.names for listing in plan.listings}


def test_a_plan_has_where_each_photo_goes_and_the_bytes_that_do(laptop: Laptop) -> None:
    plan = planned(laptop)
    data = (laptop.folder / "photos" / "new 1.jpg").read_bytes()
    (image,) = (image for image in plan.images if image.name == "new 1.jpg")
    assert image.upload == Upload("2", hashlib.sha256(data).hexdigest())
    assert (image.key, image.image_id) == ("new 1.jpg", None)
    assert listed(plan)[COMPARED] == ("taken.jpg", "there.jpg")
    assert plan.warnings[0].startswith("3 photos (")
    assert not any("PUBLIC" in warning for warning in plan.warnings)


def test_a_few_photos_that_are_there_are_compared_and_the_others_once_they_are_due(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read_survey(laptop.folder / "survey.yaml")

    def compared() -> dict[str, tuple[str, ...]]:
        return listed(make_plan(file, laptop.connect(), tells_nobody, compares=True).plan)

    assert compared() == {SAME: ("there.jpg",), OTHER: ("taken.jpg",)}
    monkeypatch.setattr("coralrun.limits.COMPARED_PHOTOS", 1)
    assert compared() == {OTHER: ("taken.jpg",), COMPARED: ("there.jpg",)}
    monkeypatch.setattr("coralrun.limits.COMPARED_BYTES", 100)
    assert compared() == {COMPARED: ("taken.jpg", "there.jpg")}


def test_what_another_run_has_uploaded_is_known_by_its_number_and_not_compared(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop.finish(monkeypatch)
    Path("runs/old").mkdir(parents=True)
    Path("run").rename("runs/old/uploads")
    (laptop.folder / "photos" / "new 1.jpg").write_bytes(SENT["new 1.jpg"] + b"edited")
    assert listed(planned(laptop)) == {
        SAME: ("new 0.jpg", "new 2.jpg", "there.jpg"),
        OTHER: ("new 1.jpg",),
        COMPARED: ("taken.jpg",),
    }
    elsewhere = "service: http://127.0.0.1:1"
    assert SAME not in listed(planned(laptop, SURVEY.replace(elsewhere, f"{elsewhere}0")))


def unfit(plan: Plan) -> dict[str, Unfit]:
    return {image.name: image.unfit for image in plan.images if image.unfit is not None}


def test_a_photo_of_a_name_that_another_has_will_fail(laptop: Laptop) -> None:
    (laptop.folder / "photos" / "taken.jpg").write_bytes(photo(side=32))
    plan = planned(laptop)
    assert listed(plan)["will fail: names that another photo has in source 2 (Private reef): rename them"] == (
        "taken.jpg",
    )
    assert unfit(plan) == {"taken.jpg": Unfit.NAME_TAKEN}
    assert plan.unfit == 1
    assert [image.upload for image in plan.images if image.unfit is not None] == [None]


def test_what_photos_tell_is_counted_and_can_be_taken_out(laptop: Laptop) -> None:
    (laptop.folder / "photos" / "new 0.jpg").write_bytes(LOCATED)
    kept = planned(laptop, SURVEY.replace("coralnet: 2", "coralnet: 1"))
    told = (
        "of the photos to upload 1 with coordinates or a place, 1 with a person's name, "
        "1 with the number of a camera or lens, or maker's notes: "
    )
    assert f"{told}sent as they are (`exif: keep`)" in kept.warnings
    assert any("is PUBLIC" in warning for warning in kept.warnings)
    stripped = planned(laptop, SURVEY.replace("keep", "strip-private"))
    assert f"{told}all that is taken out of what is sent (`exif: strip-private`)" in stripped.warnings
    (image,) = (image for image in stripped.images if image.name == "new 0.jpg")
    assert image.upload is not None
    assert image.upload.sha256 == hashlib.sha256(without_told(LOCATED)).hexdigest() != image.sha256


def test_each_photo_that_will_fail_is_named_once_with_one_reason(laptop: Laptop) -> None:
    for path, content in zip(
        sorted((laptop.folder / "photos").iterdir()),
        (photo(kind="TIFF"), b"", photo(side=400)[:-40], b"a text", photo(kind="PNG")[:20]),
        strict=True,
    ):
        path.write_bytes(content)
    (laptop.folder / "photos" / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    plan = planned(laptop)
    wrong = (Unfit.OTHER_FORMAT, Unfit.EMPTY, Unfit.DAMAGED, Unfit.OTHER_FORMAT, Unfit.NOT_AN_IMAGE, Unfit.DAMAGED)
    assert tuple(unfit(plan).values()) == wrong
    assert sorted(name for names in listed(plan).values() for name in names) == sorted(unfit(plan))
    assert all(what.startswith("will fail: ") for what in listed(plan))


def test_a_photo_that_was_changed_after_its_upload_is_told_of_with_what_to_do(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop.finish(monkeypatch)
    photos = laptop.folder / "photos"
    (photos / "new 0.jpg").write_bytes((photos / "new 0.jpg").read_bytes() + b"edited")
    (photos / "new 1.jpg").write_bytes(photo(side=77))
    (photos / "new 2.jpg").write_bytes(LOCATED)
    plan = planned(laptop)
    changed = (
        "photos that were uploaded, and would go as other bytes now, for they were changed, or `exif` in the survey: "
        "source 2 (Private reef) keeps what it has; to send them anew, rename them, or take the old ones out there"
    )
    assert sorted(listed(plan)[f"will fail: {changed}"]) == ["new 0.jpg", "new 1.jpg", "new 2.jpg"]
    assert set(unfit(plan).values()) == {Unfit.NAME_TAKEN}
    assert not any("will be uploaded" in warning for warning in plan.warnings)
    elsewhere = make_plan(
        read_survey(laptop.folder / "survey.yaml"), laptop.connect(), tells_nobody, {}, SoFar(Path("other"))
    )
    assert changed not in listed(elsewhere.plan)


def test_a_classified_photo_does_not_fail_for_what_would_be_taken_out_of_it(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (laptop.folder / "photos" / "new 0.jpg").write_bytes(LOCATED)
    laptop.finish(monkeypatch)
    plan = planned(laptop, SURVEY.replace("keep", "strip-private"))
    assert plan.warnings[0] == (
        "of the photos that are already in source 2 (Private reef) 1 with coordinates or a place, 1 with a person's "
        "name, 1 with the number of a camera or lens, or maker's notes: they stay there as they were sent, until "
        "somebody takes them out there"
    )
    assert not any("already in" in warning for warning in planned(laptop).warnings), "said when they were sent"
    assert "new 0.jpg" in next(names for what, names in listed(plan).items() if what.startswith("photos that were upl"))
    assert unfit(plan) == {}


def test_photos_that_the_run_has_sent_are_there_without_a_look_at_their_pages(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop.finish(monkeypatch)
    source = laptop.faults.service.site.sources_by_id[2]
    laptop.faults.service.site.remove_photo(source, source.by_name["new 1.jpg"])
    asked: list[int] = []
    page = Site.image

    def counted(site: Site, number: int) -> Located | Unusable | Trouble:
        asked.append(number)
        return page(site, number)

    monkeypatch.setattr(Site, "image", counted)
    plan = planned(laptop)
    said = (
        "taken out of source 2 (Private reef) since they were uploaded: what is known of them stays, and those that "
        "failed go again with --retry-failed alone"
    )
    assert listed(plan)[said] == ("new 1.jpg",)
    assert asked == [source.by_name["taken.jpg"].id]
    assert not any("will be uploaded" in warning for warning in plan.warnings)


def test_an_account_that_may_not_edit_the_source_is_told_before_anything(laptop: Laptop) -> None:
    laptop.faults.end_editing("demo")
    with pytest.raises(CredentialsError, match="may not see the uploads of source 2"):
        planned(laptop)


def test_names_that_cannot_be_asked_for_are_asked_for_again(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coralrun.sources.patience.FIRST_PAUSE_S", 0.001)
    laptop.faults.errors_of += ["images_preview_ajax"] * 2
    assert len(planned(laptop).images) == 5
    laptop.faults.errors_of += ["images_preview_ajax"] * 9
    with pytest.raises(ServiceError, match="asking for names: HTTP 500"):
        planned(laptop)


def test_photos_that_are_left_out_by_filters_are_not_looked_at(laptop: Laptop) -> None:
    (laptop.folder / "photos" / "there.jpg").write_bytes(b"\xff\xd8\xff")
    plan = planned(laptop, SURVEY.replace("exif: keep}", "exif: keep}, filters: {include: ['new*']}"))
    assert [image.name for image in plan.images] == ["new 0.jpg", "new 1.jpg", "new 2.jpg"]
    assert unfit(plan) == {}


def test_how_long_the_uploads_take_is_reckoned_by_those_before(laptop: Laptop) -> None:
    assert "1 s at 4 photos a second, which is the most) will be" in planned(laptop).warnings[0]
    large = laptop.folder / "photos" / "new 0.jpg"
    large.write_bytes(SENT[large.name] + bytes(3_000_000))
    assert "3 s at 1 MB a second, which is assumed: nothing was sent there yet)" in planned(laptop).warnings[0]
    large.write_bytes(SENT[large.name])
    laptop.record.sent(3_000, 10.0)
    assert "7 s at the measured speed of 0.0003 MB a second) will be" in planned(laptop).warnings[0]


def test_a_plan_that_was_saved_reckons_its_uploads_as_the_survey_does(laptop: Laptop) -> None:
    (laptop.folder / "survey.yaml").write_text(SURVEY)
    made = make_plan(read_survey(laptop.folder / "survey.yaml"), laptop.connect(), tells_nobody)
    going = tuple(("2", name) for name in SENT)
    assert made.uploads == upload_cost(3, sum(map(len, SENT.values())), None, 4.0)._replace(going=going)
    assert made.estimate.least_s == made.uploads.takes_s + (made.estimate.classify_s or 0.0)
    stored = dict.fromkeys(("2/there.jpg", "2/taken.jpg"), StoredPhoto("7", "0" * 64, ours=True))
    assert cost_of_saved(made.plan, laptop.connect(), stored, tells_nobody) == made.uploads


def test_a_photo_of_a_size_that_was_refused_before_will_fail(laptop: Laptop) -> None:
    laptop.record.refused(len(photo(side=400)))
    (laptop.folder / "photos" / "new 0.jpg").write_bytes(photo(side=400))
    (fails,) = (what for what, names in listed(planned(laptop)).items() if names == ("new 0.jpg",))
    assert re.fullmatch("will fail: files of 0.0 MB or more, which the service's web server refused on .*", fails)
