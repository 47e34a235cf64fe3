"""CoralNet refuses with the errors of every service, and with remedies of its own."""

from __future__ import annotations

import pytest

from coralrun.coralnet.refusals import account_refused, once_more, throttled
from coralrun.errors import CredentialsError, TooManyRequests


def test_a_refusal_has_the_name_that_programs_know_and_what_to_do_at_coralnet() -> None:
    account, hour = account_refused("no account"), throttled("coralnet", 60)
    assert (type(account), type(hour)) == (CredentialsError, TooManyRequests)
    assert "CORALNET_USERNAME" in account.remedy
    assert "CoralNet" in hour.remedy
    assert account_refused("no file", remedy="Mend it.").remedy == "Mend it."


def test_a_short_silence_that_the_service_asks_for_is_waited_for_once() -> None:
    slept: list[float] = []

    def asking(*silences: float) -> str:
        waits = iter(silences)

        def ask() -> str:
            for wait_s in waits:
                raise throttled("CoralNet", wait_s)
            return "jobs"

        return once_more(ask, slept.append)

    assert (asking(), asking(2.0), slept) == ("jobs", "jobs", [2.0])
    for silences in ((61.0,), (1.0, 1.0)):
        with pytest.raises(TooManyRequests):
            asking(*silences)
    assert slept == [2.0, 1.0]
