"""However a command ends, it ends with its exit code and its message, and with `--json` with one document."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from coralrun.cli import commands
from coralrun.cli.calling import call
from coralrun.cli.help import COMMANDS
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_BUG, EXIT_COMPLETE, EXIT_INTERRUPTED, CoralrunError
from coralrun.parallel import parallel_map


def raising(error: BaseException) -> Callable[[Printer], int]:
    def command(printer: Printer) -> int:
        raise error

    return command


def ended(command: Callable[[Printer], int], *, as_json: bool = False) -> int:
    with pytest.raises(typer.Exit) as caught:
        call(as_json, command)
    return caught.value.exit_code


def coralrun(script: str, *arguments: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script, sys.executable, *arguments],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_interruption_at_a_question_says_that_nothing_was_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(typer.Abort())) == EXIT_INTERRUPTED

    assert capsys.readouterr().err == "Interrupted; nothing had been started.\n"


def test_an_interruption_is_one_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(KeyboardInterrupt()), as_json=True) == EXIT_INTERRUPTED

    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (document["error"], document["exit_code"]) == ("Interrupted", EXIT_INTERRUPTED)
    assert printed.err == ""


def test_a_defect_says_so_and_shows_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(ZeroDivisionError("by nothing"))) == EXIT_BUG

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" in printed.err
    assert "\na defect in coralrun: ZeroDivisionError: by nothing\n-> " in printed.err


@pytest.mark.parametrize("where", ["here", "in a worker"])
def test_running_out_of_memory_is_said_as_that(capsys: pytest.CaptureFixture[str], where: str) -> None:
    def in_a_worker(printer: Printer) -> int:
        return next(parallel_map(raising(MemoryError()), [printer], 1))

    assert ended(in_a_worker if where == "in a worker" else raising(MemoryError())) == 9
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (
        "",
        "there is not enough memory for this\n"
        "-> Close other programs, or take a computer with more memory; a run goes on with `coralrun resume`.\n",
    )


def test_a_defect_is_one_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(ZeroDivisionError("by nothing")), as_json=True) == EXIT_BUG

    document = json.loads(capsys.readouterr().out)
    assert document["message"] == "a defect in coralrun: ZeroDivisionError: by nothing"
    assert document["exit_code"] == EXIT_BUG
    assert "Traceback" in document["traceback"]


def test_an_error_after_the_document_does_not_make_a_second_one(capsys: pytest.CaptureFixture[str]) -> None:
    def command(printer: Printer) -> int:
        printer.document({"points": 1})
        raise CoralrunError("they do not add up")

    assert ended(command, as_json=True) == EXIT_BUG

    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"points": 1}
    assert "they do not add up" in printed.err


def test_a_name_that_the_terminal_cannot_show_is_shown_by_its_numbers(tmp_path: Path) -> None:
    survey = tmp_path / "珊瑚.yaml"
    survey.write_text(
        "version: 1\nname: a\nclassifier: {id: 1}\nsources: [{coralnet: 1}]\n"
        "sampling: {points: {method: uniform grid, cell_rows: 2, cell_columns: 3}}\n"
    )

    ran = coralrun('"$0" -m coralrun validate "$1"', str(survey), encoding="cp1252")

    assert ran.returncode == EXIT_COMPLETE, ran.stderr
    assert "\\u73ca\\u745a.yaml: valid" in ran.stdout


SPEAKING = """\
import time
from coralrun.cli.calling import call
def command(printer):
    for number in range(20):
        printer.say(f"found {number}")
        printer.doing(f"doing {number}")
        time.sleep(0.01)
    open("finished", "w").close()
    return 0
import typer
try:
    call(False, command)
except typer.Exit as end:
    raise SystemExit(end.exit_code)
"""


@pytest.mark.parametrize("pipe", ['"$0" speak.py; echo $? > code', '"$0" speak.py 2>&1; echo $? > code'])
def test_a_reader_that_leaves_does_not_stop_what_is_going_on(tmp_path: Path, pipe: str) -> None:
    (tmp_path / "speak.py").write_text(SPEAKING)

    ran = coralrun(f'cd "$1" && ({pipe}) | head -n 1', str(tmp_path))

    assert ran.stdout.startswith("found 0")
    assert (tmp_path / "finished").exists()
    assert (tmp_path / "code").read_text() == f"{EXIT_COMPLETE}\n"
    assert "Exception ignored" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_document_that_cannot_be_written_whole_is_an_error() -> None:
    ran = coralrun('"$0" -m coralrun schema > /dev/full')

    assert ran.returncode == 5
    assert ran.stderr.startswith("standard output: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_what_is_printed_for_people_and_cannot_be_is_an_error_at_the_end() -> None:
    ran = coralrun('"$0" -m coralrun runs "$1" > /dev/full', str(Path(__file__).parent))

    assert ran.returncode == 5
    assert ran.stderr.startswith("standard output: ")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_word() -> None:
    script = (
        "import signal, sys\n"
        "class Loading:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'typer': signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Loading())\n"
        "import coralrun.__main__ as program\n"
        "program.main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (EXIT_INTERRUPTED, "", "")


def test_the_help_has_every_command_that_there_is_a_module_of() -> None:
    assert sorted(COMMANDS) == sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
