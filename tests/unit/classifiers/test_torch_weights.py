"""Weights in PyTorch's older form: tensors are read, and nothing of the file is run."""

from __future__ import annotations

import pickle
import struct

import numpy as np
import pytest

from coralrun.classifiers.torch_weights import NotWeights, read_weights

HEADS = pickle.dumps(0x1950A86A20F9469CFC6C) + pickle.dumps(1001) + pickle.dumps({"little_endian": True})


def numbers(*values: int) -> bytes:
    """A tuple, as a pickle writes it."""
    return b"(" + b"".join(b"I%d\n" % value for value in values) + b"t"


def tensor(first: int, shape: tuple[int, ...], strides: tuple[int, ...], *, kind: str = "FloatStorage") -> bytes:
    """A tensor of the storage `7`, which has six numbers, as a pickle writes it."""
    storage = b"(Vstorage\nctorch\n%s\nV7\nVcpu\nI6\nNtQ" % kind.encode()
    rest = b"I%d\n" % first + numbers(*shape) + numbers(*strides) + b"I00\nccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest + b"tR"


def weights(value: bytes, *, stored: bytes | None = None, more: bytes = b"") -> bytes:
    """A file with one tensor, `a`."""
    six = struct.pack("<q6f", 6, 0, 1, 2, 3, 4, 5) if stored is None else stored
    return HEADS + b"(Va\n" + value + b"d." + pickle.dumps(["7"]) + six + more


def test_a_tensor_is_laid_out_by_its_own_strides() -> None:
    read = read_weights(weights(tensor(0, (2, 3), (1, 2))))["a"]
    assert read.dtype == np.float32
    assert read.tolist() == [[0, 2, 4], [1, 3, 5]]
    assert read_weights(weights(tensor(5, (), ())))["a"].tolist() == 5


@pytest.mark.parametrize(
    "name", [b"posix\nsystem", b"builtins\neval", b"torch\nload", b"torch._utils\n_rebuild_parameter", b"os\npath.join"]
)
def test_a_file_that_names_anything_else_is_refused_before_it_is_called(name: bytes) -> None:
    with pytest.raises(NotWeights, match="the file names"):
        read_weights(weights(b"c" + name + b"\n(Vexit 1\ntR"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        pickle.dumps(1),
        HEADS,
        weights(tensor(1, (2, 3), (1, 2))),
        weights(tensor(0, (2, 3), (-1, 2))),
        weights(tensor(-1, (2, 3), (1, 2))),
        weights(tensor(0, (2, 3), (10**9, 10**9))),
        weights(tensor(0, (2, 3), (1,))),
        weights(b"I1\n"),
        weights(tensor(0, (2, 3), (1, 2)), stored=struct.pack("<q5f", 5, 0, 1, 2, 3, 4)),
        weights(tensor(0, (2, 3), (1, 2)), stored=struct.pack("<q5f", 6, 0, 1, 2, 3, 4)),
        weights(tensor(0, (2, 3), (1, 2)), more=b"x"),
    ],
)
def test_a_file_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(NotWeights):
        read_weights(data)
