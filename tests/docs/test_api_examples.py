"""What `help(coralrun.plan)` shows: every public thing of `api` says what goes in and out, and its example runs."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import tiny_classifier
from tests.docs.markdown import ROOT, blocks

import coralrun
from coralrun import api
from coralrun.api.arguments import TAKES
from coralrun.app.answers.export_options import GivenOptions
from coralrun.classifiers import extractors

SESSION = ("images", "plan", "PlannedRun", "open", "Run", "cover_of_labels", "train")  # examples build on each other


def public() -> Iterator[tuple[str, Any]]:
    """What `api` gives, each class before its members, as they stand in the source."""
    for name in SESSION:
        thing = getattr(api, name)
        yield name, thing
        if inspect.isclass(thing):
            for part_of in reversed(thing.__mro__[:-1]):
                yield from ((f"{name}.{part}", member) for part, member in vars(part_of).items() if part[0] != "_")


THINGS = dict(public())
FUNCTIONS: dict[str, Any] = {
    name: thing.fget if isinstance(thing, property) else thing
    for name, thing in THINGS.items()
    if not inspect.isclass(thing)
}


def sections(thing: object) -> dict[str, list[str]]:
    """The lines under each heading of a docstring; what comes before them stands under ""."""
    found: dict[str, list[str]] = {"": []}
    lines = (inspect.getdoc(thing) or "").splitlines()
    under = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line and re.fullmatch("-+", after) and len(line) == len(after):
            under, found[line] = line, []
        elif not re.fullmatch("-+", line):
            found[under].append(line)
    return found


def test_the_examples_are_of_all_that_is_public() -> None:
    assert sorted(SESSION) == sorted(api.__all__)


@pytest.mark.parametrize("name", THINGS)
def test_a_public_thing_opens_with_one_sentence_and_shows_an_example(name: str) -> None:
    said = sections(THINGS[name])
    assert re.fullmatch(r"[A-Z]((?!\. ).)*\.", said[""][0]) and not any(said[""][1:2])
    assert any(line.startswith(">>> ") for line in said["Examples"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_names_its_parameters_and_what_it_returns(name: str) -> None:
    said = sections(FUNCTIONS[name])
    stars: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    taken = [stars.get(parameter.kind, "") + parameter.name for parameter in parameters if parameter.name != "self"]
    assert [line for line in said.get("Parameters", []) if line and line[0] != " "] == taken
    assert any(line.startswith("    ") for line in said["Returns"])


def test_what_an_argument_takes_is_looked_at_for_every_annotation() -> None:
    own = {
        "Any",
        "Mapping[str, Any]",
        "Mapping[str, Any] | str | Path",
        "Unpack[GivenOptions]",
        "pd.DataFrame",
        "pd.DataFrame | Mapping[str, Any] | int",
    }  # as sections of a survey, and by `plan`
    for name, function in FUNCTIONS.items():
        for of in list(inspect.signature(function).parameters.values()):
            assert of.name == "self" or of.annotation.removesuffix(" | None") in {*TAKES, *own}, name
    assert {of.__forward_arg__.removesuffix(" | None") for of in GivenOptions.__annotations__.values()} <= {*TAKES}


def test_the_calls_in_the_page_on_python_are_such_as_there_are() -> None:
    called = set()
    for block in blocks(ROOT / "docs" / "python.md", "python"):
        for call in ast.walk(ast.parse(block.text)):
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="coralrun" | "run" as of), attr=name)):
                    function = getattr(coralrun if of == "coralrun" else coralrun.Run, name)
                    own = [] if of == "coralrun" else [None]
                    inspect.signature(function).bind(*own, *call.args, **{word.arg or "": 0 for word in call.keywords})
                    called.add(name)
    assert {"images", "plan", "open", "train", "cover", "review"} <= called


def test_the_examples_run_as_one_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(extractors, "DEFAULT", tiny_classifier.extractor())  # that of coralrun takes long to build
    extractors.keep(tiny_classifier.onnx(), extractors.cache_directory())
    session: dict[str, Any] = {"coralrun": coralrun}
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    told: list[str] = []
    for name, thing in THINGS.items():
        (example,) = finder.find(thing, name, globs=session)
        example.globs = session  # what an example makes is there in the next
        runner.run(example, out=told.append, clear_globs=False)
    assert not told, "".join(told)
