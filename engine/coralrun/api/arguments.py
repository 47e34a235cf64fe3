"""What a public function takes, looked at before it is called.

Rule: an argument that is missing, misspelt, or of another type than its annotation says is refused here, by its name,
before it is met deep inside.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from numbers import Integral, Real
from os import PathLike
from typing import Any, Final, NamedTuple

from coralrun.app.answers.export_options import GivenOptions
from coralrun.errors import UsageError
from coralrun.spec.suggest import suggestion

_OPTIONS: Final = "Unpack[GivenOptions]"
"""The annotation of what a function takes beside its own arguments, as an export does."""


class _Takes(NamedTuple):
    """What an argument takes: in words, and whether something is that; and what to do about another thing."""

    words: str
    takes: Callable[[Any], bool]
    remedy: str


class WrongCall(UsageError, TypeError):
    """A function was called with arguments that it has not, or without one that it needs."""


def _is_path(given: object) -> bool:
    return (isinstance(given, str) and given != "") or isinstance(given, PathLike)


def _is_whole(given: object) -> bool:
    return not isinstance(given, bool) and isinstance(given, Integral) and int(given) >= 0


def _is_number(given: object) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def _are_texts(given: object) -> bool:
    if not isinstance(given, Collection) or isinstance(given, bytes | Mapping) or hasattr(given, "columns"):
        return False
    return all(isinstance(one, str) for one in given)


def _name_texts(given: object) -> bool:
    return isinstance(given, Mapping) and all(isinstance(text, str) for pair in given.items() for text in pair)


TAKES: Final[Mapping[str, _Takes]] = {
    "bool": _Takes("True or False", lambda given: isinstance(given, bool), "Write True or False, without quotes."),
    "float": _Takes("a number", _is_number, "Give a number, without quotes."),
    "int": _Takes("a whole number from 0", _is_whole, "Give a whole number, without quotes."),
    "str": _Takes("a text", lambda given: isinstance(given, str), "Give a text, in quotes."),
    "str | int": _Takes(
        "a text or a whole number",
        lambda given: isinstance(given, str) or _is_whole(given),
        'Give a number, or a share such as "5%", in quotes.',
    ),
    "str | Path": _Takes("a path", _is_path, "Give a path, in quotes."),
    "str | Sequence[str]": _Takes("a text, or a list of texts", _are_texts, "Give a text, in quotes, or a list."),
    "Mapping[str, str]": _Takes("texts by text", _name_texts, 'Give a mapping, such as {"label": "Taxon"}.'),
    "Mapping[str, object]": _Takes(
        "values by text",
        lambda given: isinstance(given, Mapping) and all(isinstance(key, str) for key in given),
        'Give a mapping, such as {"country": "Fiji"}.',
    ),
    "Event": _Takes(
        "a threading.Event",
        lambda given: callable(getattr(given, "is_set", None)),
        "Give stop = threading.Event(), and call stop.set() in another thread to stop the run.",
    ),
}
"""What the arguments with these annotations take, where they are not None."""
_OR_NONE: Final = " | None"


def texts(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """What an argument holds that is one text or several."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def check(signature: inspect.Signature, name: str, arguments: tuple[object, ...], named: Mapping[str, object]) -> None:
    """Raise UsageError for arguments that a function of this name cannot be called with."""
    parameters = signature.parameters
    has_more = [of for of in parameters.values() if of.kind is of.VAR_KEYWORD]
    known = [of.name for of in parameters.values() if of.kind is not of.VAR_KEYWORD and of.name != "self"]
    known += GivenOptions.__annotations__ if any(of.annotation == _OPTIONS for of in has_more) else ()
    for word in named:
        if word not in known and not any(of.annotation == "Any" for of in has_more):
            meant = suggestion(word, known)
            remedy = f"Say {meant}=, if that is what you mean." if meant else f"It has: {', '.join(known) or 'none'}."
            raise WrongCall(f"{name} has no argument {word}=", remedy=remedy)
    try:
        given = signature.bind_partial(*arguments, **named).arguments
    except TypeError as error:
        raise WrongCall(f"{name}: {error}", remedy="Name the arguments that you give: name=value.") from None
    needed = [of.name for of in parameters.values() if of.default is of.empty and of not in has_more]
    missing = [f"{one}=" for one in needed if one not in given]
    if missing:
        whose = "coralrun.Run." if "self" in parameters else "coralrun."
        raise WrongCall(f"{name} lacks {', '.join(missing)}", remedy=f"help({whose}{name}) says what it takes.")
    for argument, annotation, value in _annotated(signature, given):
        _check_type(argument, annotation, value)


def _annotated(signature: inspect.Signature, given: Mapping[str, Any]) -> Iterator[tuple[str, str, object]]:
    """What was given, each with its name and annotation."""
    for name, value in given.items():
        annotation = signature.parameters[name].annotation
        if annotation == _OPTIONS:
            for option, one in value.items():
                yield option, GivenOptions.__annotations__[option].__forward_arg__, one
        else:
            yield name, annotation, value


def _check_type(name: str, annotation: str, given: object) -> None:
    takes = TAKES.get(str(annotation).removesuffix(_OR_NONE))
    if takes is None or takes.takes(given) or (given is None and annotation.endswith(_OR_NONE)):
        return
    remedy = takes.remedy
    if hasattr(given, "to_csv") and "path" in takes.words:
        remedy = f'Write the table to a file, table.to_csv("FILE.csv", index=False), and give {name}="FILE.csv".'
    if name == "survey" and isinstance(given, Mapping):
        remedy = "Give the path of a file, in quotes; sections are arguments of a plan: coralrun.plan(**survey)."
    what = f"this is of type {type(given).__name__}"
    if isinstance(given, str) and not given:
        what = "this is empty"
    elif "int" in annotation and not isinstance(given, bool) and isinstance(given, Integral):
        what = f"this is {given}"
    raise UsageError(f"{name}= takes {takes.words}, and {what}", remedy=remedy)
