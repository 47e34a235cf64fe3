"""What people are told of a service, in a plan and wherever its run is read: a record that each service hands over.

Rule: a plan holds it, so that whoever reads a run needs no service. Of a plan that may come from anybody the addresses
are addresses, and the rest is text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from coralrun.files.field_types import END

Address = Annotated[str, Meta(pattern=f"^(https?://[^\\s\"'<>]*)?{END}")]
_IMAGE, _SOURCE = "{image}", "{source}"


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutService:
    """One service, in words.

    Its classifiers are called after `name`; `described` is the same for whoever never heard of it, and `labelled_by`
    for whoever reads how points were labelled. `address` is where it is reached, "" where it is on this computer.
    `image_page` and `source_page` are the addresses of the page of an image and of a source that the service has
    itself, with `{image}` and `{source}` for their numbers, "" where people cannot look. `works` are to be cited by
    whoever uses it. With `is_coralrun` it is a part of coralrun, and has its version. `caution` is what must be known
    before any number of a run is believed, with a word or two and a colon before it; with `is_until_audit` it is not
    said once people have labelled an audit. `untold` is what its results do not tell, in a sentence, "" for nothing.
    `thumbnails` is how many photos a report shows where nobody says.
    """

    name: str
    described: str
    labelled_by: str
    address: Address = ""
    image_page: Address = ""
    source_page: Address = ""
    works: tuple[str, ...] = ()
    is_coralrun: bool = False
    caution: str = ""
    is_until_audit: bool = False
    untold: str = ""
    thumbnails: int = 0

    def page_of_image(self, number: int) -> str:
        """The address of the page of an image; "" where there is none."""
        return self.image_page.replace(_IMAGE, str(number))

    def page_of_source(self, number: int) -> str:
        """The address of the page of a source; "" where there is none."""
        return self.source_page.replace(_SOURCE, str(number))


NOBODY = AboutService(name="a service", described="A service", labelled_by="a service")
"""What is told of a service that says nothing of itself."""
