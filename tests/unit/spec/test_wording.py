"""Where the words of a survey stand: by the key above them, in the file that they come from."""

from __future__ import annotations

from coralrun.errors import Problem
from coralrun.spec.extend import load_with_bases
from coralrun.spec.wording import Wording, wording_of

SURVEY = b"""\
extends: lab/base.yaml
sources:
  - manifest: images.csv
    filters: {names_from: names.txt, where: {site: [A, B], depth: {max: 5}}}
  - manifest: images.csv
sampling: {images: {by: site}, points: {revisit: {run: runs/1, match: [site, quadrat]}}}
"""
BASE = b"name: base\ncover: {groups: groups.yaml}\n"


def problem(word: str, *keys: str) -> Problem:
    document = load_with_bases("a.yaml", SURVEY, lambda _: BASE, frozenset({("cover", "groups")}), {})
    return wording_of("a.yaml", document.root).problem("wrong", word, *keys)


def test_a_word_is_found_by_the_key_above_it_through_lists_and_mappings() -> None:
    assert problem("site", "where") == Problem("a.yaml", 4, 46, "wrong")
    assert problem("B", "site") == Problem("a.yaml", 4, 56, "wrong")
    assert problem("site", "by") == Problem("a.yaml", 6, 25, "wrong")
    assert problem("quadrat", "match") == Problem("a.yaml", 6, 78, "wrong")


def test_of_several_keys_or_places_the_first_with_the_word_counts() -> None:
    assert problem("runs/1", "not_in", "run") == Problem("a.yaml", 6, 56, "wrong")
    assert problem("images.csv", "manifest") == Problem("a.yaml", 3, 15, "wrong")


def test_a_word_of_a_base_is_found_in_the_base_as_it_is_read_from_the_survey() -> None:
    assert problem("lab/groups.yaml", "groups") == Problem("lab/base.yaml", 2, 17, "wrong")


def test_a_word_that_stands_nowhere_is_a_problem_of_the_whole_file() -> None:
    assert problem("site", "unit") == Problem("a.yaml", 0, 0, "wrong")
    assert Wording("b.yaml").problem("wrong", "site", "by") == Problem("b.yaml", 0, 0, "wrong")
