"""The third service in the registry: all that a service's package hands over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coralrun.connection import Connection, ServiceEntry
from coralrun.planning.model import Plan
from coralrun.ports import Home, Images
from coralrun.reaching import Reaching
from coralrun.service.about import AboutService
from coralrun.service.terms import ServiceTerms

from .words import LIMITS, Words

TERMS = ServiceTerms(
    name="Words",
    spelling="words",
    spelt="the word `words`",
    classifier_id={"pattern": "^[a-z]+(-[a-z]+)*$", "errorMessage": "must be words"},
)
ABOUT = AboutService(name="Words", described="A service of the tests", labelled_by="Words")


@dataclass(slots=True)
class WordsConnection(Connection):
    """The way to it: no account, no windows, images by path."""

    words: Words

    def service(self, classifier: str, home: Home | None = None) -> Words:
        """The service."""
        return self.words

    def images(self, plan: Plan) -> Images:
        """The images: files beside the words, but for those of folders."""
        return Connection.images(self, plan) if plan.folders else self.words


def entry(words: Words) -> ServiceEntry:
    """Its entry, by which one and the same service is reached each time."""
    limits = replace(LIMITS, look_most_s=0.05)

    def connect(reaching: Reaching) -> Connection:
        return WordsConnection("Words", reaching.clock, limits, words)

    return ServiceEntry(terms=TERMS, about=lambda service: ABOUT, limits=lambda options: limits, connect=connect)
