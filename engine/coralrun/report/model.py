"""What a report shows, as plain values: the templates know these records and nothing behind them.

Rule: shares (cover, scores) are fractions from 0 to 1, lengths of time are in seconds, texts are as they came: the
templates escape them. No record holds a URL, an account or a time of writing, so the same run gives the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from coralrun.accuracy.own_figures import OwnLabel


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """The cover of one label or group in one place: the whole survey (`place` ""), a stratum, or a unit.

    `low` and `high` are None where there is no interval, and then `why` says why. `units`, `photos` and `points` are
    those used; `unseen` says that no point had the label, so that `high` is all that is known.
    """

    what: str
    mean: float
    place: str = ""
    stratum: str = ""
    low: float | None = None
    high: float | None = None
    units: int = 0
    photos: int = 0
    points: int = 0
    unseen: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """All cover of a run: `overall` in the order in which groups are shown, then the same groups in each place.

    `by` is what is counted ("group" or "label"), `unit` and `stratum` the design's fields, "" where there is none.
    `units` are whole units, `cells` what of a unit lies in a stratum (the same without strata).
    `labels` is the cover of each label where groups are counted; `more` counts the groups that are left out here.
    `photos` are those used, `photos_dropped` those with predictions that were left out. `notes` are sentences on how
    it was reckoned; `scope` is one on what part of the area all of this is, "" for all of it, and `missing` are the
    strata that it is not of. `across_years` is one on why nothing is said of all years together, "" where that may be;
    `occasions` are the estimates of each visit, empty where there is one; `strata` are then those of each visit too.
    `span` is how long the photos of one unit span, where that is to be said. `weighs_photos` says whether units weigh
    as many photos as theirs stand for, `is_crossed` whether one lies in several strata.
    """

    by: str
    unit: str = ""
    stratum: str = ""
    overall: tuple[Estimate, ...]
    labels: tuple[Estimate, ...] = ()
    strata: tuple[Estimate, ...] = ()
    units: tuple[Estimate, ...] = ()
    cells: tuple[Estimate, ...] = ()
    more: int = 0
    photos: int = 0
    photos_dropped: int = 0
    usable_points: int = 0
    unusable_points: int = 0
    notes: tuple[str, ...] = ()
    scope: str = ""
    missing: tuple[str, ...] = ()
    across_years: str = ""
    occasions: tuple[Estimate, ...] = ()
    span: str = ""
    weighs_photos: bool = False
    is_crossed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One group as the machine and as people see it, on one occasion (`visit`) if any; `correction` is what
    people's labels add, with its own error."""

    what: str
    visit: str = ""
    machine: float
    corrected: float
    low: float | None = None
    high: float | None = None
    correction: float = 0.0
    correction_se: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AtUnit:
    """What people and machine say of the reviewed points of one unit (of what of it lies in `stratum`, "" for none):
    the share on which they `agreed`, and by how much the machine's cover of each group is above people's, None where
    that is not known."""

    unit: str
    stratum: str
    photos: int
    points: int
    agreed: float
    bias: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What people made of the machine's labels: `photos` and `points` of the audit that take part in cover.

    They agreed with the machine on the share `agreed` of the survey's points, estimated from `audited` ones, `low` and
    `high` being its limits. `in_sample` says whether the classifier may have been trained on the photos,
    `is_correcting` whether the review corrects cover. `at_units` has the bias at each unit, in the order of `biased`,
    on all occasions together; `is_of_all_visits` says whether there are several. `apart` says which images came between
    two draws of the audit and are estimated apart, "" where none are.
    """

    photos: int
    points: int
    agreed: float
    audited: int
    is_correcting: bool
    groups: tuple[Compared, ...]
    low: float | None = None
    high: float | None = None
    in_sample: bool = False
    warning: str = ""
    unit: str = ""
    stratum: str = ""
    biased: tuple[str, ...] = ()
    at_units: tuple[AtUnit, ...] = ()
    is_of_all_visits: bool = False
    apart: str = ""

    @property
    def largest(self) -> tuple[Compared, ...]:
        """The groups of which people's labels change cover the most, at most three."""
        return tuple(sorted(self.groups, key=lambda group: -abs(group.correction))[:3])


@dataclass(frozen=True, kw_only=True, slots=True)
class ByClass:
    """One group as points that were drawn by class correct it, with the classifier's bias: shares, None where there is
    no figure. `points` are the audited ones that people or machine put into it."""

    what: str
    machine: float
    points: int
    corrected: float | None = None
    low: float | None = None
    high: float | None = None
    bias: float | None = None
    bias_low: float | None = None
    bias_high: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoPhase:
    """An audit by class: the points that were reviewed of it, its groups, and what is to be said of it, "" for
    nothing."""

    level: str
    points: int
    groups: tuple[ByClass, ...]
    said: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnFigures:
    """What the service says of its classifier by itself: `whence` these figures are, and each label of people's."""

    whence: str
    labels: tuple[OwnLabel, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """One label that the classifier gave a point, with its score."""

    code: str
    name: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubtful:
    """A point of which the classifier was least certain; `picture` is the JPEG of the patch, empty if there is none."""

    name: str
    source: str
    point: int
    row: int
    column: int
    guesses: tuple[Guess, ...]
    picture: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A photo with its points drawn on it; `counts` are its labels or groups with their points, most first."""

    name: str
    place: str
    picture: bytes
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """One reason for which images have no predictions; `names` are the first of them. Skipped: never submitted."""

    reason: str
    images: int
    points: int
    names: tuple[str, ...]
    is_skipped: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class JobSpan:
    """One job's time at the service, in seconds since the first submission; `lost` if it never gave its result."""

    job: str
    batch: int
    attempt: int
    images: int
    start_s: float
    end_s: float
    lost: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """What became of the images and the points: each `planned` is the sum of the others."""

    images: int
    succeeded: int
    failed: int
    skipped: int
    points: int
    predicted: int
    points_failed: int
    points_skipped: int

    @property
    def to_do(self) -> int:
        """Images that have not ended."""
        return self.images - self.succeeded - self.failed - self.skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report.

    `no_cover` says why there is no cover, `no_pictures` why there are none; both "" otherwise. `service` is where
    points were labelled, `caution` what must be known before a number is believed. `colours` gives the label or group
    of a point its colour, in the order of the legend. `methods` is the paragraph to paste, `citations` what to cite,
    `provenance` pairs of a term and its value, `own_figures` what the service says of its classifier, None where it
    says nothing. `labelled_by` is who labelled the points where people did, "" where a classifier did.
    """

    name: str
    service: str
    caution: str = ""
    totals: Totals
    cover: Cover | None = None
    no_cover: str = ""
    review: Review | None = None
    two_phase: TwoPhase | None = None
    doubtful: tuple[Doubtful, ...] = ()
    shown: tuple[Shown, ...] = ()
    no_pictures: str = ""
    colours: tuple[tuple[str, str], ...] = ()
    failures: tuple[Failed, ...] = ()
    jobs: tuple[JobSpan, ...] = ()
    started: str = ""
    finished: str = ""
    methods: str = ""
    citations: tuple[str, ...] = ()
    provenance: tuple[tuple[str, str], ...] = field(default_factory=tuple)
    own_figures: OwnFigures | None = None
    labelled_by: str = ""

    @property
    def stamp(self) -> str:
        """What each printed page says: the first words of the caution, in capitals and blanks alone; "" without one."""
        first = self.caution.partition(": ")[0]
        return first if re.fullmatch(r"[A-Z]+(?: [A-Z]+)*", first) else ""
