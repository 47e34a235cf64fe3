"""Templates of image names: a name is read in one way or not at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coralrun.spec.template import BadTemplate, template_of

MOOREA = "mcr_{site}_{habitat}_{transect}_{quadrat}_{date:%Y%m%d}.jpg"


@pytest.mark.parametrize(
    ("template", "name", "values"),
    [
        (MOOREA, "mcr_lter1_out10m_pole1-2_qu1_20080415.jpg", ("lter1", "out10m", "pole1-2", "qu1", "2008-04-15")),
        ("{site}-{when:%d.%m.%y}.{_}", "north-03.06.24.JPG", ("north", "2024-06-03")),
        ("{when:%y}", "68", ("2068",)),
        ("{when:%y}", "69", ("1969",)),
        ("{when:%Y-%m} {site}", "2024-06 Îlot (2)", ("2024-06", "Îlot (2)")),
        ("{day:%Y%m%dT%H%M%S}{n}", "20240603T101112x", ("2024-06-03T10:11:12", "x")),
        ("{{{site}}}", "{north}", ("north",)),
        ("{site}.jpg", "a.jp.jpg", ("a.jp",)),
        ("{first dive}+{b}", "1+2+3", ("1", "2+3")),
        ("{site}__{b}", "a_b__c", ("a_b", "c")),
        ("{site}_{q}.jpg", "a_1.JPG", ("a", "1")),
        ("{site}_T{q}.JPG", "a_T1.Jpg", ("a", "1")),
        ("{site}_{t}_{_}.jpg", "Heron North_T1_001.jpg", ("Heron North", "T1")),
        ("{No.}_{t}.jpg", "7_a.jpg", ("7", "a")),
        ("{site...} {t} {_}.jpg", "Heron North T1 001.jpg", ("Heron North", "T1")),
        ("x_{n}_{_...}_{day:%Y%m%d}.jpg", "x_1_a_20240101_b_20240603.jpg", ("1", "2024-06-03")),
    ],
)  # fmt: skip
def test_a_name_that_follows_the_template_gives_each_field_its_part(
    template: str, name: str, values: tuple[str, ...]
) -> None:
    assert template_of(template).read(name) == values


@pytest.mark.parametrize(
    "name",
    [
        "mcr_lter1_fringingreef_pole1-2_qu1_20080431.jpg",
        "mcr_lter1_fringingreef_pole1_2_qu1_20080415.jpg",
        "mcr_lter1_fringingreef_qu1_20080415.jpg",
        "MCR_lter1_fringingreef_pole1-2_qu1_20080415.jpg",
        "mcr_lter1_fringingreef_pole1-2_qu1_20080415.png",
        "mcr_lter1_fringingreef_pole1-2__20080415.jpg",
        "mcr_lter1_fringingreef_pole1-2_qu1_2008041.jpg",
        "mcr_lter1_fringingreef_pole1-2_qu1_20080415.jpg ",
        "mcr_lter1_fringingreef_pole1-2_qu1_٢٠٠٨٠٤١٥.jpg",
        "",
    ],
)
def test_a_name_that_does_not_follow_the_template_is_not_read(name: str) -> None:
    assert template_of(MOOREA).read(name) is None


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("quadrat.jpg", "it has no field: a field stands in braces, such as `{site}`"),
        ("{_}.jpg", "it has no field: a field stands in braces, such as `{site}`"),
        ("{site", "the brace `{` has no partner: write `{{` for one that is part of a name"),
        ("{site}_}", "the brace `}` has no partner: write `}}` for one that is part of a name"),
        ("{}_{b}", "`{}` is no name of a field: begin with a letter, then letters, digits and blanks"),
        ("{1st}", "`{1st}` is no name of a field: begin with a letter, then letters, digits and blanks"),
        ("{site}{b}", "`{site}` must be followed by a text that ends it, such as `_`, before the next field"),
        ("{site}_{Site}", "the field `Site` stands twice: write `{_}` for a part that is to be passed over"),
        ("{_:%Y}_{b}", "`{_}` is passed over, so it has no form"),
        ("{d:%Y%j}", "`%j` is not known in `{d:%Y%j}`: there are %Y, %y, %m, %d, %H, %M and %S"),
        ("{a...}_{b...}_{c}", "`{a...}` and `{b...}`: one field alone may hold what ends it"),
        ("{ab..}_{c}", "`{ab..}`: three dots say that a field may hold what ends it, as `{ab...}`"),
        ("{ab.....}_{c}", "`{ab.....}`: three dots say that a field may hold what ends it, as `{ab...}`"),
        (
            "{ab\N{HORIZONTAL ELLIPSIS}}",
            "`{ab\N{HORIZONTAL ELLIPSIS}}`: three dots say that a field may hold what ends it, as `{ab...}`",
        ),
        ("{d...:%Y}", "`{d...:%Y}` is a date, and never holds what ends it: leave `...` out"),
        ("{d:%m%d}", "`{d:%m%d}` is no date: it needs %Y, or %Y and %m, or %Y, %m and %d"),
        ("{d:date}", "`{d:date}` is no date: it needs %Y, or %Y and %m, or %Y, %m and %d"),
        ("{d:%Y%m%H}", "`{d:%Y%m%H}` is no date: it lacks the day"),
        ("{d:%Y%m%m}", "`{d:%Y%m%m}` has a part of the date twice"),
    ],
)
def test_a_text_that_is_no_template_is_refused_in_words(template: str, why: str) -> None:
    with pytest.raises(BadTemplate, match=rf"^{re.escape(why)}\Z"):
        template_of(template)


words = st.text(alphabet="ab1-_.() é", min_size=1, max_size=6)


@given(st.lists(words, min_size=3, max_size=3))
def test_whatever_is_read_puts_the_name_together_again(parts: list[str]) -> None:
    name = "x_" + "_".join(parts) + ".jpg"
    values = template_of("x_{a}_{b}_{c}.jpg").read(name)
    if values is not None:
        assert "x_" + "_".join(values) + ".jpg" == name
        assert not any("_" in value for value in values[:2])
    else:
        assert any("_" in part or ".jpg" in part + ".jpg"[:-1] for part in parts)


@pytest.mark.parametrize(
    ("template", "name", "cut"),
    [
        ("{a} {b} {c}.jpg", "1 2 3 4.jpg", [("a", "a is 1, b is 2, c is 3 4")]),
        ("{a}_{b}m {c}_{d}", "1_2m 3_4_5", [("c", "c is 3, d is 4_5")]),
        ("{a}_{day:%Y}_{b}_{c}", "1_2024_3_4_5", [("b", "b is 3, c is 4_5")]),
        ("{a...}_{b}_{c}", "1_2_3_4", []),
    ],
)
def test_a_name_with_more_of_a_text_than_the_template_may_be_cut_otherwise(
    template: str, name: str, cut: list[tuple[str, str]]
) -> None:
    assert list(template_of(template).cut_twice(name)) == cut


def test_a_long_name_that_nearly_follows_is_refused_quickly() -> None:
    template = template_of("_".join(f"{{f{n}}}" for n in range(40)) + ".jpg")
    assert template.read("a_" * 20_000) is None
