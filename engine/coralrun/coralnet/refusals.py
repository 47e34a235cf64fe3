"""What CoralNet refuses, with what a person does about it there."""

from __future__ import annotations

from typing import Final

from coralrun.errors import CredentialsError, TooManyRequests

ACCOUNT_REMEDY: Final = (
    "Set CORALNET_USERNAME and CORALNET_PASSWORD (or CORALNET_TOKEN) to an account that may see the source."
)


class AccountRefused(CredentialsError):
    """CoralNet does not accept the account, or there is none, or it may not see what is asked for."""

    remedy = ACCOUNT_REMEDY


class Throttled(TooManyRequests):
    """CoralNet takes no request for a while."""

    remedy = "Wait that long and try again: CoralNet counts the requests of an account, and of an address, by the hour."
