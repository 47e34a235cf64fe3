"""Surveys that are planned or carried out by one call, where one uploads photos to a source that another reads.

Rule: whoever uploads has its turn before whoever reads, and both keep their order otherwise. What is foretold are the
photos that are still to be sent: what has been is found where it is. Filters by name are applied; whether other keys
take a photo shows once it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.app.beforehand.planned import Planned
from coralrun.app.survey.survey_file import survey_alone
from coralrun.errors import CoralrunError
from coralrun.planning.filters import matcher
from coralrun.spec.image_search import Search
from coralrun.spec.model import CoralNetSource, FolderSource, Survey
from coralrun.spec.point_design import PointDesign
from coralrun.values.phrases import count, share_list, typed


@dataclass(slots=True)
class Together:
    """Surveys by their paths, but for those that are not valid; and by the same paths what was found that they send."""

    surveys: dict[Path, Survey] = field(default_factory=dict)
    _going: dict[Path, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Together:
        """Those that stand at some paths; the files that they name are not read."""
        together = cls()
        for path in paths:
            try:
                together.surveys[path] = survey_alone(path)
            except (CoralrunError, OSError):
                continue  # its turn tells why
        return together

    def in_order(self, paths: Sequence[Path]) -> list[Path]:
        """The paths, whoever uploads before whoever reads; of those that wait for each other the first is first."""
        left, ordered = list(paths), list[Path]()
        while left:
            free = (path for path in left if not any(other in left for other in self._uploaders(path)))
            ordered.append(next(free, left[0]))
            left.remove(ordered[-1])
        return ordered

    def note(self, path: Path, planned: Planned) -> None:
        """Keep what a plan sends."""
        self._going[path] = planned.uploads.going

    def coming(self, path: Path) -> Iterator[str]:
        """The photos that others upload to sources that the survey at a path reads."""
        for uploader, source in self._uploads_for(path):
            others, again = uploader.as_posix(), f"plan again after `coralrun apply {typed(uploader)}`"
            if uploader not in self._going:
                yield f"{source.label}: {others} uploads photos there, how many is not known yet: {again}"
                continue
            names = {name for to, name in self._going[uploader] if to == str(source.source)}
            taken = sum(map(_judged(source), names))
            if taken:
                keys = tuple(_not_judged(source, self.surveys[path]))
                shows = f", as far as {share_list(keys)} will take them," if keys else ""
                come = "comes" if taken == 1 else "come"
                yield (
                    f"{source.label}: {count(taken, 'photo')} that {others} uploads there first {come} too{shows} and "
                    f"{'is' if taken == 1 else 'are'} not in this plan: {again}"
                )

    def _uploaders(self, path: Path) -> set[Path]:
        return {uploader for uploader, _ in self._uploads_for(path)}

    def _uploads_for(self, path: Path) -> Iterator[tuple[Path, CoralNetSource]]:
        """Who uploads to which source that the survey at a path reads."""
        survey = self.surveys.get(path)
        if survey is None:
            return
        others = {other: its for other, its in self.surveys.items() if other != path and its.service == survey.service}
        for source in survey.sources:
            if isinstance(source, CoralNetSource):
                yield from ((other, source) for other, its in others.items() if _uploads_to(its, source.source))


def _uploads_to(survey: Survey, to: int) -> bool:
    uploads = (source.upload_to for source in survey.sources if isinstance(source, FolderSource))
    return any(upload is not None and upload.source == to for upload in uploads)


def _judged(source: CoralNetSource) -> Callable[[str], bool]:
    """Whether the filters of a source by name take a name."""
    filters = source.filters
    wanted, unwanted = matcher(filters.include or ["*"]), matcher(filters.exclude)
    return lambda name: wanted(name) and not unwanted(name)


def _not_judged(source: CoralNetSource, survey: Survey) -> Iterator[str]:
    """The keys that may leave a photo out, whatever it is called."""
    filters = source.filters
    asked = {
        "search": source.search != Search(),
        "names_from": bool(filters.names_from),
        "where": bool(filters.where),
        "limit": filters.limit is not None,
        "sampling.images": survey.images.count is not None,
        "sampling.points": not isinstance(survey.points, PointDesign),
    }
    yield from (f"`{key}`" for key, is_asked in asked.items() if is_asked)
