"""A classifier trained here: labels and photos in, its folder out.

Rule: nothing is written before all is learnt, and the folder appears whole. No accuracy is given: on its own examples
any classifier looks good, and on other sites nobody knows. What was not learnt from is told with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from coralrun import __version__
from coralrun.app.applying.interruption import listening
from coralrun.app.applying.train_photos import (
    OTHER_PHOTOS,
    BadPhotoFound,
    Seen,
    doubts,
    look_at,
    outside_lines,
    photos_below,
    place_all,
)
from coralrun.app.reporter import Reporter
from coralrun.app.run.paths import check_out_folder, reaching
from coralrun.app.survey.label_files import given_labels
from coralrun.classifiers import extractors, folder, head
from coralrun.classifiers.examples import Examples, Why, gather, rare
from coralrun.classifiers.folder import LocalClassifier, classifier_of
from coralrun.classifiers.inference import Features
from coralrun.classifiers.kept_features import KeptFeatures
from coralrun.classifiers.model_file import NOT_JUDGED, Extractor, LeftOut, ModelFile, TrainedLabel, Training
from coralrun.classifiers.placing import Placed
from coralrun.classifiers.presets import described
from coralrun.classifiers.training import Fitted, fit
from coralrun.clock import SystemClock
from coralrun.errors import Refusals, UsageError
from coralrun.files.given import read_given
from coralrun.files.training_photos import encode_photos
from coralrun.review.whose_labels import Labels, Word
from coralrun.sources.reading import AS_USUAL, ByOption
from coralrun.store.files import Disk
from coralrun.values.ids import digest_of, sha256_hex
from coralrun.values.phrases import count

_SHOWN: Final = 5
_FILL_IN: Final = "Have people fill in the column of labels, and hand in that table."
_PEOPLES: Final = (
    "Hand in labels that people gave, such as a review that was filled in (`coralrun review`): a machine's teach its "
    "mistakes."
)
_SEEDS: Final = 2**32
"""Of numpy's RandomState, by which scikit-learn draws."""


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
    reading: ByOption = AS_USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A classifier that was made, and what was left out of it: rows by reason, names without a photo, bad photos, what
    is `outside` its photo; `said` of the labels, and what is `doubted` of their places."""

    classifier: LocalClassifier
    left_out: Mapping[Why, int]
    missing: tuple[str, ...]
    bad: tuple[str, ...]
    outside: tuple[str, ...]
    said: tuple[str, ...]
    doubted: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What a person is told."""
        model = self.classifier.model
        yield model.name
        yield from (f"  {line}" for line in self.classifier.about)
        widest = max(len(label.code) for label in model.labels)
        for label in sorted(model.labels, key=lambda label: -label.examples):
            yield f"  {label.code:{widest}}  {label.examples:>7,} of {count(label.photos, 'photo')}"
        yield from (f"  {said}" for said in self.said)
        for why, number in self.left_out.items():
            yield f"  not learnt from: {count(number, 'row')}: {why}"
        if model.training.left_out:
            few = ", ".join(f"{label.code} ({label.examples})" for label in model.training.left_out)
            yield f"  labels that it does not know: {few}"
        for what, names in (("no photo in the folder", self.missing), ("photos that cannot be used", self.bad)):
            if names:
                yield f"  {what}: {', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}"
        yield from (f"  {outside}" for outside in self.outside[:_SHOWN])
        if len(self.outside) > _SHOWN:
            yield f"  and {len(self.outside) - _SHOWN:,} more outside their photos"
        yield from (f"  warning: {doubted}" for doubted in self.doubted)
        yield "  accuracy: not judged. Nobody knows yet how good it is, here or on other sites"
        photos = count(model.training.photos, "photo")
        yield f"  on the {photos} that trained it: in-sample, and no audit that it learnt from corrects its cover"

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
            "outside": list(self.outside),
            "warnings": list(self.doubted),
        }


@dataclass(frozen=True, slots=True)
class _Given:
    """What a classifier is trained with: labels and `notes` of how they were read, photos, and what looks at them."""

    notes: tuple[str, ...]
    labels: Labels
    photos: Sequence[str]
    extractor: Extractor
    onnx: bytes


def train(options: TrainOptions, word: Word, reporter: Reporter, cache: Path) -> Trained:
    """Train a classifier and write its folder; extractors and vectors are kept below `cache`.

    Raises UsageError where things named are not there or nothing can be learnt, InvalidInput for a table with problems,
    DiskError where the folder cannot be written.
    """
    given = _given(options, word, cache / extractors.FOLDER)
    labels, extractor = given.labels, given.extractor
    examples = gather(labels.rows, given.photos)
    if not examples.photos:
        raise _nothing(options, examples)
    found = place_all(options.photos, examples.photos, reporter)
    photos = [one for one in found if isinstance(one, Placed)]
    doubted = doubts(options.labels, photos)
    kept = KeptFeatures(extractor, Features(extractor, given.onnx), cache / "features")
    usable = [photo for photo in photos if photo.points]
    looked = list(look_at(options.photos, usable, kept, reporter))
    kept.trim()
    reporter.doing("learning")
    bad = [one for one in (*found, *looked) if isinstance(one, BadPhotoFound)]
    outside = tuple(outside_lines(options.labels, photos))
    seen = [one for one in looked if isinstance(one, Seen)]
    if not seen:
        why = [*(f"{one.path} ({one.why})" for one in bad), *outside]
        raise UsageError(f"none of the photos can be used: {', '.join(why[:_SHOWN])}", remedy=OTHER_PHOTOS)
    photos_file = encode_photos(one.sha256 for one in seen)
    model, arrays = _learn(options, extractor, examples, seen, sha256_hex(photos_file))
    classifier = classifier_of(model, arrays, str(options.out))
    lost = {
        Why.BAD_PHOTO: sum(one.examples for one in bad),
        Why.OUTSIDE: sum(len(photo.outside) for photo in photos if not photo.is_other_size),
        Why.OTHER_SIZE: sum(len(photo.outside) for photo in photos if photo.is_other_size),
        Why.RARE: sum(label.examples for label in classifier.model.training.left_out),
    }
    with listening():  # it is a moment, after which there is the whole folder
        _write(options.out, {folder.MODEL: model, folder.HEAD: arrays, folder.PHOTOS: photos_file})
    return Trained(
        classifier=classifier,
        left_out={**examples.left_out, **{why: number for why, number in lost.items() if number}},
        missing=examples.missing,
        bad=tuple(f"{one.path} ({one.why})" for one in bad),
        outside=outside,
        said=(*given.notes, *([labels.said] if labels.said else []), *examples.near),
        doubted=doubted,
    )


def _given(options: TrainOptions, word: Word, cache: Path) -> _Given:
    """Look at all that a person named before anything is computed; raises for all that is wrong with it at once."""
    refusals = Refusals()
    with refusals.noted():
        check_out_folder(options.out)
    with refusals.noted(), reaching(options.photos):
        photos = photos_below(options.photos)
    with refusals.noted():
        if not 0 <= options.seed < _SEEDS:
            raise UsageError(f"--seed {options.seed}: not a seed", remedy=f"Give one from 0 to {_SEEDS - 1}.")
    with refusals.noted():
        extractor, onnx = _extractor(options, cache)
    with refusals.noted():
        asked = replace(word, ask=None) if refusals else word
        file, labels = given_labels(options.labels, options.reading, asked)
    refusals.raise_if_any()
    return _Given(file.notes, labels, photos, extractor, onnx)


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


def _learn(
    options: TrainOptions, extractor: Extractor, examples: Examples, seen: Sequence[Seen], photo_digests: str
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
            photo_digests=photo_digests,
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


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    disk = Disk()
    disk.make_directory(out.absolute().parent)

    def fill(fresh: Path) -> None:
        for name, data in files.items():
            disk.replace(fresh / name, data)

    disk.replace_folder_by(out, fill)


def _nothing(options: TrainOptions, examples: Examples) -> UsageError:
    whys = examples.left_out.keys()
    reasons = [f"{count(number, 'row')}: {why}" for why, number in examples.left_out.items()]
    if Why.NO_PHOTO in whys:
        reasons += [*(examples.near or [f"the first photo that is missing: `{examples.missing[0]}`"])]
    remedy = _PEOPLES if Why.MACHINE in whys else _FILL_IN
    return UsageError(
        f"{options.labels}: nothing to learn from in {options.photos} ({'; '.join(reasons) or 'no rows'})",
        remedy=remedy if whys and whys <= {Why.UNLABELLED, Why.MACHINE} else OTHER_PHOTOS,
    )
