"""A classifier trained here: labels and photos in, its folder out.

Rule: nothing is written before all is learnt, and the folder appears whole. No accuracy is given: on its own examples
any classifier looks good, and on other sites nobody knows. What was not learnt from is told with its reason.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from coralrun import __version__
from coralrun.app.applying.interruption import listening
from coralrun.app.reporter import Reporter
from coralrun.app.run.paths import check_out_folder, reaching
from coralrun.classifiers import extractors, folder, head
from coralrun.classifiers.examples import Examples, LabelledPhoto, Why, gather, rare
from coralrun.classifiers.folder import LocalClassifier, classifier_of
from coralrun.classifiers.inference import Features
from coralrun.classifiers.kept_features import Kept, KeptFeatures
from coralrun.classifiers.model_file import NOT_JUDGED, Extractor, LeftOut, ModelFile, TrainedLabel, Training
from coralrun.classifiers.photo import BadPhoto
from coralrun.classifiers.presets import described
from coralrun.classifiers.training import Fitted, fit
from coralrun.clock import SystemClock
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.limits import MAX_PHOTO_BYTES
from coralrun.parallel import parallel_map
from coralrun.review.whose_labels import Word, labels_of
from coralrun.sources.labelled_file import read_labelled
from coralrun.store.files import Disk
from coralrun.values.ids import digest_of, sha256_hex
from coralrun.values.phrases import count

_SHOWN: Final = 5
_OTHER_PHOTOS: Final = "Give the folder of the photos that were labelled, as they were labelled."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """What a person says of a classifier to be trained; without an extractor's file it is the default one's."""

    labels: Path
    photos: Path
    out: Path
    sites: tuple[str, ...] = ()
    licence: str = ""
    extractor: Path | None = None
    preset: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier that was made, and what was left out of it: rows by reason, names without a photo, bad photos."""

    classifier: LocalClassifier
    left_out: Mapping[Why, int]
    missing: tuple[str, ...]
    bad: tuple[str, ...]
    said: str

    def lines(self) -> Iterator[str]:
        """What a person is told."""
        model = self.classifier.model
        yield model.name
        yield from (f"  {line}" for line in self.classifier.about)
        widest = max(len(label.code) for label in model.labels)
        for label in sorted(model.labels, key=lambda label: -label.examples):
            yield f"  {label.code:{widest}}  {label.examples:>7,} of {count(label.photos, 'photo')}"
        if self.said:
            yield f"  {self.said}"
        for why, number in self.left_out.items():
            yield f"  not learnt from: {count(number, 'row')}: {why}"
        if model.training.left_out:
            few = ", ".join(f"{label.code} ({label.examples})" for label in model.training.left_out)
            yield f"  labels that it does not know: {few}"
        for what, names in (("no photo in the folder", self.missing), ("photos that cannot be used", self.bad)):
            if names:
                yield f"  {what}: {', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}"
        yield "  accuracy: not judged. Nobody knows yet how good it is, here or on other sites"

    def document(self) -> dict[str, object]:
        """All of it, for a program."""
        return {
            "name": self.classifier.model.name,
            "digest": self.classifier.digest,
            "labels": {label.code: label.examples for label in self.classifier.model.labels},
            "held_out": self.classifier.model.held_out,
            "left_out": {str(why): number for why, number in self.left_out.items()},
            "missing": list(self.missing),
            "bad_photos": list(self.bad),
        }


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo's digest and vectors; or why it cannot be used, in words."""

    photo: LabelledPhoto
    sha256: str
    vectors: Kept
    bad: str = ""

    @classmethod
    def unusable(cls, photo: LabelledPhoto, why: str) -> _Seen:
        return cls(photo, "", np.empty((0, 0), np.float16), why)


def train(options: TrainOptions, word: Word, reporter: Reporter, cache: Path) -> Trained:
    """Train a classifier and write its folder; extractors and vectors are kept below `cache`.

    Raises UsageError where something named is not there or nothing can be learnt, InvalidInput for a table with
    problems, DiskError where the folder cannot be written.
    """
    check_out_folder(options.out)
    labels = labels_of(options.labels, read_labelled(options.labels.name, _given(options.labels)), word)
    with reaching(options.photos):
        examples = gather(labels.rows, _photos_below(options.photos))
    if not examples.photos:
        raise _nothing(options, examples)
    extractor, onnx = _extractor(options, cache / extractors.FOLDER)
    kept = KeptFeatures(extractor, Features(extractor, onnx), cache / "features")
    seen = list(_look_at(options.photos, examples.photos, kept, reporter))
    kept.trim()
    reporter.doing("learning")
    bad = tuple(f"{one.photo.path} ({one.bad})" for one in seen if one.bad)
    if len(bad) == len(seen):
        raise UsageError(f"none of the photos can be used: {', '.join(bad[:_SHOWN])}", remedy=_OTHER_PHOTOS)
    model, arrays = _learn(options, extractor, examples, [one for one in seen if not one.bad])
    classifier = classifier_of(model, arrays, str(options.out))
    left_out = dict(examples.left_out)
    if lost := sum(len(one.photo.points) for one in seen if one.bad):
        left_out[Why.BAD_PHOTO] = lost
    if few := sum(label.examples for label in classifier.model.training.left_out):
        left_out[Why.RARE] = few
    with listening():  # it is a moment, after which there is the whole folder
        _write(options.out, model, arrays)
    return Trained(classifier, left_out, examples.missing, bad, labels.said)


def _given(path: Path) -> bytes:
    with reaching(path):
        return read_given(path)


def _photos_below(root: Path) -> list[str]:
    """The paths of all files below a folder, with forward slashes; hidden ones and links are passed over."""
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder", remedy="Name the folder of the photos that were labelled.")
    found = []
    for at, folders, files in os.walk(root):
        below = Path(at).relative_to(root)
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [(below / name).as_posix() for name in files if not name.startswith(".")]
    return sorted(path for path in found if not (root / path).is_symlink())


def _extractor(options: TrainOptions, cache: Path) -> tuple[Extractor, bytes]:
    if options.extractor is None:
        if options.preset:
            raise UsageError("--preset is said of an extractor's file", remedy="Name the file: --extractor FILE.onnx.")
        return extractors.DEFAULT, extractors.find(extractors.DEFAULT, cache)
    with reaching(options.extractor):
        onnx = read_given(options.extractor, extractors.MOST_ONNX_BYTES)
    found = described(onnx, options.extractor.stem, options.preset)
    extractors.keep(onnx, cache)
    return found, onnx


def _look_at(root: Path, photos: Sequence[LabelledPhoto], kept: KeptFeatures, reporter: Reporter) -> Iterator[_Seen]:
    """The vectors of photos, in their order, as many at once as there are cores."""

    def look(photo: LabelledPhoto) -> _Seen:
        try:
            data = read_given(root / photo.path, MAX_PHOTO_BYTES)
            return _Seen(photo, sha256_hex(data), kept.of(data, photo.points))
        except OSError as error:
            return _Seen.unusable(photo, str(error.strerror or error))
        except BadPhoto as error:
            return _Seen.unusable(photo, error.fault.value)

    for number, one in enumerate(parallel_map(look, photos, os.cpu_count() or 1), 1):
        reporter.doing("looking at photos", number, len(photos))
        yield one


def _learn(
    options: TrainOptions, extractor: Extractor, examples: Examples, seen: Sequence[_Seen]
) -> tuple[bytes, bytes]:
    """The bytes of model.json and head.npz."""
    codes = np.array([code for one in seen for code in one.photo.codes])
    numbers = np.array([number for number, one in enumerate(seen) for _ in one.photo.codes])
    few = rare(codes.tolist())
    wanted = ~np.isin(codes, list(few))
    vectors = np.concatenate([one.vectors for one in seen])[wanted].astype(np.float32)
    fitted = fit(vectors, codes[wanted], numbers[wanted], options.seed)
    arrays = head.encode(fitted.head)
    model = ModelFile(
        name=options.out.resolve().name,
        date=SystemClock().utc()[:10],
        licence=options.licence,
        coralrun=__version__,
        extractor=extractor,
        labels=_labels(fitted, examples.ids, codes[wanted].tolist(), numbers[wanted].tolist()),
        training=Training(
            sites=options.sites,
            photos=len(set(numbers[wanted].tolist())),
            points=int(wanted.sum()),
            digest=digest_of(sorted([one.sha256, one.photo.points, one.photo.codes] for one in seen)),
            left_out=tuple(LeftOut(code=code, examples=number) for code, number in few.items()),
            calibrated_by=fitted.calibrated_by,
            seed=options.seed,
        ),
        held_out=NOT_JUDGED,
        head=sha256_hex(arrays),
    )
    return folder.encode(model), arrays


def _labels(
    fitted: Fitted, ids: Mapping[str, int], codes: Sequence[str], photos: Sequence[int]
) -> tuple[TrainedLabel, ...]:
    examples = Counter(codes)
    on = Counter(code for code, _ in set(zip(codes, photos, strict=True)))
    return tuple(
        TrainedLabel(code=code, name=code, id=ids.get(code), examples=examples[code], photos=on[code])
        for code in fitted.codes
    )


def _write(out: Path, model: bytes, arrays: bytes) -> None:
    disk = Disk()
    disk.make_directory(out.absolute().parent)

    def fill(fresh: Path) -> None:
        disk.replace(fresh / folder.MODEL, model)
        disk.replace(fresh / folder.HEAD, arrays)

    disk.replace_folder_by(out, fill)


def _nothing(options: TrainOptions, examples: Examples) -> UsageError:
    reasons = [f"{count(number, 'row')}: {why}" for why, number in examples.left_out.items()]
    if examples.missing:
        reasons.append(f"the first photo that is missing: `{examples.missing[0]}`")
    return UsageError(
        f"{options.labels}: nothing to learn from in {options.photos} ({'; '.join(reasons) or 'no rows'})",
        remedy=_OTHER_PHOTOS,
    )
