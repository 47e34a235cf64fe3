"""What a classifier sees of a point: colour and texture of the patch around it, at several scales.

Rule: patches are measured in shares of the image's shorter side, so a photo and its smaller copy look alike. At each
scale the image is reduced, never enlarged, until the patch is `PATCH` pixels wide; all points are measured at once.
The result depends on pixels and point alone, never on the point's place in the image.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from coralrun.emulator.site import Pixels, Points

Floats = NDArray[np.float32]

PATCH = 25
SHARES = (0.03, 0.08, 0.2)
"""Patch width as a share of the image's shorter side, from grain to colony."""
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
_PATTERNS = 10


def point_features(pixels: Pixels, points: Points) -> Floats:
    """One row of features a point; `pixels` is height x width x 3 uint8."""
    height, width = pixels.shape[:2]
    where = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    scene = np.asarray(pixels[:: max(1, height // 200), :: max(1, width // 200)], dtype=np.float32)
    balance = scene.mean(axis=(0, 1)) + 1
    columns: list[Floats] = []
    for share in SHARES:
        scale = min(1.0, PATCH / (share * min(height, width)))
        size = max(PATCH, round(width * scale)), max(PATCH, round(height * scale))
        resized = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
        at = np.minimum((where + 0.5) * (size[1] / height, size[0] / width), (size[1] - 1, size[0] - 1)).astype(int)
        columns += _measure(_cut(resized, at).astype(np.float32), balance)
    return np.concatenate(columns, axis=1)


def _cut(image: Pixels, at: NDArray[np.int_]) -> Pixels:
    """The patches around some places, as places x PATCH x PATCH x 3; the image is mirrored beyond its edges."""
    half = PATCH // 2
    padded = np.pad(image, ((half, half), (half, half), (0, 0)), mode="reflect")
    offsets = np.arange(PATCH)
    rows = at[:, 0, None, None] + offsets[None, :, None]
    columns = at[:, 1, None, None] + offsets[None, None, :]
    patches: Pixels = padded[rows, columns]
    return patches


def _measure(patches: Floats, balance: Floats) -> list[Floats]:
    """Blocks of features of patches of equal size; `balance` is the mean colour of the whole image."""
    relative = patches / balance
    red, green, blue = relative[..., 0], relative[..., 1], relative[..., 2]
    light = relative.mean(axis=-1)
    opponents = np.stack([light, (red - green) / (light + 0.1), ((red + green) / 2 - blue) / (light + 0.1)], axis=-1)
    flat = opponents.reshape(len(patches), -1, 3)
    centre = PATCH // 2
    core = patches[:, centre - 3 : centre + 4, centre - 3 : centre + 4].mean(axis=(1, 2)) / 255
    spread = np.percentile(flat, (10, 50, 90), axis=1).astype(np.float32)
    down, across = np.diff(light, axis=1)[:, :, :-1], np.diff(light, axis=2)[:, :-1]
    slope = np.hypot(down, across).reshape(len(patches), -1)
    bend = np.abs(
        4 * light[:, 1:-1, 1:-1] - light[:, :-2, 1:-1] - light[:, 2:, 1:-1] - light[:, 1:-1, :-2] - light[:, 1:-1, 2:]
    )
    textures = np.stack(
        [
            slope.mean(axis=1),
            slope.std(axis=1),
            bend.mean(axis=(1, 2)),
            np.abs(down).mean(axis=(1, 2)),
            np.abs(across).mean(axis=(1, 2)),
        ],
        axis=1,
    )
    return [flat.mean(axis=1), flat.std(axis=1), core, *spread, textures, _patterns(light)]


def _patterns(light: Floats) -> Floats:
    """The histogram of local binary patterns (Ojala et al. 2002): how many of a pixel's neighbours are brighter, where
    those lie side by side, and one class for all other pixels.
    """
    inner = light[:, 1:-1, 1:-1]
    end = light.shape[1] - 1
    ring = np.stack([light[:, 1 + r : end + r, 1 + c : end + c] >= inner for r, c in _NEIGHBOURS], axis=-1)
    changes = (ring != np.roll(ring, 1, axis=-1)).sum(axis=-1)
    code = np.where(changes <= 2, ring.sum(axis=-1), _PATTERNS - 1).reshape(len(light), -1)
    return np.stack([(code == pattern).mean(axis=1) for pattern in range(_PATTERNS)], axis=1).astype(np.float32)
