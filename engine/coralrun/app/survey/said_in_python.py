"""Problems of a survey that was made of arguments, said of the arguments.

Rule: whoever called a function has no `survey.yaml` and no line 18. A place in the text that was made is the path to it
in the arguments; a line of a table that was made is the row of the DataFrame, by its index; YAML is Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from coralrun.app.survey.resources import SURVEY_SCHEMA, schema
from coralrun.app.survey.survey_tables import IMAGES, POINTS
from coralrun.app.survey.yaml_as_python import as_python
from coralrun.errors import InvalidInput, Problem
from coralrun.spec.load import Node, Place, load

if TYPE_CHECKING:
    import pandas as pd

_POINTS = re.compile(r"sampling\.points\b(?:\.points\b)?")
_IMAGES = re.compile(r"sources\[\d+\]")
_HEADER_LINES = 1
_MADE = re.compile(r"(?<![\w-])(images|points)(?:-\d+)?\.(?:csv|txt)\b")
"""The files that are made of tables."""
_IN_SURVEY = re.compile(r"`(\w+)` in the survey\b")
_POINTS_ALONE = re.compile(r'\bsampling=\{"points": (\{[^{}]*\})\}')
_NO_SAMPLING = "`sampling` is missing"
_NO_POINTS = "`points` is missing: how many each image has, a design as a survey has it, or a table of them"
_REMEDY = "Correct the arguments named above and call it again."


@contextmanager
def of_arguments(
    survey: str, text: bytes, tables: Mapping[str, pd.DataFrame], *, sources_are_images: bool = True
) -> Iterator[None]:
    """Have the argument named in place of each file and line of what is wrong.

    `survey` is what messages call the `text`, and `tables` are the DataFrames by the names of the files made of them.
    `sources_are_images` says that the sources of the text were made of the argument `images`.
    """
    try:
        yield
    except InvalidInput as error:
        arguments = {
            place: _IMAGES.sub("images", path) if sources_are_images else path
            for place, path in _arguments(load(survey, text).root, "")
        }
        said = [_said(problem, survey, arguments, tables) for problem in error.problems]
        raise InvalidInput(said, remedy=_REMEDY) from None


def in_arguments(text: str) -> str:
    """A message with what a call is given in place of YAML, and of the files that were made of tables."""
    text = as_python(text, {*schema(SURVEY_SCHEMA)["properties"], "points"})
    text = _IN_SURVEY.sub(r"\1=", _MADE.sub(r"\1", text))
    return _POINTS.sub("points", _POINTS_ALONE.sub(r"points=\1", text))


def _said(problem: Problem, survey: str, arguments: Mapping[Place, str], tables: Mapping[str, pd.DataFrame]) -> Problem:
    is_missing = problem.message.startswith(_NO_SAMPLING)
    problem = replace(problem, message=_NO_POINTS if is_missing else in_arguments(problem.message))
    if problem.file == survey:
        place = Place(survey, problem.line, problem.column)
        return replace(problem, file=arguments.get(place, "the arguments"), line=0, column=0)
    if problem.file not in tables:
        return problem
    table, argument = tables[problem.file], {IMAGES: "images", POINTS: "points"}[problem.file]
    row = problem.line - 1 - _HEADER_LINES
    where = f"{argument}, row {table.index[row]}" if 0 <= row < len(table) else argument
    return replace(problem, file=where, line=0, column=0)


def _arguments(node: Node, path: str) -> Iterator[tuple[Place, str]]:
    """Each place of the text with what stands there, as the call named it."""
    yield node.place, _called(path)
    children: list[tuple[str, Node]] = []
    if isinstance(node.value, dict):
        children = [(f"{path}.{key}" if path else key, child) for key, child in node.value.items()]
        for place in node.keys.values():
            yield place, _called(path)  # of an unknown key the message says the name
    elif isinstance(node.value, list):
        children = [(f"{path}[{number}]", child) for number, child in enumerate(node.value)]
    for inner, child in children:
        yield from _arguments(child, inner)


def _called(path: str) -> str:
    return _POINTS.sub("points", path) or "the arguments"
