"""What a survey names, as it is found on this computer: files, folders of photos, earlier runs.

Rule: everything is looked for before anything is said, so that all that is missing is reported at once. What a
repository does not carry may be passed over, and is named then.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.app.survey.named_files import files_at, why_none
from coralrun.app.survey.near_path import near
from coralrun.errors import InvalidInput, Problem, RunDamaged
from coralrun.files.given import read_given
from coralrun.files.training_photos import training_photos_of
from coralrun.planning.model import Classifier
from coralrun.service.about import AboutService
from coralrun.service.terms import Option, Options
from coralrun.spec.canonical import folder_path
from coralrun.spec.environment import variable_in
from coralrun.spec.model import FolderSource, PointsFile, Survey
from coralrun.spec.named import files_read, runs_read
from coralrun.store import plans, run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

_FILE_KEYS = ("manifest", "names_from", "from", "metadata", "areas", "groups")
_RUN_KEYS = ("not_in", "same_as", "run")
_FILES_REMEDY = (
    "Paths in a survey that do not begin at the root are relative to the survey; correct them, or put the files there. "
    "A drive may have to be connected first."
)


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that this survey builds on: the plan's digest, its keys, its classifier, what is told of its service, and
    what it said by keys of that."""

    plan_digest: str
    keys: frozenset[str]
    classifier: Classifier
    about: AboutService
    options: Options = field(default_factory=dict)


@dataclass(slots=True)
class Missing:
    """What a survey names and is not there: `problems`, but for what is passed over, of which it is said."""

    is_skipped: bool = False
    skipped: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem) -> None:
        """Something is not there."""
        if self.is_skipped:
            self.skipped.append(problem.message)
        else:
            self.problems.append(problem)

    def raise_problems(self, remedy: str) -> None:
        """Raise InvalidInput where there are any."""
        if self.problems:
            raise InvalidInput(self.problems, remedy=remedy)


def points_files(survey: Survey, folder: Path, given: Mapping[str, bytes], missing: Missing) -> tuple[str, ...]:
    """The files that the path of the points stands for, relative to the survey's folder."""
    if not isinstance(survey.points, PointsFile):
        return ()
    named = survey.points.path
    place = folder / named
    if named in given:
        return (named,)
    found = files_at(place)
    if found is None:
        return (named,)
    if not found:
        message = f"{place.as_posix()}: {_not_set(named) or why_none(place, named)}"
        missing.note(survey.wording.problem(message, named, "from"))
        missing.raise_problems(_FILES_REMEDY)
    return tuple(sorted(os.path.relpath(path, folder).replace(os.sep, "/") for path in found))


def files_of(
    survey: Survey, folder: Path, points: tuple[str, ...], given: Mapping[str, bytes], missing: Missing
) -> dict[str, bytes]:
    named = survey.points.path if isinstance(survey.points, PointsFile) else ""
    names = dict.fromkeys([*(name for name in files_read(survey) if name != named), *points])
    return read_named(survey, folder, names, given, missing)


def read_named(
    survey: Survey, folder: Path, names: Iterable[str], given: Mapping[str, bytes], missing: Missing
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    folders = (word for key, word in survey.wording.places if key == "not_trained_on")
    of_classifiers = {training_photos_of(folder_path(word)): word for word in folders}
    for name in names:
        try:
            files[name] = given[name] if name in given else read_given(folder / name)
        except OSError as error:
            is_away = isinstance(error, (FileNotFoundError, NotADirectoryError))
            hint = near(folder / name) if isinstance(error, FileNotFoundError) else ""
            message = f"{(folder / name).as_posix()}: {_not_set(name) or f'{error.strerror}{hint}'}"
            problem = survey.wording.problem(message, name, *_FILE_KEYS)
            if name in of_classifiers:
                problem = survey.wording.problem(message, of_classifiers[name], "not_trained_on")
            (missing.note if is_away else missing.problems.append)(problem)
    missing.raise_problems(_FILES_REMEDY)
    return files


def folders_of(survey: Survey, folder: Path, keys: Collection[str], missing: Missing) -> dict[str, Path]:
    """Where the folders of photos are: a run may be gone on with from anywhere.

    Those that the survey names by `keys` of its service's own must be there too.
    """
    folders: dict[str, Path] = {}
    for source in survey.sources:
        if isinstance(source, FolderSource):
            place = folders[source.label] = (folder / source.path).resolve()
            word = next((word for key, word in survey.wording.places if _names(source, key, word)), source.path)
            _check_folder(survey, place, (folder / source.path).as_posix(), word, missing)
    for named in (str(survey.options[key]) for key in keys if survey.options.get(key) is not None):
        _check_folder(survey, (folder / named).resolve(), (folder / named).as_posix(), named, missing)
    missing.raise_problems(_FILES_REMEDY)
    return folders


def _check_folder(survey: Survey, place: Path, named: str, word: str, missing: Missing) -> None:
    if not place.is_dir():
        is_file = place.exists()
        message = f"{named}: " + (
            "a file, not a folder" if is_file else _not_set(word) or f"no such folder{near(place)}"
        )
        problem = survey.wording.problem(message, word, "folder")
        (missing.problems.append if is_file else missing.note)(problem)


def _not_set(named: str) -> str:
    """Which variable of a path the environment has not: one stands for itself where what is missing is passed over."""
    variable = variable_in(named)
    return "" if variable is None else f"the environment has no variable `{variable}`"


def _names(source: FolderSource, key: str, word: str) -> bool:
    return key == "folder" and folder_path(word) == source.path


def same_folders(
    survey: Survey, runs: Mapping[str, EarlierRun], keys: Collection[str], missing: Missing
) -> dict[str, Option]:
    """The folder of the classifier of the run that `same_as` names, where a service's classifier is a folder, by its
    key; raises InvalidInput where it is not there or holds another classifier by now."""
    named = survey.classifier.same_as
    if named is None or named not in runs or not keys:
        return {}
    from coralrun.classifiers.folder import read_classifier  # with all that computes, and few surveys need it

    earlier = runs[named]
    folders = {key: earlier.options[key] for key in keys if key in earlier.options}
    if not folders:
        message = f"the classifier of {named}, {earlier.classifier.id}, is no folder"
        missing.problems.append(survey.wording.problem(message, named, "same_as"))
    for folder in folders.values():
        is_there = Path(str(folder)).is_dir()
        now = read_classifier(Path(str(folder))).called if is_there else ""
        said = f"{folder}: no such folder" if not is_there else f"{folder} holds {now} now"
        if now != earlier.classifier.id:
            message = f"{said}, where the classifier of {named} was, {earlier.classifier.id}"
            problem = survey.wording.problem(message, named, "same_as")
            (missing.problems.append if is_there else missing.note)(problem)
    missing.raise_problems(
        "Put that classifier back, or name its folder in place of `same_as`: `classifier: {folder: ...}`."
    )
    return folders


def runs_of(survey: Survey, missing: Missing) -> dict[str, EarlierRun]:
    runs: dict[str, EarlierRun] = {}
    disk = Disk()
    for directory in runs_read(survey):
        layout = Layout(Path(directory))
        if not run.exists(layout):
            missing.note(survey.wording.problem(f"{directory} holds no run", directory, *_RUN_KEYS))
            continue
        try:
            runs[directory] = EarlierRun(*plans.keys_in_force(layout, disk, run.load(layout, disk).state))
        except RunDamaged as damage:
            raise RunDamaged(f"{directory}, which the survey names: {damage.message}") from damage
    missing.raise_problems("Name the directory of a run, relative to where you call the command, as `outputs` does.")
    return runs
