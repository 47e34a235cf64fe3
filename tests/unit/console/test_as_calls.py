"""What is said of options and command lines, said of arguments and calls."""

from __future__ import annotations

import ast
import inspect

import pytest

import coralrun
from coralrun.console.as_calls import OF_A_RUN, as_calls


@pytest.mark.parametrize(
    ("said", "in_words_of_python"),
    [
        ("Say --sample 5%, or --sample 60 for 60 images.", 'Say sample="5%", or sample=60 for 60 images.'),
        ("Give --out another place, or say --overwrite.", "Give out= another place, or say overwrite=True."),
        ("(--field a=b, or --set c={d})", '(fields={"a": "b"}, or values={"c": "{d}"})'),
        ("say so: --labelled-by people. Where", 'say so: labelled_by="people". Where'),
        ("Name it: --extractor FILE.onnx, or --out FILE.", 'Name it: extractor="FILE.onnx", or out="FILE".'),
        ("named by `--columns row=...`. Say --to html too.", 'named by `columns={"row": "..."}`. Say to="html" too.'),
        ("`A`, which `--columns` names", "`A`, which `columns=` names"),
        ("Name groups: --groups FILE (in Python groups=). For", 'Name groups: groups="FILE". For'),
        ('  next    coralrun.open("a/b").retry(), in Python', '  next    coralrun.open("a/b").retry()'),
        ("Correct the lines and run the command again.", "Correct the lines and call it again."),
        ("(--field habitat=ZONE. The", '(fields={"habitat": "ZONE"}. The'),
        ("or name fields here: --by zone", 'or name fields here: by="zone"'),
        ("Say --by-class genus. Or leave out --by.", 'Say by_class="genus". Or leave out by=.'),
        ("--to docx: not a format", 'to="docx": not a format'),
        ("--sample '7 of ten': neither", 'sample="7 of ten": neither'),
        (
            "kept: --truth a/b-2.csv judges by them; --page-mb 0.2: small",
            'kept: truth="a/b-2.csv" judges by them; page_mb=0.2: small',
        ),
        ("Leave --reason out. Say --retry-failed alone", "Leave reason= out. Say retry_failed=True alone"),
        ("and 7 more (--names shows all)", "and 7 more"),
        ("x.jpg: none. Names are in outputs/predictions.csv.", 'x.jpg: none. Names are in run.images["name"].'),
        ("a--b.jpg and x --", "a--b.jpg and x --"),
    ],
)
def test_options_become_arguments(said: str, in_words_of_python: str) -> None:
    assert as_calls(said) == in_words_of_python


@pytest.mark.parametrize(
    ("said", "in_words_of_python"),
    [
        ("  go on with: coralrun resume runs/reef", '  go on with: run = coralrun.open("runs/reef").resume()'),
        ("coralrun report 'a (b)/c' --open", 'coralrun.open("a (b)/c").report()'),
        ("coralrun review a/b --sample 5% --to html", 'coralrun.open("a/b").review(sample="5%", to="html")'),
        ("Draw one: coralrun review RUN --sample 60.", "Draw one: run.review(sample=60)."),
        ("coralrun review a/b --undo", 'coralrun.open("a/b").undo_review()'),
        ("then: coralrun review import a/b c.csv", 'then: coralrun.open("a/b").import_review(path="c.csv")'),
        (
            "coralrun review import a/b FILE --accept-labels C --accept-labels 'D E'",
            'coralrun.open("a/b").import_review(path="FILE", accept_labels=["C", "D E"])',
        ),
        ("Say --partial, or coralrun resume first.", "Say partial=True, or run.resume() first."),
        ("coralrun review with another --seed", "run.review(...) with another seed="),
        ("coralrun apply s.yaml --run-dir a/b --retry-failed", 'run = coralrun.open("a/b").retry()'),
        ("coralrun apply s.yaml --retry-failed", "run.retry()"),
        (
            "`coralrun apply s.yaml --take-over`; or --take-over",
            '`coralrun.plan(survey="s.yaml").apply(take_over=True)`; or take_over=True',
        ),
        ("coralrun apply SURVEY --run-dir a/b", 'coralrun.plan(...).apply(run_dir="a/b")'),
        ("`coralrun plan` says how much", "`coralrun.plan(...)` says how much"),
    ],
)
def test_command_lines_become_calls(said: str, in_words_of_python: str) -> None:
    assert as_calls(said) == in_words_of_python


@pytest.mark.parametrize(
    "said",
    [
        "see `coralrun doctor survey.yaml --json`",
        "coralrun resume a/b --only-copy",
        "(the whole matrix: coralrun accuracy --json)",
        "coralrun apply, with its survey or its saved plan",
        "coralrun report 'a/b",
    ],
)
def test_what_python_has_no_call_for_stays_a_command(said: str) -> None:
    assert as_calls(said) == said


@pytest.mark.parametrize("command", OF_A_RUN)
def test_what_a_command_is_called_is_a_method_that_takes_what_is_named(command: str) -> None:
    method, words, needs_more = OF_A_RUN[command]
    parameters = inspect.signature(getattr(coralrun.Run, method)).parameters
    needed = [of for of in parameters.values() if of.default is of.empty and of.kind is not of.VAR_KEYWORD][1:]
    assert {*words} <= {*parameters} and bool(needed) == needs_more
    ast.parse(as_calls(f"coralrun {command} runs/reef").replace("...", "0"))
