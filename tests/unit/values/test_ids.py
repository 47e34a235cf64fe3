"""Identity is the same on every machine and in every version: known answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coralrun.values.ids import SplitMix64, canonical_json, digest_of, seed_from, sha256_hex


def test_splitmix64_gives_the_numbers_of_its_reference() -> None:
    chance = SplitMix64(1234567)
    assert [chance.next_u64() for _ in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_a_seed_follows_from_its_parts_alone() -> None:
    seed = seed_from("points", 0, "image", 4, 3)
    assert seed == int(sha256_hex(b'["points",0,"image",4,3]')[:16], 16) == 0xC4ABC4E54ABA745A
    assert seed_from(1, 2) != seed_from(12)
    assert seed_from("1") != seed_from(1)


def test_canonical_json_sorts_keys_leaves_no_blanks_and_keeps_letters() -> None:
    assert canonical_json({"b": 1, "a": [True, None, "é"]}) == '{"a":[true,null,"é"],"b":1}'.encode()
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1}) == sha256_hex(b'{"a":2,"b":1}')


def test_canonical_json_refuses_what_has_no_one_form() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_canonical_json_takes_a_name_that_is_no_proper_text() -> None:
    assert canonical_json("\udcff") == b'"\xed\xb3\xbf"'


@given(st.integers(0, 2**64), st.integers(1, 50))
def test_numbers_below_a_bound_stay_below_it(seed: int, bound: int) -> None:
    chance = SplitMix64(seed)
    assert all(0 <= chance.below(bound) < bound for _ in range(20))


def test_each_number_below_a_bound_is_as_likely_as_any_other() -> None:
    chance = SplitMix64(1)
    drawn = [chance.below(6) for _ in range(6000)]
    assert all(850 < drawn.count(face) < 1150 for face in range(6))


@given(st.integers(0, 2**64), st.integers(0, 60), st.data())
def test_a_sample_holds_as_many_different_numbers_as_asked_for_in_order(
    seed: int, population: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, population))
    sample = SplitMix64(seed).sample(population, count)
    assert len(sample) == count
    assert sample == sorted(set(sample))
    assert all(0 <= number < population for number in sample)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot take 3 of 2"):
        SplitMix64(1).sample(2, 3)
    with pytest.raises(ValueError, match="1 or more"):
        SplitMix64(1).below(0)
