"""The templates that the names of a survey follow: one for each layout of names in it.

Rule: a name is read by the first template that it follows as a whole, and by no other. What another has a field for is
not known of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from coralrun.spec.model import Metadata
from coralrun.spec.template import Template, template_of


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates in the order in which a name is tried by them."""

    each: tuple[Template, ...]

    def read(self, name: str) -> tuple[int, tuple[str, ...]] | None:
        """The place of the first template that a name follows, with the value of each of its fields; None where it
        follows none."""
        for place, template in enumerate(self.each):
            values = template.read(name)
            if values is not None:
                return place, values
        return None


def templates_in(metadata: Metadata) -> Templates | None:
    """Those of a survey; None where nothing is read from names."""
    texts = metadata.from_names
    if texts is None:
        return None
    return Templates(tuple(map(template_of, [texts] if isinstance(texts, str) else texts)))
