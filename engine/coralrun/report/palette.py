"""The colours of labels and groups: few, told apart by colour-blind people, and always beside a text.

Source: M. Okabe and K. Ito, "Color Universal Design" (2008), without its black, which a dark page swallows. Beyond
seven, colours would no longer be told apart by anybody: the rest share a grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Blue, orange, bluish green, reddish purple, sky blue, vermilion, yellow."""

REST: Final = "#8a929a"


def coloured(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name, the first ones distinct; the order of the names decides, so give the commonest first."""
    return {name: COLOURS[at] if at < len(COLOURS) else REST for at, name in enumerate(dict.fromkeys(names))}
