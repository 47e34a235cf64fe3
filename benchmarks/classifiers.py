"""What classifying on this computer costs and is worth, on the three photos of Moorea Labeled Corals.

    python -m benchmarks.classifiers [--photos FOLDER] [--rounds 5]

Processor seconds, not time on the wall, so that a busy computer tells nearly the same. `halves` is a smoke test of the
whole chain, not an accuracy: points of one photo are much alike, and no other site is seen.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from coralrun.app.applying.train import TrainOptions, train
from coralrun.classifiers import extractors, training
from coralrun.classifiers.crops import Crops, cut, room_for
from coralrun.classifiers.extractors import DEFAULT
from coralrun.classifiers.folder import LocalClassifier, read_classifier
from coralrun.classifiers.head import SCORE_PARTS
from coralrun.classifiers.inference import CROPS_AT_ONCE, Features, Inference
from coralrun.classifiers.photo import decode
from coralrun.console.printer import Printer
from coralrun.limits import MAX_PHOTO_PIXELS
from coralrun.planning.images import Point
from coralrun.review.whose_labels import Word

MLC = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "mlc"
TRUTH = "derived_ground_truth.csv"
CLASSIFIER = "classifier"
HEAD_POINTS = 200

Truth = Mapping[str, Sequence[tuple[Point, str]]]


def truth_of(folder: Path) -> Truth:
    """The labelled points of each photo, in the order of the table."""
    found: dict[str, list[tuple[Point, str]]] = {}
    with (folder / TRUTH).open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            found.setdefault(row["Name"], []).append((Point(int(row["Row"]), int(row["Column"])), row["Label"]))
    return found


@dataclass(frozen=True)
class Halves:
    """Points of people that the classifier did not learn from, and how many of them it calls as people do."""

    points: int
    right: int
    commonest: int

    @property
    def share(self) -> float:
        """The share that it calls as people do."""
        return self.right / self.points


def halves(folder: Path, work: Path) -> Halves:
    """Learn the first half of each photo's points, in the table's order, and call the second; count what agrees."""
    truth = truth_of(folder)
    table = work / "learnt.csv"
    table.write_text(_table({name: labelled[: len(labelled) // 2] for name, labelled in truth.items()}))
    options = TrainOptions(labels=table, photos=folder, out=work / CLASSIFIER)
    train(options, Word("people"), Printer(as_json=True), work)
    classifier = read_classifier(options.out)
    inference = Inference(classifier, extractors.find(DEFAULT, work / extractors.FOLDER))
    codes = np.array([label.code for label in classifier.labels])
    labels: list[str] = []
    right = 0
    for name, labelled in truth.items():
        asked = labelled[len(labelled) // 2 :]
        scores = inference.scores((folder / name).read_bytes(), [point for point, _ in asked])
        right += int((codes[scores.argmax(axis=1)] == [label for _, label in asked]).sum())
        labels += [label for _, label in asked]
    return Halves(len(labels), right, max(map(labels.count, set(labels))))


def _table(truth: Truth) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["Name", "Row", "Column", "Label"])
    writer.writerows([name, *point, label] for name, labelled in truth.items() for point, label in labelled)
    return stream.getvalue()


def cpu_s(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The least processor seconds of each work, taken in turns."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, taken, strict=True):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
    return [min(times) for times in taken]


class TimedFeatures(Features):
    """Features that note the processor seconds of onnxruntime alone."""

    alone_s = 0.0

    def of_crops(self, crops: Crops) -> NDArray[np.float32]:
        """The vectors of crops."""
        began = time.process_time()
        found = super().of_crops(crops)
        self.alone_s += time.process_time() - began
        return found


def speed(folder: Path, classifier: LocalClassifier, onnx: bytes, rounds: int) -> tuple[float, float]:
    """Crops a second and core: from a photo's bytes to scores, and of onnxruntime alone within that.

    Both are of the same moments, and the median of the rounds: a busy computer is slower in both alike.
    """
    truth = truth_of(folder)
    name = next(iter(truth))
    photo, points = (folder / name).read_bytes(), [point for point, _ in truth[name]]
    features = TimedFeatures(DEFAULT, onnx)
    seconds: list[tuple[float, float]] = []
    with threadpool_limits(1):
        for _ in range(rounds):
            began, alone = time.process_time(), features.alone_s
            classifier.head.scores(features.of(photo, points))
            seconds.append((time.process_time() - began, features.alone_s - alone))
    whole, alone = sorted(seconds, key=lambda taken: taken[1] / taken[0])[rounds // 2]
    return len(points) / whole, len(points) / alone


def head_speed(rounds: int) -> tuple[float, float, float]:
    """Milliseconds for 200 points of our head and of scikit-learn's, and the largest difference of a probability."""
    chance = np.random.default_rng(0)
    codes = np.array([f"{number % 50:02}" for number in range(2_000)])
    vectors = chance.normal(size=(50, 1280))[np.arange(2_000) % 50] + chance.normal(size=(2_000, 1280)) * 8
    fitted = training.calibrated(2).fit(vectors.astype(np.float32), codes)
    head = training.head_of(fitted)
    asked = vectors[:HEAD_POINTS].astype(np.float32)
    with threadpool_limits(1):
        ours, theirs = cpu_s(rounds, lambda: head.probabilities(asked), lambda: fitted.predict_proba(asked))
    wide = asked.astype(np.float64)
    return ours * 1e3, theirs * 1e3, float(np.abs(head.probabilities(wide) - fitted.predict_proba(wide)).max())


def differences(folder: Path, classifier: LocalClassifier, onnx: bytes) -> dict[str, tuple[float, int, int, int]]:
    """How scores differ when onnxruntime computes in another order.

    For each way: the largest difference of a probability; how many scores differ, and by how many ten thousandths at
    most; how many points have another best label.
    """
    truth = truth_of(folder)
    whole = np.concatenate(
        [_crops((folder / name).read_bytes(), [at for at, _ in labelled]) for name, labelled in truth.items()]
    )
    ways: dict[str, dict[str, Any]] = {
        "as it is": {},
        "crops one by one": {"batch": 1},
        "7 crops at once": {"batch": 7},
        "2 threads": {"threads": 2},
        "basic optimisation": {"level": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC},
        "no optimisation": {"level": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL},
    }
    found = {}
    usual: NDArray[np.float64] | None = None
    for way, changed in ways.items():
        probabilities = classifier.head.probabilities(_vectors(onnx, whole, **changed))
        usual = probabilities if usual is None else usual
        scores, others = (np.rint(one * SCORE_PARTS).astype(int) for one in (usual, probabilities))
        found[way] = (
            float(np.abs(usual - probabilities).max()),
            int((scores != others).sum()),
            int(np.abs(scores - others).max()),
            int((scores.argmax(axis=1) != others.argmax(axis=1)).sum()),
        )
    return found


def _crops(photo: bytes, points: Sequence[Point]) -> Crops:
    return cut(decode(photo, MAX_PHOTO_PIXELS), points, DEFAULT, room_for(len(points), DEFAULT))


def _vectors(
    onnx: bytes, whole: Crops, *, batch: int = CROPS_AT_ONCE, threads: int = 1, level: Any = None
) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    if level is not None:
        options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    return np.concatenate(
        [session.run(None, {"crops": whole[first : first + batch]})[0] for first in range(0, len(whole), batch)]
    )


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=MLC)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        found = halves(asked.photos, work)
        print(f"halves: {found.right} of {found.points} right, {found.share:.3f}; commonest label {found.commonest}")
        onnx = extractors.find(DEFAULT, work / extractors.FOLDER)
        classifier = read_classifier(work / CLASSIFIER)
        ours, bare = speed(asked.photos, classifier, onnx, asked.rounds)
        print(f"crops a second and core: {ours:.1f}, onnxruntime alone {bare:.1f}: {ours / bare:.0%}")
        mine, theirs, difference = head_speed(asked.rounds)
        print(f"head, 200 points of 50 labels: {mine:.2f} ms, scikit-learn {theirs:.2f} ms: {theirs / mine:.1f} x")
        print(f"head, largest difference of a probability: {difference:.1e}")
        for way, (largest, differ, parts, best) in differences(asked.photos, classifier, onnx).items():
            print(f"{way}: {largest:.1e}; {differ} scores differ, by {parts} / 10,000 at most; {best} best labels")


if __name__ == "__main__":
    main()
