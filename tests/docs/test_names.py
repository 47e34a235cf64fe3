"""The names of the tests are sentences that can be read in a list of failures."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TOO_LONG = 80


def test_the_name_of_a_test_is_shorter_than_eighty_characters() -> None:
    names = [
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(names) > 1000
    assert [name for name in names if len(name) >= TOO_LONG] == []
