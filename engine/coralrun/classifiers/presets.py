"""How crops are given to extractors, by names that people know.

Rule: a preset says nothing of a file's weights; it is the contract that they were trained by. CoralNet's is pyspacer's:
224 pixels, values from 0 to 1, neither mean nor standard deviation taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from coralrun.classifiers import lite0
from coralrun.classifiers.inference import vector_length
from coralrun.classifiers.model_file import Channels, Extractor
from coralrun.errors import UsageError
from coralrun.values.ids import sha256_hex
from coralrun.values.phrases import typed

_CROP_PX: Final = 224

PRESETS: Final[Mapping[str, tuple[Channels, Channels]]] = {
    "coralnet": ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "efficientnet-lite": ((lite0.MEAN,) * 3, (lite0.DIVISOR,) * 3),
}
"""The mean and the divisor of red, green and blue, 0 to 255; ImageNet's are those of torchvision's models."""

CORALNET_FEATURES: Final = 1280  # of EfficientNet-b0


def described(onnx: bytes, name: str, preset: str) -> Extractor:
    """What is to be said of an extractor's file; raises UsageError where the file or the preset cannot be."""
    if preset not in PRESETS:
        said = f"--preset {typed(preset)}: not known here" if preset else "--preset is needed of an extractor's file"
        raise UsageError(said, remedy=f"It is one of {', '.join(PRESETS)}.")
    mean, divisor = PRESETS[preset]
    features = vector_length(onnx, _CROP_PX)
    if preset == "coralnet" and features != CORALNET_FEATURES:
        raise UsageError(f"{name}: gives {features} numbers, and CoralNet's extractor gives {CORALNET_FEATURES:,}")
    return Extractor(
        name=name, sha256=sha256_hex(onnx), features=features, crop_px=_CROP_PX, mean=mean, divisor=divisor
    )
