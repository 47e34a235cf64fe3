"""How the demo reef's photos are painted: a label for every pixel first, then colour, texture, light and water.

Rule: everything is drawn from one `RandomState`, whose stream numpy keeps the same across versions. Arrays are height x
width; `Scene.labels` holds indices into `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Field = NDArray[np.float32]
Labels = NDArray[np.uint8]
Colour = tuple[int, int, int]

KINDS = ("sand", "rubble", "turf", "cca", "macroalgae", "soft coral", "porites", "acropora")
SAND, RUBBLE, TURF, CCA, MACROALGAE, SOFT, PORITES, ACROPORA = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class Setting:
    """What one photo shows: how common each kind is (any positive weights) and how much water lies above."""

    weights: tuple[float, ...]
    depth_m: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A painted photo and the truth about it."""

    pixels: NDArray[np.uint8]
    labels: Labels


def paint(random: np.random.RandomState, width: int, height: int, setting: Setting) -> Scene:
    """One photoquadrat."""
    labels, relief = _lay_out(random, width, height, setting.weights)
    colour = np.zeros((height, width, 3), dtype=np.float32)
    for kind, brush in enumerate(_BRUSHES):
        mask = labels == kind
        if mask.any():
            colour[mask] = brush(_Canvas(random, mask))
    colour *= (1.0 + 0.38 * relief)[..., None]
    colour *= _shadows(labels)[..., None]
    colour *= (0.9 + 0.2 * noise(random, width, height, 90))[..., None]
    pixels = _through_water(random, colour, setting.depth_m)
    return Scene(pixels, labels)


def noise(random: np.random.RandomState, width: int, height: int, across: float, down: float | None = None) -> Field:
    """Smooth noise between 0 and 1 whose lumps are about `across` x `down` pixels."""
    columns, rows = int(width / across) + 4, int(height / (down or across)) + 4
    grid = Image.fromarray(random.random_sample((rows, columns)).astype(np.float32))
    size = int(columns * across), int(rows * (down or across))
    smooth = np.asarray(grid.resize(size, Image.Resampling.BICUBIC))
    top, left = random.randint(0, size[1] - height + 1), random.randint(0, size[0] - width + 1)
    return np.asarray(np.clip(smooth[top : top + height, left : left + width], 0, 1), dtype=np.float32)


def _lay_out(
    random: np.random.RandomState, width: int, height: int, weights: tuple[float, ...]
) -> tuple[Labels, Field]:
    """The label of every pixel, and the relief (-1 to 1) that colonies raise above the ground."""
    share = np.asarray(weights) / sum(weights)
    ground = [SAND, RUBBLE, TURF, CCA]
    fields = [
        noise(random, width, height, 95) * 0.75 + noise(random, width, height, 22) * 0.25 + 0.9 * share[kind]
        for kind in ground
    ]
    labels = np.asarray(ground, dtype=np.uint8)[np.argmax(fields, axis=0)]
    relief = (noise(random, width, height, 40) - 0.5).astype(np.float32) * 0.5
    ragged = 0.55 * (noise(random, width, height, 30) - 0.5) + 0.2 * (noise(random, width, height, 9) - 0.5)
    for kind in (MACROALGAE, SOFT, PORITES, ACROPORA):
        covered, wanted = 0, share[kind] * width * height
        while covered < wanted:
            covered += _grow(random, labels, relief, kind, ragged)
    return labels, np.clip(relief, -1, 1).astype(np.float32)


def _grow(random: np.random.RandomState, labels: Labels, relief: Field, kind: int, ragged: Field) -> int:
    """Put one domed colony somewhere, its edge as uneven as `ragged` (which is shifted at random); its pixels."""
    height, width = labels.shape
    radius, stretch = random.uniform(0.07, 0.2) * height, random.uniform(0.75, 1.3)
    centre_x, centre_y = random.randint(0, width), random.randint(0, height)
    reach = int(radius * 1.9)
    rows = slice(max(0, centre_y - reach), min(height, centre_y + reach))
    columns = slice(max(0, centre_x - reach), min(width, centre_x + reach))
    edge = np.roll(ragged, (random.randint(0, height), random.randint(0, width)), (0, 1))[rows, columns]
    y, x = np.mgrid[rows, columns].astype(np.float32)
    distance = np.hypot((x - centre_x) / stretch, (y - centre_y) * stretch) / radius + edge
    inside = distance < 1
    dome = np.sqrt(np.clip(1 - distance**2, 0, 1)) - 0.45
    tilt = ((centre_x - x) + (centre_y - y)) / (3 * radius)
    labels[rows, columns][inside] = kind
    relief[rows, columns][inside] = (dome + 0.35 * tilt)[inside]
    return int(inside.sum())


def _shadows(labels: Labels) -> Field:
    """Where colonies darken the ground beside them; light comes from the upper left."""
    tall = (labels >= MACROALGAE).astype(np.float32)
    cast = np.zeros_like(tall)
    for step in range(2, 12, 3):
        moved = np.pad(tall, ((step, 0), (step, 0)))[: tall.shape[0], : tall.shape[1]]
        cast = np.maximum(cast, moved * (1 - step / 16))
    cast *= 1 - tall
    blurred = Image.fromarray((cast * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(3))
    return (1 - 0.55 / 255 * np.asarray(blurred, dtype=np.float32)).astype(np.float32)


def _through_water(random: np.random.RandomState, colour: Field, depth_m: float) -> NDArray[np.uint8]:
    """Water takes the red first, adds a veil, and the strobe lights the middle most; then the camera's own grain."""
    height, width = colour.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    strobe = 1.06 - 0.22 * (x**2 + y**2)
    kept = np.exp(-depth_m * np.asarray((0.040, 0.010, 0.006), dtype=np.float32))
    veil = np.asarray((6, 24, 34), dtype=np.float32) * (depth_m / 12)
    lit = colour * kept * strobe[..., None] * 1.12 + veil
    lit += random.normal(0, 3.0, (height, width, 1)) + random.normal(0, 1.5, (height, width, 3))
    image = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)))


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The pixels of one kind: a brush gives a value, or a colour, for each of them, and paints no others."""

    random: np.random.RandomState
    mask: NDArray[np.bool_]

    def noise(self, across: float, down: float | None = None) -> Field:
        """As `noise`, at these pixels."""
        height, width = self.mask.shape
        return noise(self.random, width, height, across, down)[self.mask]

    def ridges(self, across: float) -> Field:
        """Thin bright lines between dark pits."""
        return (1 - np.abs(2 * self.noise(across) - 1)).astype(np.float32)


def _mix(low: Colour, high: Colour, share: Field) -> Field:
    """Between two colours, pixel by pixel."""
    first, second = np.asarray(low, dtype=np.float32), np.asarray(high, dtype=np.float32)
    return (first + (second - first) * share[..., None]).astype(np.float32)


def _sand(canvas: _Canvas) -> Field:
    grain = canvas.random.random_sample(canvas.mask.shape)[canvas.mask].astype(np.float32)
    ripples = 0.5 + 0.5 * np.sin(np.nonzero(canvas.mask)[0] / 5 + 9 * canvas.noise(80))
    return _mix((176, 162, 132), (232, 220, 192), 0.35 * grain + 0.3 * ripples + 0.35 * canvas.noise(30))


def _rubble(canvas: _Canvas) -> Field:
    lumps = canvas.noise(10, 7)
    pieces = np.clip(np.abs(lumps - canvas.noise(12, 9)) * 3.2, 0, 1)
    shade = pieces * (0.55 + 0.35 * canvas.noise(26)) + 0.2 * canvas.noise(3)
    return _mix((58, 54, 48), (198, 186, 168), np.clip(shade, 0, 1))


def _turf(canvas: _Canvas) -> Field:
    fuzz = 0.55 * canvas.noise(2) + 0.45 * canvas.noise(12)
    return _mix((58, 56, 34), (142, 128, 82), fuzz)


def _cca(canvas: _Canvas) -> Field:
    crust = _mix((132, 62, 84), (206, 136, 148), canvas.noise(15))
    specks = np.clip((canvas.noise(3) - 0.72) * 5, 0, 1)
    return np.asarray(crust + specks[..., None] * 60, dtype=np.float32)


def _macroalgae(canvas: _Canvas) -> Field:
    blades = np.where(
        canvas.noise(45) > 0.5,
        canvas.ridges(5) * 0.6 + canvas.noise(4, 22) * 0.4,
        canvas.ridges(6) * 0.6 + canvas.noise(22, 4) * 0.4,
    )
    return _mix((38, 44, 22), (118, 126, 58), np.clip(blades**2 * 1.2, 0, 1))


def _soft_coral(canvas: _Canvas) -> Field:
    lobes = canvas.noise(13)
    return _mix((112, 84, 104), (202, 170, 184), np.clip(lobes * 1.1 + 0.12 * canvas.noise(2), 0, 1))


def _porites(canvas: _Canvas) -> Field:
    corallites = np.clip((canvas.noise(4) - 0.35) * 2.2, 0, 1)
    return _mix((140, 104, 40), (214, 178, 92), 0.35 + 0.4 * corallites + 0.25 * canvas.noise(50))


def _acropora(canvas: _Canvas) -> Field:
    branches = canvas.ridges(9) * canvas.ridges(14)
    colour = _mix((70, 54, 44), (196, 154, 116), np.clip(branches * 1.5 - 0.15, 0, 1))
    tips = np.clip((branches - 0.78) * 5, 0, 1)
    return np.asarray(colour + tips[..., None] * np.asarray((40, 60, 90)), dtype=np.float32)


_Brush = Callable[[_Canvas], Field]
_BRUSHES: tuple[_Brush, ...] = (_sand, _rubble, _turf, _cca, _macroalgae, _soft_coral, _porites, _acropora)
