"""Tensors from a file of PyTorch's older form, without PyTorch, and without running anything of the file's.

Rule: the file is a pickle, and a pickle can call whatever its reader lets it name. Two names are let through: the
ordered mapping, and the one that rebuilds a tensor, which stands here for a note of where its numbers are. Kinds of
storage are names alone. Anything else is refused.

The form: three pickles (a mark, a version, the system), one of a mapping from names to tensors, one of the keys of the
storages; then for each key, in that order, its count of numbers in 8 bytes and the numbers, little-endian.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

_MARK: Final = 0x1950A86A20F9469CFC6C
_VERSION: Final = 1001
_KINDS: Final = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class NotWeights(Exception):
    """A file that holds anything else than tensors in this form."""


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype[Any]
    numbers: int


class _Tensor(NamedTuple):
    storage: _Storage
    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_weights(data: bytes) -> dict[str, NDArray[Any]]:
    """The tensors of a file by their names; raises NotWeights."""
    stream = io.BytesIO(data)
    try:
        mark, version, _, tensors, keys = (_Unpickler(stream).load() for _ in range(5))
        if (mark, version) != (_MARK, _VERSION):
            raise NotWeights("the file is not of PyTorch's older form")
        storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        numbers = {key: _numbers(stream, storages[key]) for key in keys}
        if stream.read(1):
            raise NotWeights("there is more behind the last storage")
        return {name: _array(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}
    except (
        pickle.UnpicklingError,
        struct.error,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        EOFError,
    ) as error:
        raise NotWeights(f"the file is not readable as weights ({type(error).__name__})") from error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        raise NotWeights(f"the file names {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        what, dtype, key, _, numbers, view = pid
        if what != "storage" or view is not None:
            raise NotWeights("the file has a storage of another form")
        return _Storage(str(key), np.dtype(dtype), int(numbers))


def _tensor(storage: _Storage, first: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> _Tensor:
    return _Tensor(storage, first, shape, strides)


def _numbers(stream: io.BytesIO, storage: _Storage) -> NDArray[Any]:
    (count,) = struct.unpack("<q", stream.read(8))
    if count != storage.numbers:
        raise NotWeights("a storage has another length than its tensors say")
    return np.frombuffer(stream.read(count * storage.dtype.itemsize), dtype=storage.dtype, count=count)


def _array(tensor: _Tensor, numbers: NDArray[Any]) -> NDArray[Any]:
    """A tensor laid out as usual. Its strides count numbers, and are not always those of its shape."""
    last = tensor.first + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True))
    if tensor.first < 0 or min((*tensor.shape, *tensor.strides), default=0) < 0 or last >= len(numbers):
        raise NotWeights("a tensor lies outside its storage")
    steps = tuple(step * numbers.itemsize for step in tensor.strides)
    return as_strided(numbers[tensor.first :], tensor.shape, steps, writeable=False).copy()
