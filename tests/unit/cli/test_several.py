"""Several surveys carried out by one call, and what is told of each where nobody looks on."""

from __future__ import annotations

from pathlib import Path

import pytest

from coralrun.cli.several import carry_out_quietly
from coralrun.console.printer import Printer


def test_what_is_told_of_one_is_not_said_to_have_ended_another_that_ended_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    codes = {"a.yaml": 0, "b.yaml": 7, "c.yaml": 0}

    def apply(survey: Path, printer: Printer) -> int:
        printer.beware(["Cover stands here by label alone"])
        return codes[survey.name]

    assert carry_out_quietly([Path(name) for name in codes], apply, Printer()) == 7
    told = [line.partition("Z ")[2] or line for line in capsys.readouterr().out.splitlines()]
    assert told == [
        "a.yaml ended with 0, all done:",
        "  Cover stands here by label alone",
        "b.yaml ended with 7: what is told of a.yaml holds here too",
        "c.yaml ended with 0, all done: as a.yaml did",
    ]
