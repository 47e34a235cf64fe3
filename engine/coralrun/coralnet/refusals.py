"""What CoralNet refuses, with what a person does about it there.

Rule: the errors are those of every service, whose names `--json` gives; what is CoralNet's is the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from coralrun.coralnet.places import credentials_file
from coralrun.errors import AccountMissing, CredentialsError, TooManyRequests

ACCOUNT_REMEDY: Final = (
    "Set CORALNET_USERNAME and CORALNET_PASSWORD (or CORALNET_TOKEN) to an account that may see the source."
)

REFUSED_REMEDY: Final = (
    "Look at the name (the exact user name, not the e-mail address, in the right case) and at the password, there "
    "where they stand; sign in with both in a browser."
)

HOURLY_REMEDY: Final = (
    "Wait that long and try again: CoralNet counts the requests of an account, and of an address, by the hour. The "
    "next call goes on."
)
SHORT_S: Final = 60.0
"""The shorter of the service's two windows: after that long there is room again, unless the hour is used up."""


def missing_remedy() -> str:
    """What to do where there is no account."""
    return (
        f"{ACCOUNT_REMEDY} Or write the lines `username = ...` and `password = ...`, and `service = ADDRESS` for "
        f"another CoralNet than the real one, into {credentials_file()}, which only you may read."
    )


def keep_remedy() -> str:
    """What to do so as not to be asked for an account again."""
    return f"To be asked no more, set CORALNET_USERNAME and CORALNET_PASSWORD, or write both into {credentials_file()}."


def account_refused(message: str, *, remedy: str | None = None) -> CredentialsError:
    """CoralNet does not accept the account, or there is none, or it may not see what is asked for."""
    return CredentialsError(message, remedy=ACCOUNT_REMEDY if remedy is None else remedy)


def account_missing(message: str, *, remedy: str | None = None) -> AccountMissing:
    """There are no credentials, and what is asked for needs an account."""
    return AccountMissing(message, remedy=missing_remedy() if remedy is None else remedy)


Answer = TypeVar("Answer")


def once_more(ask: Callable[[], Answer], sleep: Callable[[float], None]) -> Answer:
    """What is asked for, once more after a silence that the service asks for, where that is short: others use the
    account too. Raises TooManyRequests for a long one, or a second."""
    try:
        return ask()
    except TooManyRequests as error:
        if error.wait_s > SHORT_S:
            raise
        sleep(error.wait_s)
        return ask()


def throttled(service: str, wait_s: float) -> TooManyRequests:
    """CoralNet takes no request for `wait_s` seconds."""
    return TooManyRequests(service, wait_s, remedy=HOURLY_REMEDY)
