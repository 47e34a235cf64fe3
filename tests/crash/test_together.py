"""Processes that meet: on one run directory one of them works; on one account they keep the windows together.

The windows are small here, so that a test meets their ends many times; the arithmetic is the same for the real ones.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.crash.workspace import Workspace, running_service
from tests.e2e.rehearsal import PATIENT_S, until

from coralrun.emulator.jobs import Cadence

WINDOW = 12
WINDOW_S = 4.0
ROOT = Path(__file__).resolve().parents[2]


def test_a_second_process_on_a_run_is_refused_and_told_who_works_on_it(tmp_path: Path) -> None:
    with running_service(accounts=1, cadence=Cadence(seconds_per_image=3.0, start_max_s=0.0)) as place:
        workspace = Workspace.at(tmp_path / "user", place, 0)
        first = workspace.start("apply", "survey.yaml")
        until(lambda: any(fact["t"] == "submitted" for fact in workspace.facts()))
        first.send_signal(signal.SIGSTOP)  # it keeps its lock, and does not finish before the others have been refused

        for arguments in (("resume", "run"), ("apply", "survey.yaml")):
            refused = workspace.run(*arguments).expect(4)
            assert f"process {first.pid} on " in refused.err

        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=PATIENT_S)
        assert first.returncode == 0
        workspace.check_jobs()


def test_two_runs_of_one_account_both_finish_and_the_server_throttles_neither(tmp_path: Path) -> None:
    with running_service(accounts=1) as place:
        place.throttle(WINDOW, WINDOW_S)
        home = tmp_path / "home"
        home.mkdir()
        workspaces = [Workspace(tmp_path / name, place, "user-0", home) for name in ("north", "south")]
        for workspace in workspaces:
            workspace.folder.mkdir()
            workspace.write_survey(batch_size=1)

        processes = [
            workspace.start("apply", "survey.yaml", DOOMED_WINDOWS=f"{WINDOW}:{WINDOW_S}") for workspace in workspaces
        ]
        for process in processes:
            _, err = process.communicate(timeout=PATIENT_S)
            assert process.returncode == 0, err

        north, south = workspaces
        assert north.files() == south.files()
        assert len(set(place.jobs_of("user-0"))) == place.faults.jobs_created == 12
        stats = place.faults.stats()
        assert stats["api_requests"] > 2 * WINDOW, "the window was never full, so nothing was shown"
        throttled = [
            line
            for workspace in workspaces
            for line in (workspace.folder / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()
            if '"throttled"' in line
        ]
        assert throttled == []


def test_a_run_that_was_copied_while_it_ran_is_not_gone_on_with_twice(tmp_path: Path) -> None:
    with running_service(accounts=1) as place:
        workspace = Workspace.at(tmp_path / "user", place, 0)
        assert workspace.run("apply", "survey.yaml", DOOMED_AT="after POST /api/classifier/13/deploy/").killed
        copy = tmp_path / "user" / "copy"
        shutil.copytree(workspace.folder / "run", copy)
        workspace.run("resume", "run").expect(0)
        workspace.check_jobs()

        stopped = workspace.run("resume", "copy").expect(4)

        assert stopped.err.startswith("copy: another copy of this run was carried on: job ")
        assert "is batch 2 of this run, and this directory did not send it" in stopped.err
        assert "coralrun resume copy --only-copy" in stopped.err
        workspace.check_jobs()
        workspace.run("resume", "copy", "--only-copy").expect(0)
        assert len(place.jobs_of("user-0")) == 3  # the reply that was lost is found, what only the other knew is sent


def test_a_run_directory_that_was_moved_goes_on(tmp_path: Path) -> None:
    with running_service(accounts=1) as place:
        workspace = Workspace.at(tmp_path / "user", place, 0)
        assert workspace.run("apply", "survey.yaml", DOOMED_AT="after POST /api/classifier/13/deploy/").killed
        (workspace.folder / "run").rename(workspace.folder / "moved")
        assert "warning" not in workspace.run("resume", "moved").expect(0).err
        workspace.check_jobs()


class Counted(ThreadingHTTPServer):
    """Answers everything, and notes when each request came and from whom."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Note)
        self.came: list[tuple[float, str]] = []

    def by(self, sender: str) -> int:
        """How many requests a sender has made."""
        return sum(who == sender for _, who in self.came)

    def most_in(self, window_s: float) -> int:
        """The most requests in any span of this length."""
        times = sorted(at_s for at_s, _ in self.came)
        return max(sum(first <= at_s < first + window_s for at_s in times) for first in times)


class _Note(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Note the request."""
        assert isinstance(self.server, Counted)
        self.server.came.append((time.monotonic(), self.path.removeprefix("/")))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def counting() -> Iterator[Counted]:
    server = Counted()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(server: Counted, record: Path, who: str, windows: str) -> subprocess.Popen[bytes]:
    address = f"http://127.0.0.1:{server.server_address[1]}"
    return subprocess.Popen([sys.executable, "-m", "tests.crash.sender", address, str(record), who, windows], cwd=ROOT)


def test_two_processes_on_one_record_never_exceed_a_window_even_when_one_is_killed(tmp_path: Path) -> None:
    most, window_s, block = 20, 0.6, 5
    with counting() as server:
        processes = [send(server, tmp_path / "requests.json", who, f"{most}:{window_s}") for who in ("ann", "ben")]
        try:
            until(lambda: server.by("ann") > block and server.by("ben") > block)
            processes[0].kill()
            processes[0].wait()
            processes.append(send(server, tmp_path / "requests.json", "cid", f"{most}:{window_s}"))
            before = server.by("ben")
            until(lambda: server.by("cid") > block and server.by("ben") > before + block)
            until(lambda: len(server.came) > 2 * most)
        finally:
            for process in processes:
                process.kill()
                process.wait()
        assert most / 2 <= server.most_in(window_s) <= most
