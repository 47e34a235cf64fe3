"""Bases: what wins, which paths are whose, and how far it may go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coralrun.errors import InvalidInput
from coralrun.spec.extend import MAX_BASES, identity, join, load_with_bases
from coralrun.spec.load import plain


def reader(files: dict[str, str]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if identity(path) not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[identity(path)].encode()

    return read


def merged(files: dict[str, str], file: str = "survey.yaml") -> object:
    return plain(load_with_bases(file, files[file].encode(), reader(files)).root)


def test_mappings_merge_key_by_key_and_everything_else_is_replaced() -> None:
    files = {
        "survey.yaml": "extends: base.yaml\nrun: {attempts: 2}\nlist: [3]\n",
        "base.yaml": "run: {attempts: 1, patience: 5m}\nlist: [1, 2]\nname: base\n",
    }
    assert merged(files) == {"run": {"attempts": 2, "patience": "5m"}, "list": [3], "name": "base"}


def test_of_several_bases_the_later_one_wins_and_the_survey_wins_over_all() -> None:
    files = {
        "survey.yaml": "extends: [one.yaml, two.yaml]\nc: survey\n",
        "one.yaml": "a: one\nb: one\nc: one\n",
        "two.yaml": "b: two\nc: two\n",
    }
    assert merged(files) == {"a": "one", "b": "two", "c": "survey"}


def test_null_drops_what_a_base_says() -> None:
    files = {
        "survey.yaml": "extends: base.yaml\nsampling: {points: {from: mine.csv, method: null, points: null}}\n",
        "base.yaml": "sampling: {points: {method: uniform grid, points: 200}}\n",
    }
    assert merged(files) == {"sampling": {"points": {"from": "mine.csv"}}}


def test_paths_in_a_base_are_relative_to_the_base_and_absolute_ones_are_left_alone() -> None:
    files = {
        "surveys/2008/survey.yaml": "extends: ../shared/base.yaml\n",
        "surveys/shared/base.yaml": (
            "extends: deep/points.yaml\n"
            "sources:\n"
            "  - {manifest: images.csv, filters: {names_from: lists/a.txt, include: [images.csv]}}\n"
            "  - {manifest: /data/images.csv}\n"
            "  - {manifest: 'C:/data/images.csv'}\n"
            "outputs: {directory: runs/x}\n"
        ),
        "surveys/shared/deep/points.yaml": "sampling: {points: {from: points.csv}}\n",
    }
    survey = merged(files, "surveys/2008/survey.yaml")
    assert survey == {
        "sampling": {"points": {"from": "../shared/deep/points.csv"}},
        "sources": [
            {
                "manifest": "../shared/images.csv",
                "filters": {"names_from": "../shared/lists/a.txt", "include": ["images.csv"]},
            },
            {"manifest": "/data/images.csv"},
            {"manifest": "C:/data/images.csv"},
        ],
        "outputs": {"directory": "runs/x"},
    }


def test_paths_in_the_survey_itself_stay_as_they_were_written() -> None:
    files = {"a/survey.yaml": "extends: base.yaml\nsources: [{manifest: ./x/../y.csv}]\n", "a/base.yaml": "name: n\n"}
    assert merged(files, "a/survey.yaml") == {"name": "n", "sources": [{"manifest": "./x/../y.csv"}]}


def test_a_base_that_two_bases_share_is_no_circle() -> None:
    files = {
        "survey.yaml": "extends: [one.yaml, two.yaml]\n",
        "one.yaml": "extends: root.yaml\na: 1\n",
        "two.yaml": "extends: root.yaml\nb: 2\n",
        "root.yaml": "c: 3\n",
    }
    assert merged(files) == {"a": 1, "b": 2, "c": 3}


def test_bases_that_multiply_are_stopped() -> None:
    files = {"survey.yaml": "extends: [b0.yaml, b0.yaml]\n"}
    files |= {f"b{n}.yaml": f"extends: [b{n + 1}.yaml, b{n + 1}.yaml]\n" for n in range(40)}
    files["b40.yaml"] = "a: 1\n"
    with pytest.raises(InvalidInput) as refused:
        merged(files)
    assert str(refused.value) == f"b39.yaml:1:11: more than {MAX_BASES} bases are read for one survey"


def test_a_problem_points_into_the_file_where_it_stands() -> None:
    files = {"s/survey.yaml": "extends: ../b/base.yaml\n", "b/base.yaml": "a: 1\na: 2\n"}
    document = load_with_bases("s/survey.yaml", files["s/survey.yaml"].encode(), reader(files))
    assert [str(problem) for problem in document.problems] == [
        "b/base.yaml:2:1: the key `a` stands twice: it is already in line 1"
    ]


@pytest.mark.parametrize(
    ("folder", "path", "whole"),
    [
        ("", "a.csv", "a.csv"),
        ("b", "a.csv", "b/a.csv"),
        ("/", "a.csv", "/a.csv"),
        ("b", "/a.csv", "/a.csv"),
        ("b", "../a.csv", "b/../a.csv"),
        ("b", "C:\\a.csv", "C:\\a.csv"),
    ],
)
def test_a_path_is_joined_to_its_folder(folder: str, path: str, whole: str) -> None:
    assert join(folder, path) == whole


@pytest.mark.parametrize(
    ("path", "same"),
    [("a/../b.yaml", "b.yaml"), ("./b.yaml", "b.yaml"), ("/a/./b", "/a/b"), ("../b", "../b"), ("a/../../b", "../b")],
)
def test_a_file_is_known_again_by_another_path_to_it(path: str, same: str) -> None:
    assert identity(path) == same
