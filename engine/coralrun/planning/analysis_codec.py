"""How a run is read, as bytes: `analysis.json` of a run directory. A plan in one file has it in its header.

Rule: equal analyses encode to equal bytes. A file that would be written in another way than it stands is damaged:
nothing is filled in for what is not there, and nothing that is not known is passed over.
"""

from __future__ import annotations

from typing import Literal, cast

import msgspec

from coralrun.errors import RunDamaged
from coralrun.files.sealed import seal, unseal
from coralrun.planning.model import Analysis
from coralrun.spec.running import Format


class AnalysisFile(msgspec.Struct, forbid_unknown_fields=True):
    """analysis.json of a plan in a run directory: how the run is read, apart from what is run.

    `coralrun apply` replaces it when a survey's `design`, `cover` or `outputs` have changed, and nothing else has.
    """

    format: Literal["coralrun.analysis"]
    version: Literal[1]
    formats: tuple[Format, ...]
    analysis: Analysis


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(AnalysisFile)


def encode(analysis: Analysis, formats: tuple[str, ...]) -> bytes:
    """Write how a run is read; `formats` are those of its tables."""
    return seal(_ENCODER.encode(AnalysisFile("coralrun.analysis", 1, cast("tuple[Format, ...]", formats), analysis)))


def decode(label: str, data: bytes) -> tuple[Analysis, tuple[str, ...]]:
    """Read what `encode` wrote from a file called `label`; RunDamaged where it is not that."""
    body = unseal(data, name=label, known=("coralrun.analysis", 1))
    try:
        file = _DECODER.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RunDamaged(f"{label}: damaged: {error}") from error
    if _ENCODER.encode(file) != body:
        raise RunDamaged(f"{label}: damaged: a field of it is not known, or missing")
    return file.analysis, file.formats
