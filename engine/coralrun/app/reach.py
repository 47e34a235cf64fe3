"""Reaching the service that a use case works with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from coralrun.app.reporter import Reporter
from coralrun.connection import Connection
from coralrun.errors import AccountMissing
from coralrun.service.terms import Options
from coralrun.services import connect
from coralrun.values.phrases import duration

Made = TypeVar("Made")

LONG_S = 10.0
"""A wait that a person would wonder about."""


def reach(service: str, options: Options, reporter: Reporter, *, must_have_account: bool) -> Connection:
    """Reach a service. Without `must_have_account`, missing credentials are found out when they are needed."""
    return connect(service, options, ask=reporter.ask, must_have_account=must_have_account, progress=reporter.doing)


def with_account_if_need_be(
    service: str, options: Options, reporter: Reporter, work: Callable[[Connection], Made]
) -> Made:
    """What `work` makes of a service that is reached without an account, if there is none at hand.

    Where it shows that it needs one, whoever is there is asked, and it is done again. Raises AccountMissing where
    nobody is there, or nobody says.
    """
    try:
        with closing(reach(service, options, reporter, must_have_account=False)) as connection:
            return work(connection)
    except AccountMissing as error:
        if reporter.ask is None:
            raise
        reporter.remark(error.message)
    with closing(reach(service, options, reporter, must_have_account=True)) as connection:
        return work(connection)


def say_wait(connection: Connection, reporter: Reporter) -> None:
    """Say how long the first request has to wait for its turn in the service's windows, where that is long."""
    wait_s = 0.0 if connection.budget is None else connection.budget.wait_s()
    if wait_s >= LONG_S:
        reporter.say(f"waiting {duration(wait_s)} for the service's limit of requests")
