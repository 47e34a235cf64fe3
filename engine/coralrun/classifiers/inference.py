"""What a classifier says of the points of a photo, computed in this process, on one thread.

Rule: a photo is decoded once and its crops go through the extractor some at a time, so memory does not grow with the
number of points. Nothing is kept between photos but the model, and an `Inference` can be made again anywhere from the
classifier and the extractor's bytes: whoever sends work to other processes sends these. The scores of all labels come
back, in ten thousandths; `scored_points` makes of them what results hold.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coralrun.classifiers.crops import cut, room_for
from coralrun.classifiers.folder import LocalClassifier
from coralrun.classifiers.head import SCORE_PARTS, Scores
from coralrun.classifiers.model_file import Extractor
from coralrun.classifiers.photo import check_points, decode
from coralrun.errors import UsageError
from coralrun.extras import install
from coralrun.limits import MAX_PHOTO_PIXELS, TOP_SCORES
from coralrun.planning.images import Point
from coralrun.values.classified import Classification, Label, ScoredPoint
from coralrun.values.ids import sha256_hex

CROPS_AT_ONCE: Final = 8  # EfficientNet-Lite0 takes 9 % longer for 32 at once, whose numbers leave the cache
_NO_TELEMETRY: Final = "ORT_DISABLE_TELEMETRY"
"""Read when onnxruntime is loaded; from 1.29 on it otherwise tells its maker which models are used, and keeps an id."""

_NUMBERS_BESIDE: Final = "session.model_external_initializers_file_folder_path"
"""Where onnxruntime looks for numbers that an ONNX file keeps in others; without it, in the folder that we are in."""

EXTRA: Final = f"Install what it needs: {install('local')}."


class Features:
    """An extractor at work: from a photo and its points to vectors.

    Raises UsageError where onnxruntime is missing, and where the bytes are not the extractor that is named, or not one
    that takes its crops and gives its vectors.
    """

    def __init__(self, extractor: Extractor, onnx: bytes) -> None:
        if sha256_hex(onnx) != extractor.sha256:
            raise UsageError(f"the extractor's file is not the one named {extractor.sha256[:12]}")
        self._extractor = extractor
        self._session = _session(onnx)
        self._input = _input_name(self._session, extractor.crop_px)

    def of(self, photo: bytes, points: Sequence[Point], most_pixels: int = MAX_PHOTO_PIXELS) -> NDArray[np.float32]:
        """The vectors of points on a photo, (points, features); raises BadPhoto."""
        pixels = decode(photo, most_pixels)
        check_points(pixels, points)
        found = np.empty((len(points), self._extractor.features), dtype=np.float32)
        room = room_for(min(len(points), CROPS_AT_ONCE), self._extractor)
        for first in range(0, len(points), CROPS_AT_ONCE):
            some = points[first : first + CROPS_AT_ONCE]
            found[first : first + len(some)] = self.of_crops(cut(pixels, some, self._extractor, room))
        return found

    def of_crops(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """The vectors of crops, (crops, features)."""
        vectors: NDArray[np.float32] = self._session.run(None, {self._input: crops})[0].reshape(len(crops), -1)
        if vectors.shape[1] != self._extractor.features or not np.isfinite(vectors).all():
            raise UsageError(
                f"the extractor {self._extractor.name} gives no vectors of {self._extractor.features} numbers"
            )
        return vectors


class Inference:
    """A classifier at work; raises UsageError as `Features` does."""

    def __init__(self, classifier: LocalClassifier, onnx: bytes) -> None:
        self._head = classifier.head
        self._features = Features(classifier.extractor, onnx)

    def scores(self, photo: bytes, points: Sequence[Point], most_pixels: int = MAX_PHOTO_PIXELS) -> Scores:
        """The scores of all labels, (points, labels) in ten thousandths; raises BadPhoto."""
        return self._head.scores(self._features.of(photo, points, most_pixels))


def scored_points(labels: Sequence[Label], points: Sequence[Point], scores: Scores) -> Iterator[ScoredPoint]:
    """The points with their five best labels, best first; of equal ones the earlier label."""
    best = np.argsort(-scores.astype(np.int32), axis=1, kind="stable")[:, :TOP_SCORES]
    for point, places, numbers in zip(points, best.tolist(), scores.tolist(), strict=True):
        chosen = ((numbers[place] / SCORE_PARTS, labels[place]) for place in places)
        yield ScoredPoint(
            *point, tuple(Classification(score, label.id, label.code, label.name) for score, label in chosen)
        )


def vector_length(onnx: bytes, crop_px: int) -> int:
    """How many numbers an extractor's file makes of a crop; raises UsageError where it takes no such crops."""
    session = _session(onnx)
    crop = np.zeros((1, 3, crop_px, crop_px), dtype=np.float32)
    return int(session.run(None, {_input_name(session, crop_px): crop})[0].size)


def _session(onnx: bytes) -> Any:
    if importlib.util.find_spec("onnxruntime") is None:
        raise UsageError("classifying on this computer needs onnxruntime, which is not installed", remedy=EXTRA)
    os.environ[_NO_TELEMETRY] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry(_NUMBERS_BESIDE, os.devnull)  # below which nothing can be: no path is followed
    try:
        return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own classes have no common root
        if "external data" in str(error).lower():
            raise UsageError(
                "the extractor's file keeps its numbers in other files (external data), and no path in it is followed",
                remedy="Write it as one file: `onnx.save(onnx.load('it.onnx'), 'one.onnx')`.",
            ) from error
        raise UsageError(f"the extractor's file cannot be used ({type(error).__name__})") from error


def _input_name(session: Any, crop_px: int) -> str:
    """The name of the one input; raises UsageError where it does not take any number of crops."""
    inputs = session.get_inputs()
    shape = inputs[0].shape if len(inputs) == 1 else []
    wanted = (3, crop_px, crop_px)
    free = len(shape) == 4 and not isinstance(shape[0], int)
    if not free or any(isinstance(has, int) and has != want for has, want in zip(shape[1:], wanted, strict=True)):
        raise UsageError(
            f"the extractor takes no crops of {crop_px} x {crop_px} pixels",
            remedy="Its one input must have the shape (any number, 3, side, side).",
        )
    name: str = inputs[0].name
    return name
