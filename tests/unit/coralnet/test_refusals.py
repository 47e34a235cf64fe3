"""CoralNet refuses with the errors of every service, and with remedies of its own."""

from __future__ import annotations

from coralrun.coralnet.refusals import account_refused, throttled
from coralrun.errors import CredentialsError, TooManyRequests


def test_a_refusal_has_the_name_that_programs_know_and_what_to_do_at_coralnet() -> None:
    account, hour = account_refused("no account"), throttled("coralnet", 60)
    assert (type(account), type(hour)) == (CredentialsError, TooManyRequests)
    assert "CORALNET_USERNAME" in account.remedy
    assert "CoralNet" in hour.remedy
    assert account_refused("no file", remedy="Mend it.").remedy == "Mend it."
