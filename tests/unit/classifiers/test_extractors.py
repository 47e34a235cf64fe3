"""Extractors in the cache, and the default one, which is built from its wheel."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from tests import tiny_classifier

from coralrun.classifiers import extractors
from coralrun.classifiers.extractors import DEFAULT
from coralrun.errors import UsageError
from coralrun.values.ids import sha256_hex


def test_an_extractor_is_found_by_its_digest(tmp_path: Path) -> None:
    assert extractors.keep(tiny_classifier.onnx(), tmp_path / "cache") == tiny_classifier.extractor().sha256
    assert extractors.find(tiny_classifier.extractor(), tmp_path / "cache") == tiny_classifier.onnx()


def test_an_extractor_that_is_missing_or_damaged_is_named_with_its_place(tmp_path: Path) -> None:
    told = tiny_classifier.extractor()
    with pytest.raises(UsageError, match=f"mean-colour .*{told.sha256}") as caught:
        extractors.find(told, tmp_path)
    assert str(tmp_path / f"{told.sha256}.onnx") in caught.value.remedy
    (tmp_path / f"{told.sha256}.onnx").write_bytes(b"other")
    with pytest.raises(UsageError, match="not what its name says"):
        extractors.find(told, tmp_path)


def test_the_default_extractor_is_built_once_and_is_the_same_bytes(tmp_path: Path) -> None:
    built = extractors.find(DEFAULT, tmp_path / "cache")
    assert sha256_hex(built) == DEFAULT.sha256
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [f"{DEFAULT.sha256}.onnx"]
    assert extractors.find(DEFAULT, tmp_path / "cache") == built
    onnx.checker.check_model(onnx.load_model_from_string(built), full_check=True)
