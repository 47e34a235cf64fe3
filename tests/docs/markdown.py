"""Reading the project's own Markdown: its fenced blocks, its tables, and the commands that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "docs").glob("*.md"))
KEYS, COMMANDS, CORALNET, RUNS = (ROOT / "docs" / f"{name}.md" for name in ("keys", "commands", "coralnet", "runs"))

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>.*)$")
_INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words after it, its text, the `##` heading that it stands under, its line."""

    language: str
    note: str
    text: str
    section: str
    line: int


def blocks(path: Path, language: str | None = None) -> list[Block]:
    """The fenced blocks of a file, in order; of one language, where it is given."""
    return [block for block in _blocks(path) if language in (None, block.language)]


def _blocks(path: Path) -> Iterator[Block]:
    section, info, indent, began = "", None, "", 0
    inside: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.match(line)
        if fence and info is None:
            info, indent, began, inside = fence["info"], fence["indent"], number, []
        elif fence and info is not None:
            language, _, note = info.partition(" ")
            yield Block(language, note, "".join(f"{line}\n" for line in inside), section, began)
            info = None
        elif info is not None:
            inside.append(line.removeprefix(indent))
        elif line.startswith("## "):
            section = line.removeprefix("## ")
    assert info is None, f"{path}:{began}: a block that never ends"


def sections(path: Path) -> dict[str, str]:
    """The text under each heading of any level, fenced blocks left out."""
    found: dict[str, list[str]] = {}
    heading, fenced = "", False
    for line in path.read_text(encoding="utf-8").splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and line.startswith("#"):
            heading = line.lstrip("# ")
        elif not fenced:
            found.setdefault(heading, []).append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def table(path: Path, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head; fails where there is none."""
    lines = [line for line in sections(path)[heading].splitlines() if line.startswith("|")]
    assert len(lines) > 2, f"no table under {heading!r}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def words(cell: str) -> list[str]:
    """The pieces of a text that stand in backticks."""
    return _INLINE.findall(cell)


def command_lines(path: Path) -> list[tuple[int, str]]:
    """Every call of coralrun in a Markdown file, with its line: in a fenced block, or between backticks."""
    found = []
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if _FENCE.match(line):
            fenced = not fenced
        pieces = [line.strip().removeprefix("$ ").removeprefix(".venv/bin/")] if fenced else words(line)
        found += [(number, piece) for piece in pieces if piece.startswith("coralrun ")]
    return found
