"""The registry: a service is found as a survey names it, and told of as its plan keeps it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans import PLAN

from coralrun import services
from coralrun.errors import RunDamaged, UsageError
from coralrun.planning import codec


@pytest.mark.parametrize(
    "service", ["https://coralnet.ucsd.edu", "http://localhost:8000", "http://[::1]:8000", "emulator", "local"]
)
def test_each_service_is_found_by_its_name_alone(service: str) -> None:
    (terms,) = [terms for terms in services.all_terms() if terms is services.entry_of(service).terms]
    assert terms.name in ("CoralNet", "the embedded CoralNet", "local classification")


def test_a_service_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="or the word `emulator`, or the word `local`; it is `emulater`") as caught:
        services.connect("emulater", {})
    assert caught.value.remedy == "Correct `service`."


def test_its_own_keys_hold_as_usual_where_nobody_says_otherwise() -> None:
    assert services.limits_of("https://coralnet.ucsd.edu", {}).images_per_s == 4
    slow = services.limits_of("https://coralnet.ucsd.edu", {"run.web_rate": 1, "run.patience": "5m"})
    assert (slow.images_per_s, slow.look_most_s) == (1, 300.0)


def test_only_coralnet_has_pages_for_people() -> None:
    real, embedded = map(services.about_of, ("https://coralnet.ucsd.edu", "emulator"))
    assert real.page_of_image(7) == "https://coralnet.ucsd.edu/image/7/view/"
    assert real.page_of_source(3420) == "https://coralnet.ucsd.edu/source/3420/"
    assert (embedded.page_of_image(7), embedded.address) == ("", "")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a.example/'onclick=x", "https://a.example\n"])
def test_a_plan_whose_service_has_no_address_for_one_is_refused(address: str) -> None:
    forged = codec.encode(replace(PLAN, about=replace(PLAN.about, image_page=address)))
    with pytest.raises(RunDamaged, match="a field of the plan is missing or of the wrong kind"):
        codec.decode(forged)
