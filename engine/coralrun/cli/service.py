"""Reaching the service that a command works with; credentials that stand nowhere are asked for at a terminal."""

from __future__ import annotations

import typer

from coralrun.cli.printer import Printer, at_terminal
from coralrun.connection import Connection, Login
from coralrun.service.terms import Options
from coralrun.services import connect
from coralrun.values.phrases import duration

LONG_S = 10.0
"""A wait that a person would wonder about."""


def reach(service: str, options: Options, *, must_have_account: bool) -> Connection:
    """Reach a service. Without `must_have_account`, missing credentials are found out when they are needed."""
    return connect(service, options, ask=_ask if at_terminal() else None, must_have_account=must_have_account)


def say_wait(connection: Connection, printer: Printer) -> None:
    """Say how long the first request has to wait for its turn in the service's windows, where that is long."""
    wait_s = 0.0 if connection.budget is None else connection.budget.wait_s()
    if wait_s >= LONG_S:
        printer.say(f"waiting {duration(wait_s)} for the service's limit of requests")


def _ask(host: str) -> Login:
    username = typer.prompt(f"User name at {host}", err=True)
    return Login(username, typer.prompt("Password", hide_input=True, err=True))
