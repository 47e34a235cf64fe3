"""Training from labels and photos on disk: the folder that comes of it, and what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from tests import tiny_classifier

from coralrun.app.applying.train import Trained, TrainOptions, train
from coralrun.app.survey.label_files import reading_of
from coralrun.classifiers.examples import Why
from coralrun.classifiers.folder import read_classifier, read_photos
from coralrun.classifiers.inference import Inference
from coralrun.console.printer import Printer
from coralrun.errors import UsageError
from coralrun.files.sealed import seal_bytes
from coralrun.planning.images import Point
from coralrun.review.whose_labels import Word
from coralrun.values.ids import sha256_hex

SIDE = 300
PEOPLE = Word("people")


def photo(path: Path, left: str, right: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (2 * SIDE, SIDE), left)
    image.paste(right, (SIDE, 0, 2 * SIDE, SIDE))
    image.save(path)


@pytest.fixture
def options(tmp_path: Path) -> TrainOptions:
    """Four photos, red on the left and blue on the right, with points of both; and an extractor of mean colours."""
    rows = ["Name,Row,Column,Label,Label ID"]
    for number in range(4):
        photo(tmp_path / "photos" / f"q{number}.png", f"#c0101{number}", f"#1010c{number}")
        for at in range(100, 200, 20):
            rows += [f"q{number}.png,{at},{at},Red,11", f"q{number}.png,{at},{SIDE + at},Blue,"]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    (tmp_path / "colour.onnx").write_bytes(tiny_classifier.onnx(224))
    return TrainOptions(
        labels=tmp_path / "labels.csv",
        photos=tmp_path / "photos",
        out=tmp_path / "models" / "colours",
        sites=("Moorea",),
        licence="CC0-1.0",
        extractor=tmp_path / "colour.onnx",
        preset="imagenet",
    )


def trained(options: TrainOptions, cache: Path, rows: Sequence[str] = ()) -> Trained:
    with options.labels.open("a") as table:
        table.writelines(f"\n{row}" for row in rows)
    return train(options, PEOPLE, Printer(as_json=True), cache)


def test_a_trained_folder_is_a_classifier_that_knows_its_labels(options: TrainOptions, tmp_path: Path) -> None:
    made = trained(options, tmp_path / "cache")
    assert sorted(path.name for path in options.out.iterdir()) == ["head.npz", "model.json", "photos.sha256"]
    found = read_classifier(options.out)
    photos = {sha256_hex(path.read_bytes()) for path in options.photos.iterdir()}
    assert read_photos(options.out, found) == photos
    assert found.digest == made.classifier.digest
    assert [(label.code, label.id) for label in found.labels] == [("Blue", None), ("Red", 11)]
    assert [(label.examples, label.photos) for label in found.model.labels] == [(20, 4), (20, 4)]
    assert (found.model.training.sites, found.model.licence, found.model.name) == (("Moorea",), "CC0-1.0", "colours")
    photo(tmp_path / "new.png", "#1010c0", "#c01010")
    inference = Inference(found, tiny_classifier.onnx(224))
    scores = inference.scores((tmp_path / "new.png").read_bytes(), [Point(150, 150), Point(150, SIDE + 150)])
    assert scores.argmax(axis=1).tolist() == [0, 1]


def test_no_accuracy_is_given_and_that_is_said(options: TrainOptions, tmp_path: Path) -> None:
    made = trained(options, tmp_path / "cache")
    assert list(made.lines())[-2:] == [
        "  accuracy: not judged. Nobody knows yet how good it is, here or on other sites",
        "  on the 4 photos that trained it: in-sample, and no audit that it learnt from corrects its cover",
    ]
    assert made.document()["held_out"] == "not judged"


def test_what_was_not_learnt_from_is_told(options: TrainOptions, tmp_path: Path) -> None:
    (options.photos / "bad.png").write_bytes(b"GIF")
    told = list(
        trained(
            options,
            tmp_path / "cache",
            ["q0.png,1,1,Sand,", "bad.png,1,1,Red,11", "q1.png,9999,1,Red,11", "gone.png,1,1,Red,11"],
        ).lines()
    )
    assert "  labels that it does not know: Sand (1)" in told
    assert "  no photo in the folder: gone.png" in told
    assert "  photos that cannot be used: bad.png (not an image)" in told
    assert "  not learnt from: 1 row: the photo cannot be used" in told
    assert "  not learnt from: 1 row: outside the photo" in told
    assert "  labels.csv, line 44: row 9,999, column 1 is outside q1.png, which is 600 pixels wide and 300 high" in told
    assert "  not learnt from: 1 row: fewer than 5 examples of the label" in told


def test_training_again_takes_the_vectors_that_are_kept_and_mends_damaged_files(
    options: TrainOptions, tmp_path: Path
) -> None:
    trained(options, tmp_path / "cache")
    features = tmp_path / "cache" / "features"
    kept = {path: path.read_bytes() for path in features.iterdir()}
    assert [len(data) for data in kept.values()] == [10 * 3 * 2 + 32] * 4
    min(kept).write_bytes(b"cut")
    max(kept).write_bytes(kept[max(kept)].replace(b"\0", b"\1", 1))
    trained(replace(options, out=tmp_path / "again"), tmp_path / "cache")
    assert {path: path.read_bytes() for path in features.iterdir()} == kept
    assert (tmp_path / "again" / "head.npz").read_bytes() == (options.out / "head.npz").read_bytes()
    for path in kept:
        path.write_bytes(seal_bytes(bytes(10 * 3 * 2)))
    trained(replace(options, out=tmp_path / "other"), tmp_path / "cache")
    assert (tmp_path / "other" / "head.npz").read_bytes() != (options.out / "head.npz").read_bytes()


def test_nothing_is_written_where_nothing_can_be_learnt(options: TrainOptions, tmp_path: Path) -> None:
    for others, said in (
        (replace(options, photos=tmp_path / "nowhere"), "nowhere: no such folder"),
        (replace(options, photos=tmp_path / "cache"), "nothing to learn from"),
        (replace(options, labels=tmp_path / "none.csv"), "none.csv"),
        (replace(options, preset="coralnet"), "gives 3 numbers, and CoralNet's extractor gives 1,280"),
        (replace(options, preset=""), "--preset is needed of an extractor's file"),
        (replace(options, seed=2**32), "--seed 4294967296: not a seed"),
        (replace(options, extractor=None), "--preset is said of an extractor's file"),
        (replace(options, extractor=options.labels), "cannot be used"),
    ):
        (tmp_path / "cache").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match=said):
            train(others, PEOPLE, Printer(as_json=True), tmp_path / "cache")
    assert not options.out.exists()


@pytest.mark.parametrize(
    ("rows", "why", "remedy"),
    [
        ("q1.png,1,1,,\n", "1 row: no label", "Have people fill in"),
        (
            "q1.png,1,1,,\ngone.png,1,1,CCA,robot\n",
            "1 row: no label; 1 row: a machine's label",
            "Hand in labels that people",
        ),
        ("old/q1.png,1,1,CCA,Ann\n", r"`old/q1\.png` is not there, but `q1\.png` is", "Give the folder of the photos"),
    ],
    ids=["nobody filled it in", "a machine's alone", "other folders"],
)
def test_what_helps_where_nothing_can_be_learnt_follows_from_the_reason(
    options: TrainOptions, tmp_path: Path, rows: str, why: str, remedy: str
) -> None:
    options.labels.write_text(f"Name,Row,Column,Label,Annotator\n{rows}")
    with pytest.raises(UsageError, match=why) as caught:
        trained(options, tmp_path / "cache")
    assert caught.value.remedy.startswith(remedy)


def test_a_folder_that_holds_something_is_not_overwritten(options: TrainOptions, tmp_path: Path) -> None:
    options.out.mkdir(parents=True)
    (options.out / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files already"):
        trained(options, tmp_path / "cache")


def test_a_table_that_says_nothing_of_who_labelled_needs_a_word(options: TrainOptions, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="people or a machine"):
        train(options, Word(), Printer(as_json=True), tmp_path / "cache")


def test_all_that_is_wrong_with_what_is_given_is_told_at_once_and_nothing_asked(
    options: TrainOptions, tmp_path: Path
) -> None:
    wrong = replace(options, photos=tmp_path / "nowhere", out=tmp_path / "photos", preset="odd")
    with pytest.raises(UsageError) as caught:
        train(wrong, Word(ask=lambda question: pytest.fail(question)), Printer(as_json=True), tmp_path / "cache")
    for said in ("holds files already", "no such folder", "--preset odd: not known here", "people or a machine"):
        assert said in caught.value.message
    assert "--labelled-by people" in caught.value.remedy and "Give --out another place." in caught.value.remedy


def test_one_row_outside_its_photo_costs_no_other_row(options: TrainOptions, tmp_path: Path) -> None:
    made = trained(options, tmp_path / "cache", ["q1.png,9999,1,Red,11"])
    assert made.classifier.model.training.points == 40
    assert made.left_out == {Why.OUTSIDE: 1}
    assert made.document()["outside"] == list(made.outside)


def test_a_photo_of_another_size_is_not_learnt_from(options: TrainOptions, tmp_path: Path) -> None:
    photo(options.photos / "small.png", "red", "blue")
    rows = [f"small.png,{at},{at},Red,11" for at in range(290, 302)]
    made = trained(options, tmp_path / "cache", rows)
    assert made.left_out == {Why.OTHER_SIZE: 12}
    assert made.outside == (
        "small.png, 600 pixels wide and 300 high, has another size than labels.csv was made on (the first of its rows: "
        "line 42)",
    )
    assert made.doubted[0].startswith("1 of 5 photos have points outside them. If the table was made on other sizes")


def test_a_table_that_was_made_on_larger_photos_is_refused(options: TrainOptions, tmp_path: Path) -> None:
    for number in range(3):
        photo(options.photos / f"q{number}.png", "#c01010", "#1010c0")
        with Image.open(options.photos / f"q{number}.png") as whole:
            whole.resize((SIDE, SIDE // 2)).save(options.photos / f"q{number}.png")
    with pytest.raises(
        UsageError, match=r"3 of 4 photos have points outside them.* The first: q0\.png, 300 pixels wide"
    ):
        trained(options, tmp_path / "cache")
    assert not (tmp_path / "cache" / "features").exists(), "before anything is computed"


def test_points_in_shares_of_the_photo_are_learnt_where_they_are(options: TrainOptions, tmp_path: Path) -> None:
    trained(options, tmp_path / "cache")
    rows = ["Name;Row;Column;Taxon"]
    for number in range(4):
        for at in range(100, 200, 20):
            rows += [f"q{number}.png;{(at + 0.5) / SIDE:.4f};{(at + 0.5) / SIDE / 2:.4f};Red"]
            rows += [f"q{number}.png;{(at + 0.5) / SIDE:.4f};{(SIDE + at + 0.5) / SIDE / 2:.4f};Blue"]
    options.labels.write_text("\n".join(rows), encoding="utf-16")
    reading = reading_of("utf-16", columns={"label": "Taxon"})
    shares = trained(replace(options, out=tmp_path / "shares", reading=reading), tmp_path / "cache")
    assert shares.left_out == {}
    assert (tmp_path / "shares" / "head.npz").read_bytes() == (options.out / "head.npz").read_bytes()
