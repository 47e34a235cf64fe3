"""A rehearsal: the embedded CoralNet on a port of this machine, and coralrun in a process of its own.

Its scores are drawn, unless it learns from photos of one's own: nothing is painted and nothing learns, which is most of
what an emulator does, and no test here is about it. The real command is tried by the sessions of the README.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.emulator_faults import Faults
from tests.warm import Process, start

from coralrun.emulator.demo import DEMO_IMAGES, PASSWORD, USERNAME, Settings, drawn_service, own_photos_service
from coralrun.emulator.fetching import download
from coralrun.emulator.http import SystemClock, serve
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.service import CoralNet

PATIENT_S = 120.0
"""The longest that anything here is waited for: a test that waits so long has failed."""

SURVEY = """\
version: 1
name: rehearsal
service: {url}
classifier: {{source: 1, pick: newest}}
sources:
  - {source}
sampling:
  points: {points}
run: {{batch_size: {batch_size}, concurrency: {concurrency}, patience: {patience}, attempts: 3, web_rate: 50}}
outputs: {{directory: {directory}}}
"""


@dataclass(slots=True)
class Reef:
    """An emulator for other processes: where it is, who may use it, its switches, and what it holds."""

    url: str
    username: str
    password: str
    service: CoralNet

    def order(self, **orders: object) -> dict[str, int]:
        """Throw fault switches; the service's counts come back."""
        request = urllib.request.Request(f"{self.url}/_emulator/faults", data=json.dumps(orders).encode())
        with _opener().open(request, timeout=30) as reply:
            counts: dict[str, int] = json.load(reply)
        return counts

    def go_on(self) -> None:
        """Let jobs that stand still go on."""
        self.order(go_on=True)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def reef(
    *,
    photos: int = DEMO_IMAGES,
    seconds_per_image: float = 0.2,
    url_lifetime_s: float = 3600.0,
    own: tuple[Path, Path] | None = None,
) -> Iterator[Reef]:
    """An emulator for the time of a test; `own` are a folder of photos and their points, to learn from."""
    clock = SystemClock()
    settings = Settings(
        cadence=Cadence(seconds_per_image=seconds_per_image), downloader=download, url_lifetime_s=url_lifetime_s
    )
    service = own_photos_service(clock, *own, settings) if own else drawn_service(clock, settings, images=photos)
    Faults(service)
    running = serve(service)
    try:
        yield Reef(running.url, USERNAME, PASSWORD, service)
    finally:
        running.close()


@dataclass(slots=True)
class Desk:
    """A folder in which coralrun is run, with an environment of its own."""

    folder: Path
    reef: Reef
    extra: Mapping[str, str] = field(default_factory=dict)

    def survey(
        self,
        *,
        source: str = "{coralnet: 1, filters: {limit: 24}}",
        points: str = "{method: uniform grid, cell_rows: 2, cell_columns: 3}",
        batch_size: int = 6,
        concurrency: int = 5,
        patience: str = "1s",
        directory: str = "run",
        name: str = "survey.yaml",
    ) -> Path:
        """Write a survey and return its path."""
        path = self.folder / name
        path.write_text(
            SURVEY.format(
                url=self.reef.url,
                source=source,
                points=points,
                batch_size=batch_size,
                concurrency=concurrency,
                patience=patience,
                directory=directory,
            ),
            encoding="utf-8",
        )
        return path

    def environment(self) -> dict[str, str]:
        """The variables that coralrun sees."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "CORALNET_USERNAME": self.reef.username,
            "CORALNET_PASSWORD": self.reef.password,
            "CORALNET_SERVICE": self.reef.url,
            "CORALRUN_SETTLE_S": "2",
            **{name: os.environ[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")},
            **self.extra,
        }

    def start(self, *arguments: str | Path) -> Process:
        """Start coralrun."""
        return start("coralrun.cli.main", list(map(str, arguments)), self.folder, self.environment())

    def run(self, *arguments: str | Path, code: int = 0) -> tuple[str, str]:
        """Run coralrun to its end, which must be this exit code; what it printed comes back."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENT_S)
        assert process.returncode == code, f"exit {process.returncode}, not {code}\n{out}\n{err}"
        return out, err

    def report(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        """The same with `--json`."""
        out, _ = self.run(*arguments, "--json", code=code)
        document: dict[str, Any] = json.loads(out)
        return document

    def token(self) -> str:
        """The account's API token."""
        body = json.dumps({"username": self.reef.username, "password": self.reef.password}).encode()
        headers = {"Content-Type": "application/vnd.api+json"}
        request = urllib.request.Request(f"{self.reef.url}/api/token_auth/", data=body, headers=headers)
        with _opener().open(request, timeout=30) as reply:
            token: str = json.load(reply)["token"]
        return token

    def facts(self, directory: str = "run") -> list[dict[str, Any]]:
        """The facts of a run so far."""
        journal = self.folder / directory / "state" / "journal-0.jsonl"
        if not journal.exists():
            return []
        return [
            json.loads(line)["f"]
            for line in journal.read_text(encoding="utf-8").splitlines(keepends=True)
            if line.endswith("\n")
        ]

    def table(self, name: str, directory: str = "run") -> bytes:
        """One of a run's tables."""
        return (self.folder / directory / "outputs" / name).read_bytes()

    def wait_for(self, kind: str, count: int = 1, directory: str = "run") -> None:
        """Wait until the run has so many facts of a kind."""
        until(lambda: sum(fact["t"] == kind for fact in self.facts(directory)) >= count)

    def everything(self) -> Iterator[tuple[Path, bytes]]:
        """Every file below the folder."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                yield path, path.read_bytes()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENT_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def end(process: Process | subprocess.Popen[str], number: signal.Signals) -> tuple[int, float]:
    """Signal a process; its exit code and how many seconds it took to end."""
    began = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=PATIENT_S)
    return process.wait(), time.monotonic() - began
