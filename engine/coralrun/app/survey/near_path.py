"""What a mistyped path may have meant.

Rule: only names beside the missing one are looked at, and one is suggested or none. A name with an accent can be
written in two ways that look the same, and a copy from another computer may have the other.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from unicodedata import normalize

from coralrun.spec.suggest import suggestion


def near(missing: Path) -> str:
    """What to say beside that a path is not there: `; there is ...`, or nothing."""
    names: list[str] = []
    with suppress(OSError):
        names = sorted(path.name for path in missing.parent.iterdir())
    same = next((name for name in names if normalize("NFC", name) == normalize("NFC", missing.name)), None)
    if same is not None:
        return f"; there is `{same}`, which looks the same and is written in other characters: copy the name from there"
    by_stem = {Path(name).stem: name for name in reversed(names)}  # one ending would make any two names alike
    found = suggestion(missing.stem, by_stem)
    return "" if found is None else f"; there is `{by_stem[found]}`"
