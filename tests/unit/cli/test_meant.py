"""A command line that is refused says what may have been meant, from what is really there."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coralrun.cli.main import app


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Fotos der Süd bucht").mkdir()


def refused(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    return done.output


@pytest.mark.parametrize(
    "words",
    [
        ["init", "reef.yaml", "--images", "Fotos", "der", "Süd", "bucht", "--upload-to", "1"],
        ["upload", "Fotos", "der", "Süd", "bucht", "--to", "1", "--exif", "keep"],
    ],
)
def test_a_name_with_blanks_that_was_not_quoted_is_shown_in_quotes(words: list[str]) -> None:
    assert ("-> `Fotos der Süd bucht` has a blank, and is one name in quotes alone: 'Fotos der Süd bucht'") in refused(
        *words
    )


def test_words_that_are_no_name_together_are_told_how_a_name_with_blanks_is_written() -> None:
    assert "-> A name with a blank in it is written in quotes." in refused("status", "runs/Fotos", "2026")


def test_all_that_a_command_lacks_is_told_at_once() -> None:
    assert "Missing option '--labels'. Missing too: '--photos', '--out'." in refused("train")
    perhaps = " Say '--labelled-by people' too, if people labelled and no column of the table says so."
    assert f"Missing option '--photos'. Missing too: '--out'.{perhaps}" in refused("train", "--labels", "labels.csv")
    assert perhaps not in refused("train", "--labels", "labels.csv", "--labelled-by", "people")
    assert refused("annotate").endswith("Missing option '--to'.\n")


@pytest.mark.parametrize("command", ["apply", "plan", "validate"])
def test_a_command_without_its_survey_names_the_one_that_is_here(command: str) -> None:
    assert f"Name it: coralrun {command} survey.yaml" in refused(command), "none is here"
    Path("south reef.yml").touch()
    assert f"Name it: coralrun {command} 'south reef.yml'" in refused(command, "--json")
    Path("north.yaml").touch()
    assert f"Name it: coralrun {command} survey.yaml" in refused(command), "two may be meant"


def test_an_option_that_takes_one_value_is_not_given_twice() -> None:
    train = ("train", "--labels", "ours.csv", "--labels", "theirs.csv", "--photos", "p", "--out", "model")
    assert "Invalid value for '--labels': it takes one value, and is given 2 times" in refused(*train)
    assert "Invalid value for '--sample'" in refused("review", "runs/x", "--sample", "2", "--sample=3", "--sample", "4")
    repeated = refused("review", "runs/x", "--columns", "row=y", "--columns", "column=x", "--json", "--json")
    assert "is given" not in repeated, "some may repeat"
