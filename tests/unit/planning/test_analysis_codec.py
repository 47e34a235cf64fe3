"""How a run is read, as bytes: there and back, and every change found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from coralrun.errors import RunDamaged
from coralrun.files.sealed import seal
from coralrun.planning.analysis_codec import decode, encode
from coralrun.planning.model import Analysis, UnitWeights
from coralrun.spec.model import Chosen, CoverOptions, Design

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "schemas" / "analysis.v1.json").read_bytes())
NOTHING = Analysis()
EVERYTHING = Analysis(
    design=Design(
        unit="Site",
        levels=("Site", "image"),
        strata_field="depth",
        areas="areas.csv",
        weights="Area",
        weights_table="sites.csv",
        chosen=Chosen.RANDOM,
        occasion="pool",
        units_in_all={"5m": 20, "10m": 24},
    ),
    unit_weights=UnitWeights("area", {"A / 1": 2, "A / 2": 0.5}),
    cover=CoverOptions(
        groups="g.yaml",
        unusable=("SHAD", "23"),
        unclear=("UNK",),
        min_usable_points=0.8,
        min_confidence=0.5,
        diversity=True,
    ),
    areas={"deep": 2.5, "shallow": 4},
    drawn_by="Site",
)


def forged(change: dict[str, Any]) -> bytes:
    """Another content, with the hash that fits it."""
    fields = {**json.loads(encode(EVERYTHING, ("csv",))), **change}
    del fields["sha256"]
    return seal(json.dumps(fields, separators=(",", ":")).encode())


def analysis(**change: Any) -> dict[str, Any]:
    """The content with a part of the analysis changed."""
    return {"analysis": {**json.loads(encode(EVERYTHING, ()))["analysis"], **change}}


def cover(**change: Any) -> dict[str, Any]:
    return analysis(cover={**json.loads(encode(EVERYTHING, ()))["analysis"]["cover"], **change})


@pytest.mark.parametrize("analysis", [NOTHING, EVERYTHING], ids=["nothing said", "everything said"])
def test_an_analysis_comes_back_as_it_was_and_agrees_with_its_schema(analysis: Analysis) -> None:
    data = encode(analysis, ("csv", "parquet"))
    assert decode("analysis.json", data) == (analysis, ("csv", "parquet"))
    assert data.startswith(b'{"format":"coralrun.analysis","version":1,')
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(data))


def test_any_flipped_byte_is_found_or_changes_nothing() -> None:
    data = encode(EVERYTHING, ("csv",))
    for place in range(len(data)):
        for mask in (1, 0x20, 0xFF):
            changed = data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]
            try:
                assert decode("analysis.json", changed) == (EVERYTHING, ("csv",))
            except RunDamaged as error:
                assert str(error).startswith("analysis.json: ")


def test_a_newer_format_is_refused_by_name() -> None:
    with pytest.raises(RunDamaged, match=r"^analysis.json: written by a newer coralrun \(format 2\)"):
        decode("analysis.json", forged({"version": 2}))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "coralrun.plan"},
        {"version": 0},
        {"formats": "csv"},
        {"more": 1},
        analysis(groups={}),
        analysis(areas={"deep": 0}),
        analysis(areas={"deep": True}),
        analysis(areas=[]),
        analysis(more=1),
        analysis(design={"unit": 3, "levels": [], "strata_field": None, "areas": None}),
        analysis(design={"unit": None, "levels": [3], "strata_field": None, "areas": None}),
        analysis(design={}),
        analysis(thumbnails=-1),
        cover(min_usable_points=80),
        cover(min_confidence=-1),
        cover(diversity=1),
    ],
)
def test_forged_content_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RunDamaged, match=r"^analysis.json: damaged: "):
        decode("analysis.json", forged(change))
