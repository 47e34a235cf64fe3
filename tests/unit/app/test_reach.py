"""What a person is told, and asked, before a service is worked with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from coralrun.app.reach import LONG_S, say_wait, with_account_if_need_be
from coralrun.connection import Connection
from coralrun.console.printer import Printer
from coralrun.errors import AccountMissing
from coralrun.reaching import Login


def waiting(wait_s: float) -> Connection:
    return cast(Connection, SimpleNamespace(budget=SimpleNamespace(wait_s=lambda: wait_s)))


def test_a_long_wait_for_the_first_request_is_told_and_a_short_one_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    say_wait(waiting(2640.0), Printer())
    assert capsys.readouterr().out == "waiting 44 min 00 s for the service's limit of requests\n"
    say_wait(waiting(LONG_S - 0.1), Printer())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("at_terminal", [True, False])
def test_whoever_is_there_is_asked_for_an_account_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], at_terminal: bool
) -> None:
    closed: list[bool] = []

    def connect(*_: object, must_have_account: bool, **__: object) -> object:
        return SimpleNamespace(may_list=must_have_account, close=lambda: closed.append(must_have_account))

    def needs_one(connection: Connection) -> str:
        if not connection.may_list:
            raise AccountMissing("source 2 is not public, and there are no credentials")
        return "seen"

    monkeypatch.setattr("coralrun.app.reach.connect", connect)
    monkeypatch.setattr(Printer, "ask", (lambda host: Login("ann", host)) if at_terminal else None)
    assert with_account_if_need_be("s", {}, Printer(), lambda _: "public") == "public"
    if at_terminal:
        assert with_account_if_need_be("s", {}, Printer(), needs_one) == "seen"
        assert closed == [False, False, True]
        assert capsys.readouterr().err == "source 2 is not public, and there are no credentials\n"
    else:
        with pytest.raises(AccountMissing):
            with_account_if_need_be("s", {}, Printer(), needs_one)
        assert closed == [False, False]
