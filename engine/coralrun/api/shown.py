"""How plans and runs show themselves in a notebook: as the commands print them."""

from __future__ import annotations

import html


def as_html(text: str) -> str:
    """Lines as a notebook shows them; names and reasons in them come from outside."""
    return f"<pre>{html.escape(text)}</pre>"
