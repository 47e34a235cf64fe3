"""Every session that the README and the guides in `docs` show is carried out, and must print what they say.

A `console` block is a session: lines after `$ ` are typed, the others are printed, `...` stands for anything, and `^C`
is Ctrl-C. The sessions of one section share a folder, in which the files shown in that section stand. What cannot be
typed here (the real CoralNet) stands in `sh` blocks, of which `test_words` checks that the options exist.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from tests.docs.markdown import GUIDES, README, ROOT, Block, blocks
from tests.warm import Process, start

from coralrun.errors import EXIT_COMPLETE, EXIT_INTERRUPTED

PATIENT_S = 180.0
"""A session that takes longer has failed."""

PORT_SHOWN = "8123"
INTERRUPTION = "^C\n"

TABLES = {
    "name,url,width,height,site": "images.csv",
    "Name,Row,Column": "points.csv",
    "Name,Row,Column,Label": "annotations.csv",
}
"""What the documents call the CSV files that they show, by their first line."""

SECTIONS = [
    (path, section)
    for path in (README, *GUIDES)
    for section in sorted({block.section for block in blocks(path, "console")})
]


@dataclass(frozen=True)
class Step:
    """A line that is typed, and what it prints."""

    typed: str
    printed: str


def steps(block: Block) -> Iterator[Step]:
    """The steps of a session."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        typed, _, printed = part.partition("\n")
        yield Step(typed, printed)


def as_pattern(shown: str) -> re.Pattern[str]:
    """What a shown text stands for."""
    return re.compile(".*?".join(map(re.escape, shown.split("..."))), re.DOTALL)


def what_make_runs(target: str) -> str:
    """The command of a make target, as the Makefile has it."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{target}:"))
    return lines[at + 1].strip().removeprefix("$(BIN)/")


@dataclass
class Desk:
    """A folder with the project's examples, and a person who types there."""

    folder: Path
    port: str
    cold: bool = True
    variables: dict[str, str] = field(default_factory=dict)
    servers: list[subprocess.Popen[str] | Process] = field(default_factory=list)

    def carry_out(self, step: Step) -> None:
        """Type one line; what it prints must be what is shown."""
        typed, shown = (text.replace(PORT_SHOWN, self.port) for text in (step.typed, step.printed))
        if typed.startswith("make "):
            typed = what_make_runs(typed.removeprefix("make "))
        arguments = shlex.split(typed)
        if arguments[0] == "export":
            self.variables |= {
                name: self.variables[name] if value == "..." else value
                for name, _, value in (word.partition("=") for word in arguments[1:])
            }
            return
        if arguments[0] == "python":
            done = subprocess.run([sys.executable, *arguments[1:]], cwd=self.folder, capture_output=True, text=True)
            assert as_pattern(shown).fullmatch(done.stdout), done.stdout + done.stderr
            return
        assert arguments[0] == "coralrun", typed
        process = self._start(arguments[1:])
        if arguments[1] == "emulator":
            self._serve(process, shown)
        elif INTERRUPTION in shown:
            self._interrupt(process, shown)
        else:
            printed, _ = process.communicate(timeout=PATIENT_S)
            assert process.returncode == EXIT_COMPLETE, printed
            assert as_pattern(shown).fullmatch(printed), f"{typed}\n{printed}\nis not\n{shown}"

    def close(self) -> None:
        """End what still serves."""
        for server in self.servers:
            server.terminate()
            server.wait(timeout=PATIENT_S)

    def _start(self, arguments: list[str]) -> subprocess.Popen[str] | Process:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.variables}
        if not self.cold:
            return start("coralrun.cli.main", arguments, self.folder, environment, merged=True)
        return subprocess.Popen(
            [sys.executable, "-m", "coralrun", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _serve(self, process: subprocess.Popen[str] | Process, shown: str) -> None:
        """Leave a server running; its password is the one to use where `...` stands for it."""
        self.servers.append(process)
        assert process.stdout is not None
        printed = "".join(process.stdout.readline() for _ in shown.splitlines())
        assert as_pattern(shown.rstrip("\n")).match(printed), printed
        self.variables["CORALNET_PASSWORD"] = printed.rpartition("password: ")[2].partition("\n")[0]

    def _interrupt(self, process: subprocess.Popen[str] | Process, shown: str) -> None:
        """Press Ctrl-C once all that is shown before it has been printed."""
        before, after = shown.split(INTERRUPTION)
        assert process.stdout is not None
        printed, deadline = "", time.monotonic() + PATIENT_S
        while not as_pattern(before).match(printed):
            assert time.monotonic() < deadline, printed
            line = process.stdout.readline()
            assert line, f"it ended before it was interrupted:\n{printed}"
            printed += line
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENT_S)
        assert process.returncode == EXIT_INTERRUPTED, printed + rest
        assert as_pattern("..." + after).fullmatch(rest), f"{rest}\nis not\n{after}"


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


def lay_out(path: Path, section: str, folder: Path, port: str) -> None:
    """Put the project's examples and the files that a section shows into a folder."""
    for name in ("examples", "configs"):
        shutil.copytree(ROOT / name, folder / name)
    shown = [block for block in blocks(path) if block.section == section]
    for block in shown:
        if block.language == "csv":
            (folder / TABLES[block.text.partition("\n")[0]]).write_text(block.text, encoding="utf-8")
        elif block.language == "yaml" and not block.note:
            name = yaml.safe_load(block.text)["name"]
            (folder / f"{name}.yaml").write_text(block.text.replace(PORT_SHOWN, port), encoding="utf-8")
    annotations = folder / "annotations.csv"
    if not annotations.exists() and any("folder: photos/" in block.text for block in shown if block.language == "yaml"):
        paint_photos(folder / "photos", {f"dive {number}.jpg" for number in range(6)})
    if annotations.exists():
        paint_photos(folder / "photos", {line.partition(",")[0] for line in annotations.read_text().splitlines()[1:]})


def paint_photos(folder: Path, names: set[str]) -> None:
    """Some small photographs of nothing in particular."""
    folder.mkdir()
    for number, name in enumerate(sorted(names)):
        noise = np.random.default_rng(number).integers(0, 256, (180, 240, 3), dtype=np.uint8)
        noise[:, 120:, 2] //= 4
        Image.fromarray(noise).save(folder / name)


@pytest.mark.skipif(os.name == "nt", reason="sessions are typed as on Linux and macOS")
@pytest.mark.parametrize(("path", "section"), SECTIONS, ids=[f"{path.stem}: {section}" for path, section in SECTIONS])
def test_what_a_session_in_a_document_prints_is_what_it_prints(path: Path, section: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path, free_port(), cold=path == README)  # the guides' need not begin with imports too
    lay_out(path, section, tmp_path, desk.port)
    try:
        for block in blocks(path, "console"):
            if block.section == section:
                for step in steps(block):
                    desk.carry_out(step)
    finally:
        desk.close()


def test_the_sessions_cover_what_a_newcomer_does_first() -> None:
    shown = [step for path in (README, *GUIDES) for block in blocks(path, "console") for step in steps(block)]
    typed = " ".join(step.typed for step in shown)
    for words in ("make quickstart", "validate", "plan", "apply", "resume", "status", "emulator"):
        assert words in typed
    assert any(INTERRUPTION in step.printed for step in shown)


def test_a_session_that_prints_something_else_is_found() -> None:
    shown = as_pattern("one\n...\nthree: ...\n")
    assert shown.fullmatch("one\ntwo\nand a half\nthree: 3\n")
    for other in ("one\nthree: 3\n", "one\ntwo\nfour: 3\n", "zero\none\ntwo\nthree: 3\n"):
        assert not shown.fullmatch(other)
