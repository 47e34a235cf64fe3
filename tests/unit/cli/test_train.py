"""`train` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from tests import tiny_classifier
from typer.testing import CliRunner

from coralrun.cli.commands.train import how_to_use
from coralrun.cli.main import app


def test_train_writes_a_folder_says_that_it_is_not_judged_and_how_to_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("photos").mkdir()
    for colour in ("red", "blue"):
        Image.new("RGB", (300, 300), colour).save(f"photos/{colour}.png")
    rows = [f"{colour}.png,{at},{at},{colour}" for colour in ("red", "blue") for at in range(5)]
    Path("labels.csv").write_text("\n".join(["Name,Row,Column,Label", *rows]))
    Path("colour.onnx").write_bytes(tiny_classifier.onnx(224))
    words = ["train", "--labels", "labels.csv", "--photos", "photos", "--extractor", "colour.onnx"]
    words += ["--preset", "imagenet", "--labelled-by", "people"]
    done = CliRunner().invoke(app, [*words, "--out", "models/colours", "--site", "Moorea", "--site", "Tahiti"])
    assert done.exit_code == 0, done.output
    assert "  training sites: Moorea, Tahiti\n" in done.stdout
    assert "  accuracy: not judged." in done.stdout
    assert "; a survey in this folder uses it as `classifier: {folder: models/colours}` with" in done.stdout
    document = json.loads(CliRunner().invoke(app, [*words, "--out", "again", "--json"]).stdout)
    assert (document["labels"], document["held_out"]) == ({"blue": 5, "red": 5}, "not judged")


def test_a_classifier_that_is_written_elsewhere_is_named_by_its_whole_path(tmp_path: Path) -> None:
    for out in (tmp_path / "reef", Path("..", "models", "reef")):
        wrote, begin, without = how_to_use(out)
        assert f"; any survey uses it as `classifier: {{folder: {out.resolve().as_posix()}}}`" in wrote
        assert begin.endswith(f" --classifier {out.resolve().as_posix()}")
        assert f"{{not_trained_on: {out.resolve().as_posix()}}}" in without
