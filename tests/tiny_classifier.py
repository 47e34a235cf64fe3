"""A classifier that is small and real: its extractor is the mean colour of a crop, as ONNX; its labels are colours.

It calls a point `Red`, `Green` or `Blue` by what the square of 32 pixels around it mostly is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from coralrun.classifiers import extractors, folder, head
from coralrun.classifiers.head import Head
from coralrun.classifiers.model_file import Extractor, ModelFile, TrainedLabel, Training
from coralrun.files.training_photos import encode_photos
from coralrun.values.ids import sha256_hex

CROP_PX = 32
LABELS = (
    TrainedLabel(code="Red", name="Red", id=11, examples=50, photos=4),
    TrainedLabel(code="Green", name="Green", id=12, examples=30, photos=3),
    TrainedLabel(code="Blue", name="Blue", id=None, examples=20, photos=2),
)


def onnx(crop_px: int = CROP_PX, beside: str = "") -> bytes:
    """An extractor: square crops in, the means of red, green and blue out, times what is in `beside`."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["crops"], ["means"], name="means"),
        helper.make_node("Flatten", ["means"], ["features"], name="features", axis=1),
    ]
    crops = helper.make_tensor_value_info("crops", TensorProto.FLOAT, ("points", 3, crop_px, crop_px))
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ("points", 3))
    numbers = TensorProto(name="numbers", data_type=TensorProto.FLOAT, dims=[3, 3], data_location=TensorProto.EXTERNAL)
    numbers.external_data.add(key="location", value=beside)
    if beside:
        nodes[1].output[0] = "plain"
        nodes.append(helper.make_node("MatMul", ["plain", "numbers"], ["features"], name="times"))
    graph = helper.make_graph(nodes, "mean-colour", [crops], [features], [numbers] if beside else [])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="")
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def extractor() -> Extractor:
    """What is said of it; values are scaled to 0 to 1."""
    return Extractor(
        name="mean-colour",
        sha256=sha256_hex(onnx()),
        features=3,
        crop_px=CROP_PX,
        mean=(0.0, 0.0, 0.0),
        divisor=(255.0, 255.0, 255.0),
    )


PHOTOS = encode_photos(["ab" * 32, "cd" * 32])
"""The digests of two photos of the four that it was trained on."""


def files(labels: tuple[TrainedLabel, ...] = LABELS) -> tuple[bytes, bytes]:
    """The bytes of model.json and head.npz."""
    weights = np.array([[8.0, -8.0, -8.0], [-8.0, 8.0, -8.0], [-8.0, -8.0, 8.0]])[: len(labels)]
    arrays = head.encode(Head(weights, np.zeros(len(labels))))
    model = ModelFile(
        name="colours",
        date="2026-11-29",
        licence="CC0-1.0",
        coralrun="0.1.0",
        extractor=extractor(),
        labels=labels,
        training=Training(
            sites=("Moorea, forereef",),
            photos=4,
            points=100,
            digest="0f" * 32,
            photo_digests=sha256_hex(PHOTOS),
            left_out=(),
            calibrated_by="photo",
            seed=0,
        ),
        held_out="not judged",
        head=sha256_hex(arrays),
    )
    return folder.encode(model), arrays


def write(path: Path, cache: Path) -> Path:
    """Write the classifier's folder, and its extractor into the cache; returns the folder."""
    path.mkdir(parents=True)
    for name, data in zip((folder.MODEL, folder.HEAD, folder.PHOTOS), (*files(), PHOTOS), strict=True):
        (path / name).write_bytes(data)
    extractors.keep(onnx(), cache)
    return path
