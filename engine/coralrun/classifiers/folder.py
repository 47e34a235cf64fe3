"""A classifier is a folder of three plain files: `model.json`, `head.npz` and `photos.sha256`.

Rule: the folder may come from anybody. No pickle is loaded, the shapes of the arrays are known before they are read,
and model.json names the digests of the other two, so that all belong together. photos.sha256 has the digests of the
photos that the classifier was trained on, in order, a line each: such a photo is known by it, whatever it is called.
Nothing here needs the extra `local`: a plan can be made, and a run read, where nothing is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from coralrun.classifiers import head as heads
from coralrun.classifiers.head import Head, NotAHead
from coralrun.classifiers.model_file import Extractor, ModelFile
from coralrun.errors import InvalidInput, Problem, UsageError
from coralrun.files.given import read_given
from coralrun.files.training_photos import TRAINING_PHOTOS, decode_photos
from coralrun.values.classified import Label
from coralrun.values.ids import digest_of, sha256_hex

MODEL: Final = "model.json"
HEAD: Final = "head.npz"
PHOTOS: Final = TRAINING_PHOTOS

MOST_MODEL_BYTES: Final = 16 * 1024 * 1024  # ten thousand labels with long names, and room
MOST_HEAD_BYTES: Final = 512 * 1024 * 1024  # ten thousand labels of some thousand features
MOST_PHOTOS_BYTES: Final = 256 * 1024 * 1024  # some four million photos
DIGEST_SHOWN: Final = 12
"""Hexadecimal digits of a classifier's digest in its name: 48 bits tell any two apart."""
_REMEDY: Final = "Take the folder anew from whoever made it, or make it again with `coralrun train`."


@dataclass(frozen=True, slots=True)
class LocalClassifier:
    """A classifier as its folder has it. `digest` is of both files: it changes with whatever is changed there."""

    model: ModelFile
    head: Head
    digest: str

    @property
    def called(self) -> str:
        """Its own name, and so much of its digest as tells it from all others."""
        return f"{self.model.name} ({self.digest[:DIGEST_SHOWN]})"

    @property
    def extractor(self) -> Extractor:
        """What makes vectors of crops for it."""
        return self.model.extractor

    @property
    def labels(self) -> tuple[Label, ...]:
        """Its labels, in the order of its scores."""
        return tuple(Label(label.id, label.code, label.name) for label in self.model.labels)

    @property
    def about(self) -> tuple[str, ...]:
        """What people are told of it, a line for each: what it was trained on, when, by which licence, how judged."""
        training = self.model.training
        fewest = min(self.model.labels, key=lambda label: label.examples)
        return (
            f"trained on {training.points:,} points of {training.photos:,} photos, {self.model.date}",
            f"training sites: {', '.join(training.sites) or 'not told'}",
            f"{len(self.model.labels)} labels; fewest examples: {fewest.code}, {fewest.examples}",
            f"licence: {self.model.licence or 'not told'}",
            f"extractor: {self.extractor.name} ({self.extractor.sha256[:12]})",
            f"held-out results: {self.model.held_out}",
        )


def read_classifier(path: Path) -> LocalClassifier:
    """Read a classifier's folder.

    Raises UsageError where the folder or a file of it is not there, and InvalidInput where one is not what it must be.
    """
    if not path.is_dir():
        raise UsageError(
            f"{path}: no such folder", remedy="Name the folder of a classifier: `coralrun train` makes one."
        )
    model = _file(path / MODEL, MOST_MODEL_BYTES)
    return classifier_of(model, _file(path / HEAD, MOST_HEAD_BYTES), str(path))


def read_photos(path: Path, classifier: LocalClassifier) -> frozenset[str]:
    """The digests of the photos that the classifier of a folder was trained on; raises as `read_classifier`."""
    data = _file(path / PHOTOS, MOST_PHOTOS_BYTES)
    if sha256_hex(data) != classifier.model.training.photo_digests:
        raise _not_a_classifier(str(path), PHOTOS, f"not the file that {MODEL} names by its digest")
    return frozenset(decode_photos(data))


def classifier_of(model: bytes, head: bytes, folder: str) -> LocalClassifier:
    """The classifier of its two files' bytes; `folder` is what its user calls it. Raises InvalidInput."""
    try:
        said = msgspec.json.decode(model, type=ModelFile)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _not_a_classifier(folder, MODEL, f"not a classifier's description: {error}") from error
    keys = {label.key for label in (Label(label.id, label.code, label.name) for label in said.labels)}
    if len(keys) < len(said.labels) or len({label.code for label in said.labels}) < len(said.labels):
        raise _not_a_classifier(folder, MODEL, "a label stands there twice")
    if sha256_hex(head) != said.head:
        raise _not_a_classifier(folder, HEAD, f"not the file that {MODEL} names by its digest")
    try:
        arrays = heads.decode(head, len(said.labels), said.extractor.features)
    except NotAHead as error:
        raise _not_a_classifier(folder, HEAD, str(error)) from error
    return LocalClassifier(said, arrays, digest_of([sha256_hex(model), said.head]))


def encode(model: ModelFile) -> bytes:
    """The bytes of model.json, which people read."""
    return msgspec.json.format(msgspec.json.encode(model), indent=2) + b"\n"


def _file(path: Path, most_bytes: int) -> bytes:
    try:
        return read_given(path, most_bytes)
    except OSError as error:
        is_closed = isinstance(error, PermissionError)
        remedy = "Let yourself read the folder and what is in it (chmod -R u+rX)." if is_closed else _REMEDY
        raise UsageError(f"{path}: {error.strerror or error}", remedy=remedy) from error


def _not_a_classifier(folder: str, name: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(str(Path(folder) / name), 0, 0, message)], remedy=_REMEDY)
