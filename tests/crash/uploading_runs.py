"""Runs that upload photos to an embedded CoralNet, in processes that die where a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import UnionType

import pytest
from tests.contract.peers import handle_of
from tests.contract.uploading import photo
from tests.emulator_faults import Faults

from coralrun.app.applying import carry_out as carrying
from coralrun.app.beforehand.plan import make_plan
from coralrun.app.run.run_directory import holding, make_run, open_run
from coralrun.app.survey.survey_file import read_survey
from coralrun.clock import SystemClock
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, WebRate
from coralrun.coralnet.connection import CoralNetConnection
from coralrun.coralnet.protocol import LIMITS
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.driver import Ending
from coralrun.emulator.demo import PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.http import SystemClock as EmulatorClock
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.site import Photo
from coralrun.machine import effects, outcomes
from coralrun.machine.decide import Decision
from coralrun.machine.facts import Fact
from coralrun.machine.state import State
from coralrun.perform import Performer
from coralrun.reaching import tells_nobody
from coralrun.results.tables import BY_CHANCE
from coralrun.store.layout import Layout

BASE = "http://127.0.0.1:1"
SURVEY = f"""version: 1
name: uploads
service: {BASE}
classifier: {{source: 1}}
sources: [{{folder: photos/, upload_to: {{coralnet: 2, exif: keep}}}}]
sampling: {{points: {{method: simple random, number_of_points: 3}}}}
outputs: {{directory: run}}
"""
SENT = {f"new {number}.jpg": photo(side=20 + number) for number in range(3)}
THERE = {"there.jpg": photo(side=30)}
TAKEN = {"taken.jpg": photo(side=31)}
ANOTHERS = photo(side=31) + b"another's"
FAST = replace(LIMITS, look_least_s=0.02, look_most_s=0.05, settle_s=0.1, job_takes_s=0.1)


class Killed(BaseException):
    """The process dies here."""


class Quiet:
    """Watches nothing, and is interrupted by nobody."""

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Nothing is told."""

    def happened(self, state: State, fact: Fact) -> None:
        """Nothing is told."""

    def is_set(self) -> bool:
        """Nobody interrupts."""
        return False


@dataclass(slots=True)
class Laptop:
    """A folder of photos on one side, a source on the other.

    `dies_at` is the number of the effect at which a process dies, before it or `after` it, of the kinds that are
    `counted`: those of an upload. `lost` are parts of paths, each of which meets a `fault` once the run is made;
    `meanwhile` is what others do after the effect of that number.
    """

    folder: Path
    dies_at: int | None = None
    after: bool = False
    lost: tuple[str, ...] = ()
    fault: str = "lost_replies_of"
    survey: str = SURVEY
    counted: type[effects.Effect] | UnionType = effects.AskNames | effects.Upload | effects.CompareUpload
    performed: int = 0
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)
    faults: Faults = field(init=False)
    connect: Callable[[], CoralNetConnection] = field(init=False)
    record: UploadRecord = field(default_factory=lambda: UploadRecord(SystemClock(), BASE))

    def __post_init__(self) -> None:
        settings = Settings(base_url=BASE, cadence=Cadence(seconds_per_image=0.0))
        service = drawn_service(EmulatorClock(), settings, images=2)
        service.api.throttle.burst.most = 10**9  # or fast looks would be told to wait for a minute
        self.faults = Faults(service)
        source = service.site.sources_by_id[2]
        for number, (name, data) in enumerate((*THERE.items(), ("TAKEN.JPG", ANOTHERS)), start=100):
            before = Photo(number, name, f"images/{number}.jpg", 30 + number - 100, 9, lambda data=data: data)  # type: ignore[misc]
            service.site.put_photo(service.site.sources_by_id[source.id], before)
        (self.folder / "photos").mkdir(parents=True)
        for name, data in (SENT | THERE | TAKEN).items():
            (self.folder / "photos" / name).write_bytes(data)
        (self.folder / "survey.yaml").write_text(self.survey)
        credentials = Credentials(USERNAME, password=PASSWORD)

        def connect() -> CoralNetConnection:
            clock = SystemClock()
            http = Http(BASE, clock, handle_of(service))
            site = Site(http, WebRate(clock, 1000.0), credentials)
            return CoralNetConnection("CoralNet", clock, FAST, http, site, Limiter(clock), credentials, self.record)

        self.connect = connect

    def begin(self) -> Layout:
        """Make the run."""
        file = read_survey(self.folder / "survey.yaml")
        connection = self.connect()
        plan = make_plan(file, connection, tells_nobody).plan
        layout = Layout(self.folder / "run")
        with holding(layout):
            make_run(layout, plan, file, account=USERNAME, clock=SystemClock())
        return layout

    def carry(self, layout: Layout) -> Ending:
        """One process that carries the run on; it may die."""
        with holding(layout):
            return carrying.carry_out(open_run(layout.root), self.connect(), Quiet(), Quiet())

    def finish(self, monkeypatch: pytest.MonkeyPatch) -> Layout:
        """Process after process, until the run is finished."""
        monkeypatch.chdir(self.folder)
        layout = self.begin()
        getattr(self.faults, self.fault).extend(self.lost)
        return self.go_on(layout, monkeypatch)

    def go_on(self, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
        """The same with a run that is made."""
        real = Performer.perform

        def perform(performer: Performer, effect: effects.Effect) -> outcomes.Outcome:
            if not isinstance(effect, self.counted):
                return real(performer, effect)
            self.performed += 1
            dies = self.performed == self.dies_at
            outcome = None if dies and not self.after else real(performer, effect)
            self.meanwhile.pop(self.performed, lambda: None)()
            if dies or outcome is None:
                raise Killed
            return outcome

        with monkeypatch.context() as patched:
            patched.setattr(Performer, "perform", perform)
            for _ in range(3):
                try:
                    ending = self.carry(layout)
                except Killed:
                    continue
                assert ending is Ending.FINISHED
                return layout
        raise AssertionError("the run never finished")

    def take_out(self, name: str) -> None:
        """Somebody deletes a photo of the source."""
        site = self.faults.service.site
        source = site.sources_by_id[2]
        site.remove_photo(source, next(one for one in source.photos if one.name == name))

    def at_the_source(self) -> list[tuple[str, bytes]]:
        """The photos of the source but those of the demo, in the order of their numbers."""
        photos = self.faults.service.site.sources_by_id[2].photos
        return [(one.name, one.load()) for one in photos if one.id >= 100]


def tables(layout: Layout) -> dict[str, bytes]:
    """The tables but those of chance."""
    return {path.name: path.read_bytes() for path in layout.outputs.glob("*.csv") if path.name not in BY_CHANCE}
