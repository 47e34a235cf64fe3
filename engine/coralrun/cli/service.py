"""Reaching the service that a command works with; credentials that stand nowhere are asked for at a terminal."""

from __future__ import annotations

import typer

from coralrun.app.connection import Connection, connect
from coralrun.cli.printer import at_terminal
from coralrun.coralnet.auth import Credentials


def reach(service: str, web_rate: float, *, must_have_account: bool) -> Connection:
    """Reach a service. Without `must_have_account`, missing credentials are found out when they are needed."""
    return connect(service, web_rate=web_rate, ask=_ask if at_terminal() else None, must_have_account=must_have_account)


def _ask(host: str) -> Credentials | None:
    username = typer.prompt(f"User name at {host}", err=True)
    password = typer.prompt("Password", hide_input=True, err=True)
    return Credentials(username, password=password)
