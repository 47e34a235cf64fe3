"""What every test here has: a quick CoralNet with an account for each run, and coralrun in processes that can be ended.

The service is served over real HTTP from a thread of the test's own process, so its counts can be read directly. Its
scores are drawn from a hash: the same image and points give the same scores, whoever asks and however often.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.rehearsal import PATIENT_S
from tests.emulator_faults import Faults
from tests.warm import Process, start

from coralrun.emulator.demo import PASSWORD, Settings, drawn_service
from coralrun.emulator.http import SystemClock, serve
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.service import CoralNet
from coralrun.emulator.site import Account, Site

DOOMED = Path(__file__).with_name("doomed.py")
IMAGES = 6
BATCHES = 2
SETTLE_S = 0.5
QUICK = Cadence(seconds_per_image=0.0, start_max_s=0.0)

DIFFERS = {
    "run.json": "the run's own name, when it was made, and for which account",
    "run.owner": "which process held it last, since when",
    "log.jsonl": "when each request was sent",
    "state": "when each fact was learnt, and which were",
    "results": "the run's name in each mark, and in the file's which attempt it was",
    "points": "the digest of the result of which each is made",
    "outputs/tries.csv": "when each image was sent, and how often",
    "outputs/jobs.csv": "job ids and times, which is why they stand in no other table",
    "report/index.html": "the run's name, and how long it took",
    "ro-crate-metadata.json": "all of that, and the checksums of the files above",
}
"""What of a run may differ from one life to another, and why. A name that is a folder stands for all that is in it."""

SURVEY = """\
version: 1
name: doomed
service: {url}
classifier: {{source: 1, pick: newest}}
sources: [{{coralnet: 1, filters: {filters}}}]
sampling: {{points: {{method: uniform grid, cell_rows: 2, cell_columns: 2}}}}
run: {{batch_size: {batch_size}, patience: 1s, web_rate: 50}}
outputs: {{directory: run, formats: {formats}}}
"""


@dataclass(slots=True)
class RunningService:
    """A running service: where it is, and what it counted. Accounts are named `user-0`, `user-1`, ..."""

    url: str
    coralnet: CoralNet
    faults: Faults

    def jobs_of(self, username: str) -> list[str]:
        """For each job of an account the run, batch and attempt of its marks."""
        jobs = [*self.coralnet.jobs.active(username), *self.coralnet.jobs.finished(username, 10_000)]
        return [job.units[0].asked.url.rsplit("#coralrun=", 1)[1].rsplit(".", 1)[0] for job in jobs]

    def throttle(self, requests: int, length_s: float) -> None:
        """Give the service one window of so many requests in so many seconds, instead of its two."""
        window = self.coralnet.api.throttle.burst
        window.most, window.length_s = requests, length_s
        self.coralnet.api.throttle.sustained.most = 10**9


@contextmanager
def running_service(*, accounts: int, cadence: Cadence = QUICK, max_active: int = 5) -> Iterator[RunningService]:
    """A service that throttles nobody until it is told to."""
    clock = SystemClock()
    settings = Settings(cadence=cadence)
    sources = drawn_service(clock, settings, images=IMAGES).site.sources
    users = tuple(
        Account(100 + number, f"user-{number}", f"user-{number}@example.org", PASSWORD, max_active)
        for number in range(accounts)
    )
    service = CoralNet(Site(users, sources), base_url=settings.base_url, clock=clock, cadence=cadence)
    running = serve(service)
    place = RunningService(running.url, service, Faults(service))
    place.throttle(10**9, 60.0)
    try:
        yield place
    finally:
        running.close()


@dataclass(slots=True)
class Workspace:
    """A folder in which coralrun is run for one account; `home` is where its user's state is kept."""

    folder: Path
    service: RunningService
    username: str
    home: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, folder: Path, service: RunningService, number: int, **extra: str) -> Workspace:
        """The workspace of this number, in a folder of its own with a survey in it."""
        folder.mkdir()
        workspace = cls(folder, service, f"user-{number}", folder, extra)
        workspace.write_survey()
        return workspace

    def write_survey(
        self, *, batch_size: int = IMAGES // BATCHES, formats: str = "[csv]", filters: str = f"{{limit: {IMAGES}}}"
    ) -> None:
        """Write `survey.yaml`."""
        text = SURVEY.format(url=self.service.url, filters=filters, batch_size=batch_size, formats=formats)
        (self.folder / "survey.yaml").write_text(text, encoding="utf-8")

    def start(self, *arguments: str, **variables: str) -> Process:
        """Start coralrun with some variables more."""
        return start("tests.crash.doomed", arguments, self.folder, self.environment(**variables))

    def start_cold(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it as people do, so that it begins with imports."""
        return subprocess.Popen(
            [sys.executable, str(DOOMED), *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self, **variables: str) -> dict[str, str]:
        """The variables that coralrun sees."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "CORALNET_USERNAME": self.username,
            "CORALNET_PASSWORD": PASSWORD,
            "CORALNET_SERVICE": self.service.url,
            "CORALRUN_SETTLE_S": str(SETTLE_S),
            "PYTHONDONTWRITEBYTECODE": "1",  # on a full disk Python would leave half of a compiled module behind
            **self.extra,
            **variables,
        }

    def run(self, *arguments: str, **variables: str) -> Ended:
        """Run coralrun to its end."""
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=PATIENT_S)
        self.printed += (out, err)
        self.check_secrets()
        return Ended(process.wait(), out, err)

    def go_on(self) -> tuple[str, ...]:
        """The command that a person would go on with."""
        return ("resume", "run") if self.facts() else ("apply", "survey.yaml")

    def facts(self) -> list[dict[str, Any]]:
        """The facts of the run so far."""
        journal = self.folder / "run" / "state" / "journal-0.jsonl"
        if not journal.exists():
            return []
        lines = journal.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        return [json.loads(line)["f"] for line in lines if line.endswith("\n")]

    def files(self) -> dict[str, bytes]:
        """All that a run left which must not depend on luck, by name; of what may differ, that it is there."""
        root = self.folder / "run"
        left: dict[str, bytes] = {}
        for path in root.rglob("*"):
            name = path.relative_to(root).as_posix()
            differs = {name, path.relative_to(root).parts[0]}.intersection(DIFFERS)
            if path.is_file():
                left |= dict.fromkeys(differs, b"") or {name: path.read_bytes()}
        return left

    def tables(self) -> dict[str, bytes]:
        """The tables among them, in the form that every run writes."""
        return {name: data for name, data in self.files().items() if name.startswith("outputs/") and ".csv" in name}

    def check_secrets(self) -> None:
        """No secret stands in any byte that was left behind, nor in any that was printed."""
        secrets = (PASSWORD, self.service.coralnet.identity.token(self.username), "Signature=")
        found = {path for folder in (self.folder, self.home) for path in folder.rglob("*") if path.is_file()}
        left = {path: path.read_bytes() for path in found}
        left |= {path: _unpacked(data) for path, data in left.items() if ".gz" in path.name}
        for secret in secrets:
            assert not any(secret in text for text in self.printed), "a secret is printed"
            assert [path for path, data in left.items() if secret.encode() in data] == []

    def check_jobs(self, *, batches: int = BATCHES) -> None:
        """The server made one job for each batch, and none twice."""
        made = Counter(self.service.jobs_of(self.username))
        assert len(made) == made.total() == batches, f"{made.total()} jobs for {batches} batches: {dict(made)}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended; a negative code is a signal's number."""

    code: int
    out: str
    err: str

    def expect(self, code: int) -> Ended:
        """The same, if it ended as it should; an exception's traceback is never as it should be."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err, self.err
        return self

    @property
    def killed(self) -> bool:
        """Whether it ended by SIGKILL."""
        return self.code == -signal.SIGKILL


def _unpacked(data: bytes) -> bytes:
    """As much of a compressed file as there is."""
    return zlib.decompressobj(wbits=31).decompress(data)
