"""A name that does not follow a template: where it stops to, and the change that would help."""

from __future__ import annotations

import pytest

from coralrun.spec.template import template_of
from coralrun.spec.template_stop import remedy_for, stop_of


@pytest.mark.parametrize(
    ("template", "name", "stop"),
    [
        ("{reef}/{_}_{day:%Y%m}_{n}.jpg", "A/B_C_202406_1.jpg", "`{_}` is `B`, and then `C` is no date as `%Y%m`"),
        ("{reef}-{day:%y}", "a-b", "`{reef}` is `a`, and then `b` is no date as `%y`"),
        ("{day:%Y}{{{n}", "x{1", "`x` is no date as `%Y`"),
        ("{reef}-{day:%Y}", "a-", "`{reef}` is `a`, and then the name ends where `{day:%Y}` is to be"),
        ("{reef}_{n}.jpg", "a.jpg", "`{reef}` is `a.jpg`, and then the name ends where `_` is to be"),
        ("{reef}_{n}.jpg", "a_1.png", "`{n}` is `1.png`, and then the name ends where `.jpg` is to be"),
        ("{reef}_{n}.jpg", "a_1.jpg.jpg", "`{n}` is `1`, and then the name goes on with `.jpg`"),
        ("{reef}_{n}_{_}", "a__b", "`{reef}` is `a`, and then `_b` stands where `{n}` is to be"),
        ("x_{reef}", "y_a", "`y_a` stands where `x_` is to be"),
        ("{n}_{day:%Y}_{_}", "1_2024.b", "`{day:%Y}` is `2024`, and then `.b` stands where `_` is to be"),
        ("{n}_{day:%d.%m.%Y}", "1_31.06.2024", "`{day:%d.%m.%Y}` is `31.06.2024`, which no calendar has"),
        ("{n}_{day:%Y%m}", "1_20240", "`{n}` is `1`, and then `20240` is no date as `%Y%m`"),
    ],
)
def test_it_is_told_where_a_name_stops_to_follow(template: str, name: str, stop: str) -> None:
    assert template_of(template).read(name) is None
    assert stop_of(template_of(template), name) == stop


def test_the_one_field_that_may_hold_what_ends_it_is_proposed_as_it_is_written() -> None:
    template = template_of("{reef}/{_}_{day:%Y}_{n}.jpg")
    written = "Write {reef}/{_...}_{day:%Y}_{n}.jpg: `{_...}` may hold the text that comes after it."
    assert remedy_for(template, ["A/B_C_2024_1.jpg", "A/B_C_D_2023_1.jpg"]) == written
    assert remedy_for(template, ["A/B_C_2024_1.jpg", "notes.txt"]) == written, "the first alone follows then"
    assert "{{{reef...}-{day:%y}" in remedy_for(template_of("{{{reef}-{day:%y}"), ["{a-b-24"])


@pytest.mark.parametrize(
    ("template", "name"),
    [("{a} {b}m {n}.jpg", "x y z.jpg"), ("{a...}_{day:%Y}", "b_c"), ("{a}_{b}_{day:%Y}", "a_b_c_2024")],
)
def test_where_none_helps_or_several_do_it_is_told_how_to_read_names(template: str, name: str) -> None:
    assert remedy_for(template_of(template), [name]).startswith("What stands outside braces is in each name")
