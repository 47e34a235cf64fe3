"""One photo with its points: the right photo, the right points, and a plain word where something is missing."""

from __future__ import annotations

import io
from dataclasses import replace as dataclass_replace
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from tests.unit.results.finished_runs import Photo, finished_run, sure

from coralrun.app.answers import show
from coralrun.app.run.run_directory import OpenRun
from coralrun.errors import CoralrunError, CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.unfit import Unfit


@pytest.fixture
def run(tmp_path: Path) -> OpenRun:
    photos = [
        Photo("quadrat_01.jpg", sure(["Coral", "Coral", "Sand"])),
        Photo("quadrat_02.jpg", None),
        Photo("twice.jpg", sure(["Sand"])),
        Photo("twice.jpg", sure(["Sand"]), source="coralnet:3"),
    ]
    return finished_run(tmp_path / "reef", photos)


def photo() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (100, 50), (90, 90, 90)).save(stream, "PNG")
    return stream.getvalue()


def test_an_image_is_found_by_its_name_or_its_key(run: OpenRun) -> None:
    assert show.find(run.plan, "quadrat_02.jpg") == 1
    assert show.find(run.plan, "coralnet:3/4") == 3


def test_an_image_is_found_in_another_case_and_named_where_folders_differ(run: OpenRun) -> None:
    assert show.find(run.plan, "QUADRAT_02.JPG") == 1
    with pytest.raises(UsageError, match="no image of this run") as error:
        show.find(run.plan, "site1/quadrat_02")
    assert error.value.remedy == (
        "`site1/quadrat_02` is not there, but `quadrat_02.jpg` is: names are matched with their folders and endings. "
        "Names are in outputs/predictions.csv."
    )


def test_a_name_that_two_sources_have_asks_for_a_key(run: OpenRun) -> None:
    with pytest.raises(UsageError, match="2 images have this name") as error:
        show.find(run.plan, "twice.jpg")
    assert error.value.remedy == "Give the key of one: coralnet:2/3, coralnet:3/4."


def test_a_mistyped_name_gets_a_suggestion(run: OpenRun) -> None:
    with pytest.raises(UsageError, match="no image of this run") as error:
        show.find(run.plan, "quadrat_1.jpg")
    assert "Did you mean quadrat_01.jpg?" in error.value.remedy


def test_a_photo_shows_its_points_with_their_labels(run: OpenRun) -> None:
    drawn = show.draw(run, 0, lambda image: photo(), ".png")
    assert drawn.labels == (("Coral (The label Coral)", 2), ("Sand (The label Sand)", 1))
    assert (drawn.points, drawn.note) == (3, "")
    picture = Image.open(io.BytesIO(drawn.data))
    assert picture.format == "PNG"
    scale = picture.width / 100
    colours = [picture.getpixel((round((column + 0.5) * scale), round(7.5 * scale))) for column in range(3)]
    assert colours[0] == colours[1] != colours[2]


def test_an_image_without_predictions_shows_its_points_and_says_why(run: OpenRun) -> None:
    drawn = show.draw(run, 1, lambda image: photo(), ".jpg")
    assert drawn.labels == ()
    assert drawn.points == 1
    assert drawn.note.startswith("no predictions: ")
    assert Image.open(io.BytesIO(drawn.data)).format == "JPEG"


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (Unusable(Reason.NOT_FOUND), UsageError, "the image is not there"),
        (Unusable(Reason.DENIED), CredentialsError, "the account may not see the image"),
        (Trouble(TroubleKind.UNREACHABLE, "could not connect"), ServiceError, "could not connect"),
        (Trouble(TroubleKind.CREDENTIALS, "log in"), CredentialsError, "log in"),
        (b"no image", UsageError, "it is not an image"),
        (b"", UsageError, "there is nothing in its file"),
        (photo()[:90], UsageError, "it is damaged or cut off"),
    ],
)
def test_a_photo_that_cannot_be_had_is_an_error_of_its_kind_that_names_it(
    run: OpenRun, answer: bytes | Unusable | Trouble, kind: type[CoralrunError], why: str
) -> None:
    with pytest.raises(kind, match=f"quadrat_01.jpg: {why}"):
        show.draw(run, 0, lambda image: answer, ".jpg")


def test_a_photo_of_which_the_plan_knew_that_it_is_empty_is_called_so(run: OpenRun) -> None:
    images = [replace(image, unfit=Unfit.EMPTY) for image in run.plan.images]
    run = dataclass_replace(run, plan=dataclass_replace(run.plan, images=tuple(images)))
    with pytest.raises(UsageError, match=r"quadrat_01\.jpg: there is nothing in the photo's file: copy it anew"):
        show.draw(run, 0, lambda image: Unusable(Reason.NOT_AN_IMAGE), ".jpg")


@pytest.mark.parametrize("name", ["picture.gif", "picture", "nowhere/picture.png"])
def test_a_picture_goes_to_a_jpeg_or_png_in_a_folder_that_is_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        show.check_out(tmp_path / name)
