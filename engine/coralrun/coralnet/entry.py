"""CoralNet's entry in the registry of services."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from coralrun.connection import Connection, ServiceEntry
from coralrun.coralnet.protocol import (
    IN_SOURCE_LIMITS,
    LABEL_PATIENCE_S,
    LIMITS,
    MAX_POINTS_PER_IMAGE,
    PATIENCE_S,
    WEB_RATE,
)
from coralrun.coralnet.refusals import ACCOUNT_REMEDY
from coralrun.reaching import Reaching
from coralrun.service.about import AboutService
from coralrun.service.limits import ServiceLimits
from coralrun.service.terms import Options, ServiceTerms
from coralrun.spec.model import PRODUCTION
from coralrun.spec.running import seconds

_PATIENCE, _WEB_RATE = "run.patience", "run.web_rate"
RUN_IN: Final = "classifier.run_in"
LABEL_PATIENCE: Final = "run.label_patience"
_UPLOAD_TO = "sources.upload_to"
_HOST = r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/?"
_THIS_COMPUTER = r"http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?/?"
_REHEARSAL: Final = (
    "NOT REAL: this run was at {service}, on this computer: a rehearsal, and no result, unless a CoralNet of your own "
    "answers there."
)
_UPLOAD_FIRST: Final = (
    "CoralNet classifies photos that it has, or that are public: let those of this folder be uploaded first, to a "
    "source that you may edit (`upload_to: {coralnet: 3420, exif: keep}` beside `folder`); or classify them on this "
    "computer, with `service: local`"
)

TERMS: Final = ServiceTerms(
    name="CoralNet",
    spelling=f"{_HOST}|{_THIS_COMPUTER}",
    spelt="an address such as https://coralnet.ucsd.edu (http:// only for this computer: localhost or 127.0.0.1)",
    options={_PATIENCE: f"{PATIENCE_S:g}s", _WEB_RATE: WEB_RATE, RUN_IN: None, LABEL_PATIENCE: None},
    keys=frozenset({"classifier.source", "classifier.pick", "sources.coralnet", "sources.search", _UPLOAD_TO}),
    instead={"sources.folder": _UPLOAD_FIRST},
    beside={"sources.folder": "upload_to"},
    classifier_id={"pattern": "^[1-9][0-9]{0,17}$", "errorMessage": "must be a whole number, 1 or more"},
    points_per_image=MAX_POINTS_PER_IMAGE,
    account="CORALNET_USERNAME and CORALNET_PASSWORD (or CORALNET_TOKEN)",
)


BEIJBOM_2012: Final = (
    "Beijbom O, Edmunds PJ, Kline DI, Mitchell BG, Kriegman D (2012) Automated annotation of coral reef survey images. "
    "IEEE Conference on Computer Vision and Pattern Recognition, 1170\N{EN DASH}1177."
)
CHEN_2021: Final = (
    "Chen Q, Beijbom O, Chan S, Bouwmeester J, Kriegman D (2021) A new deep learning engine for CoralNet. IEEE/CVF "
    "International Conference on Computer Vision Workshops. doi:10.1109/ICCVW54120.2021.00412."
)


def about(service: str) -> AboutService:
    """The CoralNet at an address; only the public one needs no address to be known, and one here is a rehearsal."""
    return AboutService(
        name="CoralNet",
        described="CoralNet",
        labelled_by="CoralNet" if service == PRODUCTION else f"CoralNet ({service})",
        address=service,
        image_page=f"{service}/image/{{image}}/view/",
        source_page=f"{service}/source/{{source}}/",
        works=(BEIJBOM_2012, CHEN_2021),
        caution=_REHEARSAL.format(service=service) if re.fullmatch(_THIS_COMPUTER, service) else "",
    )


def limits_of(options: Options) -> ServiceLimits:
    """What CoralNet takes, and how often a survey has it asked."""
    limits = IN_SOURCE_LIMITS if RUN_IN in options else LIMITS
    return replace(limits, look_most_s=seconds(str(options[_PATIENCE])), images_per_s=float(options[_WEB_RATE]))


def label_patience_s(options: Options) -> float:
    """How long a source that classifies may label no photo of a run before those without labels are given up."""
    said = options.get(LABEL_PATIENCE)
    return LABEL_PATIENCE_S if said is None else seconds(str(said))


def _connect(reaching: Reaching) -> Connection:
    from coralrun.coralnet.connection import connect  # with all that sends requests
    from coralrun.coralnet.in_source import by_way_of

    options = reaching.options
    return by_way_of(connect(reaching, limits_of(options)), options.get(RUN_IN), label_patience_s(options))


SERVICE: Final = ServiceEntry(
    terms=TERMS, about=about, limits=limits_of, connect=_connect, account_remedy=ACCOUNT_REMEDY
)
