"""A classifier's folder: what is read, and what is refused by file."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import tiny_classifier

from coralrun.classifiers import head as heads
from coralrun.classifiers.folder import HEAD, PHOTOS, classifier_of, read_classifier, read_photos
from coralrun.errors import InvalidInput, UsageError
from coralrun.files.training_photos import encode_photos
from coralrun.values.classified import Label
from coralrun.values.ids import sha256_hex


def with_model(change: Callable[[dict[str, Any]], None], head: bytes | None = None) -> tuple[bytes, bytes]:
    said, arrays = tiny_classifier.files()
    model = json.loads(said)
    change(model)
    return json.dumps(model).encode(), arrays if head is None else head


def with_head(head: bytes) -> tuple[bytes, bytes]:
    return with_model(lambda model: model.update(head=sha256_hex(head)), head)


def archive(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_a_classifier_is_read_from_its_folder(tmp_path: Path) -> None:
    found = read_classifier(tiny_classifier.write(tmp_path / "colours", tmp_path / "cache"))
    assert found.labels == (Label(11, "Red", "Red"), Label(12, "Green", "Green"), Label(None, "Blue", "Blue"))
    assert found.extractor == tiny_classifier.extractor()
    assert found.head.weights.shape == (3, 3)
    assert "held-out results: not judged" in found.about
    assert "training sites: Moorea, forereef" in found.about


def test_the_photos_that_trained_it_are_known_by_their_digests_and_by_nothing_else(tmp_path: Path) -> None:
    path = tiny_classifier.write(tmp_path / "colours", tmp_path / "cache")
    assert read_photos(path, read_classifier(path)) == {"ab" * 32, "cd" * 32}
    assert encode_photos(["cd" * 32, "ab" * 32, "cd" * 32]) == tiny_classifier.PHOTOS
    (path / PHOTOS).write_bytes(tiny_classifier.PHOTOS.replace(b"c", b"e"))
    with pytest.raises(InvalidInput, match=r"photos\.sha256: not the file that model\.json names by its digest"):
        read_photos(path, read_classifier(path))
    (path / PHOTOS).unlink()
    with pytest.raises(UsageError, match=r"photos\.sha256: No such file"):
        read_photos(path, read_classifier(path))


def test_the_digest_of_a_classifier_changes_with_what_it_says_and_with_its_numbers() -> None:
    same, again = (classifier_of(*tiny_classifier.files(), "x").digest for _ in range(2))
    other_licence = classifier_of(*with_model(lambda model: model.update(licence="MIT")), "x").digest
    other_numbers = classifier_of(*with_head(archive(weights=np.ones((3, 3)), bias=np.ones(3))), "x").digest
    assert same == again
    assert len({same, other_licence, other_numbers}) == 3


def test_a_head_is_the_same_bytes_whenever_it_is_written() -> None:
    head = classifier_of(*tiny_classifier.files(), "x").head
    assert heads.encode(head) == heads.encode(replace(head, bias=head.bias.copy())) == tiny_classifier.files()[1]


def test_a_folder_that_is_not_there_or_lacks_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: no such folder"):
        read_classifier(tmp_path / "nowhere")
    folder = tiny_classifier.write(tmp_path / "colours", tmp_path / "cache")
    (folder / HEAD).unlink()
    with pytest.raises(UsageError, match=r"head\.npz: "):
        read_classifier(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda model: model.update(format="other"), "not a classifier's description"),
        (lambda model: model.update(extra=1), "not a classifier's description"),
        (lambda model: model["extractor"].update(features=0), "not a classifier's description"),
        (lambda model: model["extractor"].update(features=10**12), "not a classifier's description"),
        (lambda model: model["extractor"].update(divisor=[0, 1, 1]), "not a classifier's description"),
        (lambda model: model["labels"][1].update(code="Red"), "a label stands there twice"),
        (lambda model: model["labels"][1].update(id=11), "a label stands there twice"),
        (lambda model: model.update(head="0" * 64), "not the file that model.json names"),
        (lambda model: model["extractor"].update(features=4), r"`weights` has the shape \(3, 3\)"),
    ],
)
def test_a_description_that_cannot_be_is_refused(change: Callable[[dict[str, Any]], None], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        classifier_of(*with_model(change), "colours")


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def packed(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return stream.getvalue()


def header_only(shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"not an archive",
        pickle.dumps(Bomb()),
        packed("weights.npy", pickle.dumps(Bomb())),
        packed("weights.npy", header_only((10**9, 10**9))),
        packed("weights.npy", header_only((3, 3)) + b"\0" * 10**7),
        packed("weights.npy", header_only((3, 3)) + b"\0" * 71),
        archive(weights=np.array([[Bomb()] * 3] * 3, dtype=object), bias=np.ones(3)),
        archive(weights=np.ones((3, 3), dtype=np.float32), bias=np.ones(3)),
        archive(weights=np.ones((3, 3), order="F") * [[1], [2], [3]], bias=np.ones(2)),
        archive(weights=np.full((3, 3), np.nan), bias=np.ones(3)),
        archive(bias=np.ones(3)),
    ],
)
def test_a_head_of_another_form_is_refused_and_never_loaded_as_a_pickle(head: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"colours/head\.npz"):
        classifier_of(*with_head(head), "colours")
