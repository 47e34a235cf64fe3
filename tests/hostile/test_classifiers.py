"""A classifier's folder from a stranger: whatever its bytes, it is read or refused, and nothing of it is run."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests import tiny_classifier

from coralrun.classifiers import head as heads
from coralrun.classifiers.folder import classifier_of
from coralrun.classifiers.head import NotAHead
from coralrun.errors import InvalidInput

MODEL, HEAD = tiny_classifier.files()
PIECES = st.tuples(st.integers(0, len(HEAD)), st.integers(0, 40), st.binary(max_size=40))


@settings(max_examples=300, deadline=None)
@given(PIECES)
@example((8, 2, b"\x08\x00"))  # compressed, says the archive, and is not
@example((6, 2, b"\x01\x00"))  # encrypted, likewise
def test_a_head_with_a_piece_replaced_is_read_or_refused(piece: tuple[int, int, bytes]) -> None:
    at, length, new = piece
    with suppress(NotAHead):
        found = heads.decode(HEAD[:at] + new + HEAD[at + length :], 3, 3)
        assert found.weights.shape == (3, 3)
        assert np.isfinite(found.weights).all()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(MODEL)), st.integers(0, 30), st.binary(max_size=30))
def test_a_description_with_a_piece_replaced_is_read_or_refused(at: int, length: int, new: bytes) -> None:
    with suppress(InvalidInput):
        assert len(classifier_of(MODEL[:at] + new + MODEL[at + length :], HEAD, "colours").labels) == 3


def test_deep_nesting_is_refused_and_not_the_end_of_the_stack() -> None:
    with pytest.raises(InvalidInput):
        classifier_of(b"[" * 1_000_000, HEAD, "colours")
