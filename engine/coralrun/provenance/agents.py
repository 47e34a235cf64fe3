"""Who and what took part in classifying, as entities of an RO-Crate: service, classifier, coralrun, account.

Rule: what is known stands in a field of its own, for programs; what is not known is said to be so, for a field that is
missing may as well have been forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from coralrun.planning.model import Classifier, Plan
from coralrun.store.run import Identity

SERVICE: Final = "#service"
CLASSIFIER: Final = "#classifier"
ACCOUNT: Final = "#account"
CLASSIFIED_BY: Final = "#coralrun-that-classified"
NOT_ANNOUNCED: Final = "not known: the service does not announce its version"
NOT_KNOWN: Final = "not known"

_UNTOLD: Final = ": what the source used when the run was planned; which classifier labelled what is not told"

Entity = dict[str, Any]


def property_value(name: str, value: object, **more: str) -> Entity:
    """One thing that is known, as an entity whose id follows from its name."""
    return {
        "@id": f"#{name.replace(':', '').replace(' ', '-')}",
        "@type": "PropertyValue",
        "name": name,
        "value": value,
        **more,
    }


def agents(identity: Identity, plan: Plan) -> Iterator[Entity]:
    """The entities, each with its properties after it."""
    about = plan.about
    version = property_value("service version", f"coralrun {identity.coralrun}" if about.is_coralrun else NOT_ANNOUNCED)
    yield {
        "@id": SERVICE,
        "@type": "WebAPI",
        "name": about.described,
        **({"url": about.address} if about.address else {}),
        **({"description": about.untold} if about.untold else {}),
        "additionalProperty": [_to(version)],
    }
    yield version
    properties = list(_of_classifier(plan.classifier, about.name))
    yield {
        "@id": CLASSIFIER,
        "@type": "SoftwareApplication",
        "name": f"{about.name} classifier {plan.classifier.id}",
        "identifier": plan.classifier.id,
        "description": _described(plan.classifier) + (_UNTOLD if about.untold else ""),
        "additionalProperty": [_to(setting) for setting in properties],
    }
    yield from properties
    yield {
        "@id": CLASSIFIED_BY,
        "@type": "SoftwareApplication",
        "name": "coralrun, as it was when it classified",
        "softwareVersion": identity.coralrun,
        "description": f"On Python {identity.python}, as run.json says: the version that began the run",
    }
    yield {"@id": ACCOUNT, "@type": "Person", "name": identity.account or "not named"}


def _of_classifier(picked: Classifier, service: str) -> Iterator[Entity]:
    def known(value: object) -> object:
        return NOT_KNOWN if value is None else value

    yield property_value("classifier source", known(picked.source))
    yield property_value("classifier date", known(picked.date))
    accuracy = {} if picked.accuracy is None else {"unitText": "percent"}
    on = f"On its source's own test, as {service} states it"
    yield property_value("classifier accuracy", known(picked.accuracy), **accuracy, description=on)
    yield property_value("classifier images", known(picked.images))


def _described(picked: Classifier) -> str:
    source = f" of source {picked.source}" if picked.source is not None else ""
    accuracy = f", accuracy {picked.accuracy} % on its source's own test" if picked.accuracy is not None else ""
    trained = f", trained {picked.date}" if picked.date else ""
    photos = f" on {picked.images:,} images" if picked.images is not None else ""
    return f"Classifier {picked.id}{source}{accuracy}{trained}{photos}"


def _to(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}
