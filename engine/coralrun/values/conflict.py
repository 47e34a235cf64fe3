"""What git leaves in a file where two people had changed the same lines, and nobody has chosen yet.

Rule: a mark stands at the beginning of its line, as git writes it; text that only holds such signs is none.
"""

from __future__ import annotations

import re
from typing import Final

LEFT: Final = (
    "two versions of these lines, of which git could not choose: keep one, and take out the lines of `<<<<<<<`, "
    "`=======` and `>>>>>>>`"
)
_MARK: Final = re.compile(r"^(?:<{7} |>{7} |\|{7} |={7}\r?$)", re.MULTILINE)
_SIGNS: Final = (
    "<<<<<<< ",
    ">>>>>>> ",
    "||||||| ",
    "=======",
)  # sought first: most files hold none, and some have a million lines


def conflict_line(text: str) -> int:
    """The line of the first mark of a conflict, from 1; 0 where there is none."""
    if not any(sign in text for sign in _SIGNS):
        return 0
    mark = _MARK.search(text)
    return 0 if mark is None else text.count("\n", 0, mark.start()) + 1
