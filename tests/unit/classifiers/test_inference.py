"""A photo and its points through a classifier: the scores, and the photos that have none."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from tests import tiny_classifier

from coralrun.classifiers.folder import LocalClassifier, classifier_of
from coralrun.classifiers.inference import CROPS_AT_ONCE, Features, Inference, scored_points, vector_length
from coralrun.classifiers.photo import BadPhoto, PhotoFault
from coralrun.errors import UsageError
from coralrun.planning.images import Point

DAMAGED = Path(__file__).resolve().parents[4] / "shared" / "data" / "damaged"


@pytest.fixture(scope="module")
def classifier() -> LocalClassifier:
    return classifier_of(*tiny_classifier.files(), "colours")


@pytest.fixture(scope="module")
def inference(classifier: LocalClassifier) -> Inference:
    return Inference(classifier, tiny_classifier.onnx())


def photo(form: str = "PNG", mode: str = "RGB", exif: Image.Exif | None = None) -> bytes:
    """Red on the left, blue on the right, 120 wide and 80 high."""
    image = Image.new("RGB", (120, 80), "#ff0000")
    image.paste("#0000ff", (60, 0, 120, 80))
    stream = io.BytesIO()
    image.convert(mode).save(stream, form, **({"exif": exif} if exif else {}))
    return stream.getvalue()


LEFT, RIGHT = Point(40, 20), Point(79, 119)


def test_every_label_has_a_score_in_ten_thousandths(inference: Inference) -> None:
    scores = inference.scores(photo(), [LEFT, RIGHT])
    assert scores.dtype == np.uint16
    assert scores.argmax(axis=1).tolist() == [0, 2]
    assert np.abs(scores.sum(axis=1, dtype=int) - 10_000).max() <= 2


@pytest.mark.parametrize("place", ["means.bin", "../means.bin", "/etc/passwd"])
def test_an_extractor_that_keeps_its_numbers_in_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    for folder in (tmp_path, tmp_path / "folder"):
        (folder / "means.bin").write_bytes(bytes(36))
    monkeypatch.chdir(tmp_path / "folder")
    with pytest.raises(UsageError, match=r"in other files \(external data\), and no path in it is followed"):
        vector_length(tiny_classifier.onnx(beside=place), tiny_classifier.CROP_PX)


def test_points_come_back_in_order_however_many_there_are(inference: Inference) -> None:
    points = [LEFT, RIGHT, RIGHT] * CROPS_AT_ONCE
    assert inference.scores(photo(), points).argmax(axis=1).tolist() == [0, 2, 2] * CROPS_AT_ONCE
    assert inference.scores(photo(), []).shape == (0, 3)


def test_a_point_has_its_best_labels_first_and_of_equal_ones_the_earlier(classifier: LocalClassifier) -> None:
    scores = np.array([[2_500, 5_000, 2_500]], dtype=np.uint16)
    (point,) = scored_points(classifier.labels, [LEFT], scores)
    assert (point.row, point.column) == LEFT
    assert [(one.label_code, one.score, one.label_id) for one in point.classifications] == [
        ("Green", 0.5, 12),
        ("Red", 0.25, 11),
        ("Blue", 0.25, None),
    ]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "MPO"])
def test_every_form_of_photo_is_read(inference: Inference, form: str) -> None:
    assert inference.scores(photo(form), [LEFT, RIGHT]).argmax(axis=1).tolist() == [0, 2]


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK", "L"])
def test_a_photo_of_other_channels_is_read_as_red_green_and_blue(inference: Inference, mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert inference.scores(photo(form, mode), [LEFT]).shape == (1, 3)


def test_orientation_is_not_applied_to_a_photo(inference: Inference) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # turned upside down
    assert inference.scores(photo("JPEG", exif=exif), [LEFT, RIGHT]).argmax(axis=1).tolist() == [0, 2]


def fault_of(inference: Inference, data: bytes, points: list[Point], most_pixels: int = 10_000) -> PhotoFault:
    with pytest.raises(BadPhoto) as caught:
        inference.scores(data, points, most_pixels)
    sent: BadPhoto = pickle.loads(pickle.dumps(caught.value))
    assert sent.fault is caught.value.fault
    return sent.fault


def deep() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((9, 9), 40_000, dtype=np.uint16)).save(stream, "PNG")
    return stream.getvalue()


def test_what_cannot_be_classified_says_why_in_one_word(inference: Inference) -> None:
    assert fault_of(inference, b"GIF", [LEFT]) is PhotoFault.NOT_AN_IMAGE
    assert fault_of(inference, b"", [LEFT]) is PhotoFault.NOT_AN_IMAGE
    assert fault_of(inference, photo("JPEG")[:700], [LEFT]) is PhotoFault.UNREADABLE
    assert fault_of(inference, photo()[:200], [LEFT]) is PhotoFault.UNREADABLE
    assert fault_of(inference, deep(), [Point(0, 0)]) is PhotoFault.UNREADABLE
    assert fault_of(inference, photo(), [LEFT], 120 * 80 - 1) is PhotoFault.TOO_MANY_PIXELS
    for outside in (Point(80, 0), Point(0, 120), Point(-1, 0)):
        assert fault_of(inference, photo(), [LEFT, outside]) is PhotoFault.POINT_OUTSIDE


@pytest.mark.skipif(not DAMAGED.is_dir(), reason="the shared damaged photo is not here")
def test_a_photo_that_is_cut_short_is_unreadable_rather_than_grey(inference: Inference) -> None:
    cut = DAMAGED / "p82pkvoqn3.JPG"
    assert fault_of(inference, cut.read_bytes(), [Point(0, 0)], 10**8) is PhotoFault.UNREADABLE


def test_an_extractor_that_is_not_the_one_named_is_refused(classifier: LocalClassifier) -> None:
    with pytest.raises(UsageError, match="not the one named"):
        Inference(classifier, tiny_classifier.onnx() + b"\0")


def test_an_extractor_must_take_the_crops_and_give_the_vectors_that_are_told() -> None:
    told = tiny_classifier.extractor()
    with pytest.raises(UsageError, match="takes no crops of 64 x 64"):
        Features(replace(told, crop_px=64), tiny_classifier.onnx())
    with pytest.raises(UsageError, match="gives no vectors of 4 numbers"):
        Features(replace(told, features=4), tiny_classifier.onnx()).of(photo(), [LEFT])


def test_onnxruntime_is_kept_from_telling_its_maker_what_it_is_used_for(tmp_path: Path) -> None:
    code = (
        "from coralrun.classifiers.inference import Features; from tests import tiny_classifier; import os;"
        "Features(tiny_classifier.extractor(), tiny_classifier.onnx()); os._exit(0)"
    )
    surroundings = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], env=surroundings | home, cwd=root, check=True)
    assert list(tmp_path.iterdir()) == []
