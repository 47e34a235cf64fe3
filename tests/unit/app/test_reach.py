"""What a person is told before the first request to a service."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from coralrun.app.reach import LONG_S, say_wait
from coralrun.connection import Connection
from coralrun.console.printer import Printer


def waiting(wait_s: float) -> Connection:
    return cast(Connection, SimpleNamespace(budget=SimpleNamespace(wait_s=lambda: wait_s)))


def test_a_long_wait_for_the_first_request_is_told_and_a_short_one_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    say_wait(waiting(2640.0), Printer())
    assert capsys.readouterr().out == "waiting 44 min 00 s for the service's limit of requests\n"
    say_wait(waiting(LONG_S - 0.1), Printer())
    assert capsys.readouterr().out == ""
