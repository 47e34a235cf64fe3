"""What is said of a file of labelled points, by options that several commands have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coralrun.cli.reading import reading_by
from coralrun.errors import UsageError

if TYPE_CHECKING:
    from coralrun.app.survey.survey_file import SurveyFile
    from coralrun.sources.reading import ByOption


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """The survey that a file is read by, who labelled it, and how it is read."""

    survey: Path | None
    labelled_by: str
    reading: ByOption

    @classmethod
    def of(
        cls, survey: Path | None, labelled_by: str, encoding: str, sheet: str, columns: Sequence[str] | None
    ) -> LabelOptions:
        """What the options say; raises UsageError where they say what is not known here."""
        return cls(survey, labelled_by, reading_by(encoding, sheet, columns))

    def design(self) -> SurveyFile | None:
        """What the survey says of how cover is worked out; raises as `read_design`."""
        from coralrun.app.survey.survey_file import read_design

        return None if self.survey is None else read_design(self.survey)


def check_is_for_labels(options: LabelOptions, out: Path | None = None) -> None:
    """Raise UsageError where options of a file of labels are given for a run."""
    if out is not None or options != LabelOptions.of(None, "", "", "", None):
        words = ("--survey", *(["--out"] if out is not None else []), "--labelled-by", "--encoding", "--sheet")
        raise UsageError(
            f"{', '.join(words)} and --columns are for a file of labels, not for a run",
            remedy="Name the file, folder or pattern of the labels; a run has its tables in its folder `outputs`.",
        )
