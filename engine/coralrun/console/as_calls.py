"""What is said of a command line, said of calls to whoever works in Python.

Rule: a use case knows its command alone: what it says names options and command lines. What crosses into Python names
arguments and calls: `--out` is `out=`, and `coralrun report runs/reef --open` is `coralrun.open("runs/reef").report()`.
A command that Python has no call for stays one, and so do words that are no part of a command line.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_COMMAND: Final = re.compile(r"(coralrun (?:'[^'\n]*'|[^`;()'])*?(?=[`;()]|\. |\.?$))", re.MULTILINE)
_SURELY: Final = r"'[^'\n]*'|\d+%|\d+(?![\d.])|people|audit|triage|html|[A-Z]{2,}(?:\.\w+)?|[\w-]*[./][\w./-]*\w"
"""What is the value of an option wherever it stands."""
_AT_AN_END: Final = r"(?!(?:out|instead|alone)\b)[\w-]+(?=[.:]?$|[.:] )"
"""What is one where nothing of the sentence follows."""
_KEY_AND_VALUE: Final = r"([\w.]+)=((?:[^\s,;:)`.]|\.(?!\s|$))+)"
_OPTION: Final = re.compile(
    rf"(?<![\w-])--([a-z][a-z-]*[a-z])(?: (?:{_KEY_AND_VALUE}|({_SURELY}|{_AT_AN_END})))?", re.MULTILINE
)
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_QUOTE: Final = "'"
_WORD: Final = re.compile(r"(?:'[^']*'|\"[^\"]*\"|[^\s'\"])+")
_CALLED: Final[Mapping[str, str]] = {
    "field": "fields",
    "format": "name",
    "replace-existing-annotations": "replace_existing",
    "set": "values",
}
"""The arguments that are not called as the options are."""
_SWITCHES: Final = frozenset(
    {
        "allow-in-sample",
        "blind",
        "from-source",
        "overwrite",
        "partial",
        "replace-existing-annotations",
        "retry-failed",
        "take-over",
        "undo",
        "unreviewed",
    }
)
_OF_A_TERMINAL: Final = frozenset({"open"})
"""Options of which a call knows nothing, and needs to know nothing."""
_OF_COMMANDS: Final = frozenset({"json", "limit", "only-copy"})
"""Options that no call has: a command line with one stays as it is."""
OF_A_RUN: Final[Mapping[str, tuple[str, tuple[str, ...], bool]]] = {
    "accuracy": ("accuracy", (), False),
    "cover": ("cover", (), False),
    "export": ("export", (), True),
    "report": ("report", (), False),
    "resume": ("resume", (), False),
    "review": ("review", (), True),
    "review import": ("import_review", ("path",), True),
    "show": ("show", ("image",), True),
}
"""Commands that take a run: what they are called as methods of one, the words after the run, and whether such a method
has to be told more than its run."""
OF_A_SURVEY: Final = ("apply", "plan")
_FOR_OTHERS: Final = re.compile(r" \(in Python \w+=\)|(?<=\)), in Python\b| \(--names shows all\)")
"""What tells whoever types commands what there is in Python, or what is there for them alone."""
_SAID_HERE: Final[Mapping[str, str]] = {
    "run the command again": "call it again",
    "Names are in outputs/predictions.csv": 'Names are in run.images["name"]',
}
"""What the same is called here."""
_IS_RETURNED: Final = frozenset({"resume"})
"""What gives the run back: whoever was interrupted has none, and `run` alone is a command of IPython."""


def as_calls(text: str) -> str:
    """A text with arguments and calls in place of options and command lines."""
    text = _FOR_OTHERS.sub("", text)
    for said, here in _SAID_HERE.items():
        text = text.replace(said, here)
    parts = _COMMAND.split(text)
    return "".join(_call(part) if index % 2 else _OPTION.sub(_argument, part) for index, part in enumerate(parts))


def _argument(option: re.Match[str]) -> str:
    name, key, value, word = option.groups()
    if key is not None:
        return f'{_called(name)}={{"{key}": "{value}"}}'
    if name in _SWITCHES:
        return f"{_called(name)}=True{'' if word is None else f' {word}'}"
    return f"{_called(name)}={'' if word is None else _value(word.strip(_QUOTE))}"


def _called(option: str) -> str:
    return _CALLED.get(option, option.replace("-", "_"))


def _value(word: str) -> str:
    return word if _NUMBER.fullmatch(word) else json.dumps(word, ensure_ascii=False)


class _Line:
    """A command line: its words one after the other, as far as they are no prose."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._words = list(_WORD.finditer(line))
        self._at = 1
        self.name = self._take()
        if self.name == "review" and self._next() == "import":
            self.name += f" {self._take()}"

    def path(self, placeholder: str) -> str | None:
        """The next word, where it is a path or stands for one."""
        word = self._next()
        is_path = word.startswith(placeholder) or "/" in word or word.endswith((".yaml", ".yml", ".csv"))
        return self._take() if word and (is_path or (not word.startswith("-") and Path(word).is_dir())) else None

    def options(self) -> dict[str, list[str] | None]:
        """The options that are next, with their values; a switch has none."""
        found: dict[str, list[str] | None] = {}
        while (word := self._next()).startswith("--"):
            self._take()
            name = word.removeprefix("--")
            if name in _SWITCHES | _OF_A_TERMINAL | _OF_COMMANDS:
                found[name] = None
            else:
                found[name] = [*(found.get(name) or ()), self._take()]
        return found

    def rest(self) -> str:
        """What is left: words of the sentence that the line stands in, with the blank before them."""
        return self._line[self._words[self._at - 1].end() :]

    def _next(self) -> str:
        return "".join(shlex.split(self._words[self._at][0])) if self._at < len(self._words) else ""

    def _take(self) -> str:
        word = self._next()
        self._at += 1
        return word


def _call(command: str) -> str:
    """A command line as a call; as it is where Python has none."""
    try:
        line = _Line(command)
        make = _of_a_run if line.name in OF_A_RUN else _of_a_survey if line.name in OF_A_SURVEY else None
        made = None if make is None else make(line)
        return command if made is None else f"{made}{_OPTION.sub(_argument, line.rest())}"
    except (ValueError, IndexError):  # a quote that is not closed, or an option without its value
        return command


def _of_a_run(line: _Line) -> str | None:
    method, words, needs_more = OF_A_RUN[line.name]
    place = line.path("RUN")
    named = {word: [path] for word in words if (path := line.path("FILE")) is not None}
    options = line.options()
    if not _OF_COMMANDS.isdisjoint(options):
        return None
    run = "run" if place is None or place.startswith("RUN") else f"coralrun.open({_value(place)})"
    if "undo" in options:
        return f"{run}.undo_review()"
    arguments = _arguments({**named, **options})
    given = "run = " if method in _IS_RETURNED and run != "run" else ""
    return f"{given}{run}.{method}({arguments or ('...' if needs_more else '')})"


def _of_a_survey(line: _Line) -> str | None:
    survey, options = line.path("S"), line.options()
    place = options.pop("run-dir", None)
    if not _OF_COMMANDS.isdisjoint(options):
        return None
    if "retry-failed" in options:
        return f"run = coralrun.open({_value(place[0])}).retry()" if place else "run.retry()"
    planned = f"coralrun.plan({f'survey={_value(survey)}' if survey and survey != 'SURVEY' else '...'})"
    if line.name == "plan":
        return None if options else planned
    return f"{planned}.apply({_arguments({**({'run-dir': place} if place else {}), **options})})"


def _arguments(options: Mapping[str, list[str] | None]) -> str:
    return ", ".join(
        f"{_called(name)}={'True' if values is None else _several(values)}"
        for name, values in options.items()
        if name not in _OF_A_TERMINAL
    )


def _several(values: list[str]) -> str:
    return _value(values[0]) if len(values) == 1 else f"[{', '.join(map(_value, values))}]"
