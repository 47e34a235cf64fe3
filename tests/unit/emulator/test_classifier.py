"""The classifier truly learns: better than guessing on the painted reef and on real photos, and the same every time."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from coralrun.emulator.classifier import DrawnClassifier, LearntClassifier
from coralrun.emulator.own_photos import read_own_photos
from coralrun.emulator.reef import HEIGHT, LABELS, WIDTH, Reef
from coralrun.emulator.site import Picture, Pixels
from coralrun.errors import InvalidInput

MLC = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "mlc"


def no_pixels() -> Pixels:
    raise AssertionError("no pixel may be asked for")


@pytest.fixture(scope="module")
def reef() -> Reef:
    return Reef(seed=7, images=24)


def test_the_reef_is_the_same_for_the_same_seed_and_another_for_another(reef: Reef) -> None:
    again, other = Reef(seed=7, images=24), Reef(seed=8, images=24)
    assert again.names == reef.names and len(set(reef.names)) == 24
    assert "reef_site1_10m_t1_q03_20240612.jpg" in reef.names
    content, same, different = (one.photo(3, 4, "confirmed").load() for one in (reef, again, other))
    assert content == same != different
    assert np.array_equal(reef.truth(reef.names[3]), again.truth(reef.names[3]))


def test_the_truth_covers_every_pixel_in_patches_of_all_labels(reef: Reef) -> None:
    truths = [reef.truth(name) for name in reef.names[::4]]
    assert all(truth.shape == (HEIGHT, WIDTH) for truth in truths)
    shares = np.bincount(np.concatenate(truths).ravel(), minlength=9)[1:] / (len(truths) * HEIGHT * WIDTH)
    assert len(shares) == len(LABELS) and shares.min() > 0.01 and shares.max() < 0.5
    alike = np.mean([(truth[:, 1:] == truth[:, :-1]).mean() for truth in truths])
    assert alike > 0.95


def test_on_images_never_seen_it_is_far_better_than_the_commonest_label(reef: Reef) -> None:
    classify = LearntClassifier(lambda: [reef.annotated(index, 40) for index in range(0, 24, 3)])
    unseen = [reef.annotated(index, 40) for index in range(1, 24, 4)]
    truth = [label for one in unseen for label in one.labels]
    guessed = [scores[0][0] for one in unseen for scores in classify(one.picture, one.points)]
    accuracy = np.mean([guess == label for guess, label in zip(guessed, truth, strict=True)])
    commonest = Counter(truth).most_common(1)[0][1] / len(truth)
    assert accuracy > 0.75 > 0.5 > commonest
    assert abs(classify.accuracy - accuracy) < 0.15
    lessons = [reef.annotated(index, 40) for index in range(0, 24, 3)]
    said = [scores[0][0] for one in lessons for scores in classify.held_out(one.picture, one.points)]
    right = np.mean(np.array(said) == [label for one in lessons for label in one.labels])
    assert right == pytest.approx(classify.accuracy, abs=0.01), "of its lessons too, held out"
    assert classify.held_out(unseen[0].picture, unseen[0].points) == classify(unseen[0].picture, unseen[0].points)


def test_scores_are_the_five_best_and_the_same_every_time(reef: Reef) -> None:
    lesson = reef.annotated(0, 60)
    first, second = (LearntClassifier(lambda: [lesson], seed=3)(lesson.picture, lesson.points) for _ in range(2))
    assert first == second
    for scores in first:
        values = [score for _, score in scores]
        assert len(values) == 5 and values == sorted(values, reverse=True) and 0 <= values[-1] <= values[0] <= 1
        assert len({label for label, _ in scores}) == 5


def test_a_classifier_without_a_lesson_says_so() -> None:
    with pytest.raises(ValueError, match="at least one annotated point"):
        LearntClassifier(list)(Picture("x", 10, 10, no_pixels), [(0, 0)])


def test_drawn_scores_need_no_pixels_and_depend_on_content_point_and_seed() -> None:
    points = [(1, 2), (2, 1), (1, 2)]
    one = DrawnClassifier([1, 2, 3, 4, 5, 6], seed=1)(Picture("a", 10, 10, no_pixels), points)
    assert one[0] == one[2] != one[1]
    assert one == DrawnClassifier([1, 2, 3, 4, 5, 6], seed=1)(Picture("a", 10, 10, no_pixels), points)
    assert one != DrawnClassifier([1, 2, 3, 4, 5, 6], seed=1)(Picture("b", 10, 10, no_pixels), points)
    assert one != DrawnClassifier([1, 2, 3, 4, 5, 6], seed=2)(Picture("a", 10, 10, no_pixels), points)
    assert [len(scores) for scores in DrawnClassifier([4, 5])(Picture("a", 10, 10, no_pixels), points)] == [2, 2, 2]


@pytest.mark.skipif(not MLC.is_dir(), reason="the real photos are not beside the repository")
def test_on_real_photos_it_is_clearly_better_than_the_commonest_label(tmp_path: Path) -> None:
    with (MLC / "derived_ground_truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = tmp_path / "every-second.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["Name", "Row", "Column", "Label"])
        writer.writeheader()
        writer.writerows(rows[::2])
    own = read_own_photos(MLC, table, seed=0)
    classify = LearntClassifier(lambda: own.annotated)
    codes = {label.id: label.code for label in own.labels}
    right = 0
    for photo, lesson in zip(own.photos, own.annotated, strict=True):
        others = [row for row in rows[1::2] if row["Name"] == photo.name]
        scores = classify(lesson.picture, [(int(row["Row"]), int(row["Column"])) for row in others])
        right += sum(codes[best[0][0]] == row["Label"] for best, row in zip(scores, others, strict=True))
    commonest = Counter(row["Label"] for row in rows[1::2]).most_common(1)[0][1]
    print(f"right {right}, commonest {commonest}, of {len(rows[1::2])}")
    assert len(own.photos) == 3 and len(rows[1::2]) == 300
    assert right > 1.3 * commonest


def test_own_photos_keep_their_names_and_sizes(tmp_path: Path, reef: Reef) -> None:
    (tmp_path / "deep").mkdir()
    names = ['a, "b" = #c.jpg', "deep/\U0001f41f", "plain.JPG"]
    for name in names:
        (tmp_path / name).write_bytes(reef.photo(0, 1, "confirmed").load())
    (tmp_path / "notes.txt").write_text("not an image")
    table = tmp_path / "points.csv"
    with table.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(
            [("name", "Column", "ROW", "Label"), (names[0], 479, 359, "Sand"), (names[1], 0, 0, "CCA")]
        )
    own = read_own_photos(tmp_path, table, seed=0)
    assert sorted(photo.name for photo in own.photos) == sorted(names)
    assert {(photo.width, photo.height) for photo in own.photos} == {(WIDTH, HEIGHT)}
    assert [label.code for label in own.labels] == ["CCA", "Sand"]
    assert sum(photo.status == "confirmed" for photo in own.photos) == 2
    codes = {label.id: label.code for label in own.labels}
    assert {(tuple(one.points), *(codes[label] for label in one.labels)) for one in own.annotated} == {
        (((359, 479),), "Sand"),
        (((0, 0),), "CCA"),
    }
    (tmp_path / names[2]).unlink()
    table.write_text('Name,Row,Column,Label\n"a, ""b"" = #c.jpg",359,479,Sand\n', encoding="utf-8")
    fewer = read_own_photos(tmp_path, table, seed=0)
    assert len(fewer.photos) == 2
    assert {(photo.name, photo.id, photo.file) for photo in fewer.photos} < {
        (photo.name, photo.id, photo.file) for photo in own.photos
    }
    assert {(label.code, label.id) for label in fewer.labels} < {(label.code, label.id) for label in own.labels}


def test_all_that_is_wrong_with_the_annotations_is_said_at_once(tmp_path: Path, reef: Reef) -> None:
    (tmp_path / "a.jpg").write_bytes(reef.photo(0, 1, "confirmed").load())
    table = tmp_path / "points.csv"
    table.write_text("Name,Row,Column,Label\nb.jpg,1,1,Sand\na.jpg,360,0,Sand\na.jpg,x,0,Sand\na.jpg,1\n")
    with pytest.raises(InvalidInput) as caught:
        read_own_photos(tmp_path, table, seed=0)
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4, 5]
    assert "no image of the name 'b.jpg'" in str(caught.value)
    assert "which is 480 x 360 pixels" in str(caught.value)
    with pytest.raises(InvalidInput, match="photo: no such folder"):
        read_own_photos(Path("photo"), table, seed=0)
    table.write_text("Image,Row\n")
    with pytest.raises(InvalidInput, match="Name, Row, Column and Label are needed"):
        read_own_photos(tmp_path, table, seed=0)


ONE_NAME = (("Istanbul.jpg", "istanbul.JPG"), ("istanbul.jpg", "\u0130stanbul.jpg"), ("\u03a3.jpg", "\u03c3.jpg"))


@pytest.mark.parametrize(("first", "second"), ONE_NAME)
def test_photos_whose_names_the_database_takes_for_one_are_refused(
    tmp_path: Path, reef: Reef, first: str, second: str
) -> None:
    for name in (first, second):
        (tmp_path / name).write_bytes(reef.photo(0, 1, "unclassified").load())
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this disk takes them for one name too")
    table = tmp_path / "points.csv"
    table.write_text(f"Name,Row,Column,Label\n{first},1,2,Sand\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="are one name to CoralNet"):
        read_own_photos(tmp_path, table, seed=0)


def test_photos_whose_names_differ_in_a_ligature_or_a_sharp_s_are_several(tmp_path: Path, reef: Reef) -> None:
    names = ("Stra\u00dfe.jpg", "STRASSE.jpg", "\ufb01le.jpg", "file.jpg")
    for name in names:
        (tmp_path / name).write_bytes(reef.photo(0, 1, "unclassified").load())
    table = tmp_path / "points.csv"
    table.write_text("Name,Row,Column,Label\nfile.jpg,1,2,Sand\n", encoding="utf-8")
    assert {photo.name for photo in read_own_photos(tmp_path, table, seed=0).photos} == set(names)
