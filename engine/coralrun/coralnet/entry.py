"""CoralNet's entry in the registry of services."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from coralrun.connection import Connection, Reaching, ServiceEntry
from coralrun.coralnet.protocol import LIMITS, MAX_POINTS_PER_IMAGE, PATIENCE_S, WEB_RATE
from coralrun.service_limits import ServiceLimits
from coralrun.service_terms import Options, ServiceTerms
from coralrun.spec.running import seconds

_PATIENCE, _WEB_RATE = "run.patience", "run.web_rate"
_HOST = r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/?"
_THIS_COMPUTER = r"http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?/?"

TERMS: Final = ServiceTerms(
    name="CoralNet",
    spelling=f"{_HOST}|{_THIS_COMPUTER}",
    spelt="an address such as https://coralnet.ucsd.edu (http:// only for this computer: localhost or 127.0.0.1)",
    options={_PATIENCE: f"{PATIENCE_S:g}s", _WEB_RATE: WEB_RATE},
    keys=frozenset({"classifier.source", "classifier.pick", "sources.coralnet", "sources.search"}),
    classifier_id={"pattern": "^[1-9][0-9]{0,17}$", "errorMessage": "must be a whole number, 1 or more"},
    points_per_image=MAX_POINTS_PER_IMAGE,
)


def limits_of(options: Options) -> ServiceLimits:
    """What CoralNet takes, and how often a survey has it asked."""
    return replace(LIMITS, look_most_s=seconds(str(options[_PATIENCE])), images_per_s=float(options[_WEB_RATE]))


def _connect(reaching: Reaching) -> Connection:
    from coralrun.coralnet.connection import connect  # with all that sends requests

    return connect(reaching, limits_of(reaching.options))


SERVICE: Final = ServiceEntry(terms=TERMS, limits=limits_of, connect=_connect)
