"""HTML pages from templates: how every page that coralrun writes is made.

Rule: every text is escaped, and a name that a template does not know is an error. Pictures stand in the page itself.
"""

from __future__ import annotations

import base64

import jinja2


def templates_of(package: str) -> jinja2.Environment:
    """The templates of a package, in its folder `templates`; pages have `data_uri`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["data_uri"] = data_uri
    return environment


def data_uri(picture: bytes) -> str:
    """A JPEG as the address of an image in a page."""
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode('ascii')}"
