"""What is read of YAML: plain values with their places, in bounded time and memory."""

from __future__ import annotations

import time

import pytest

from coralrun import limits
from coralrun.errors import InvalidInput
from coralrun.spec.load import MAX_DEPTH, MAX_VALUES, Node, load, plain, scalar
from coralrun.spec.text import check_size

LONG_LISTS = "Long lists of images belong in a file of their own: see `names_from` and `manifest`"


def values(text: str) -> object:
    return plain(load("survey.yaml", text.encode()).root)


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        values(text)
    return str(refused.value)


@pytest.mark.parametrize(
    "word",
    [
        "NO",
        "no",
        "yes",
        "on",
        "off",
        "True",
        "FALSE",
        "0o17",
        "0x1F",
        "1_000",
        "1:30",
        "007",
        "2008-01-01",
        "1e999",
        ".inf",
        ".nan",
        "9" * 19,
        "=",
        "2008-01-01T00:00:00Z",
        "+",
        ".",
        "1.2.3",
    ],
)
def test_what_other_readers_of_yaml_turn_into_something_else_stays_text(word: str) -> None:
    assert scalar(word) == word
    assert values(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("1.50", 1.5),
        (".5", 0.5),
        ("2e3", 2000.0),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_the_few_words_that_have_a_meaning_have_it(word: str, value: object) -> None:
    read = scalar(word)
    assert read == value
    assert type(read) is type(value)


def test_a_word_in_quotes_is_always_text() -> None:
    assert values("""a: ["1", '2.5', "true", 'null', ""]""") == {"a": ["1", "2.5", "true", "null", ""]}


def test_every_key_and_value_knows_its_line_and_column() -> None:
    root = load("survey.yaml", "# héé\né: 1\nlist:\n  - {deep: [x,  y]}\n".encode()).root
    assert isinstance(root.value, dict)
    assert (root.keys["list"].line, root.keys["list"].column) == (3, 1)
    item = root.value["list"].value
    assert isinstance(item, list)
    assert isinstance(item[0].value, dict)
    deep = item[0].value["deep"].value
    assert isinstance(deep, list)
    assert [(node.place.line, node.place.column) for node in deep] == [(4, 13), (4, 17)]


def test_a_byte_order_mark_and_windows_line_ends_move_no_place() -> None:
    root = load("survey.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n").root
    assert (root.keys["a"].line, root.keys["a"].column) == (1, 1)
    assert (root.keys["b"].line, root.keys["b"].column) == (2, 1)


def test_an_alias_stands_for_its_anchor() -> None:
    assert values("a: &x {k: [1, 2]}\nb: *x\n") == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}}


def nested(depth: int) -> str:
    return "a: " + "[" * (depth - 1) + "]" * (depth - 1)


def test_nesting_is_read_up_to_the_bound_and_refused_beyond_it() -> None:
    depth, value = 0, values(nested(MAX_DEPTH))
    while value:
        depth += 1
        value = value["a"] if isinstance(value, dict) else value[0]  # type: ignore[index]
    assert depth == MAX_DEPTH - 1
    assert refusal(nested(MAX_DEPTH + 1)) == "survey.yaml:1:53: values are nested more than 50 deep"


def test_nesting_through_aliases_counts_as_nesting() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [[[*a{n - 1}]]]" for n in range(1, 30)]
    assert refusal("\n".join(lines)) == "survey.yaml:17:14: values are nested more than 50 deep"


def test_as_many_values_as_allowed_are_read_and_one_more_is_refused() -> None:
    overhead = 3  # the mapping, the key and the list
    assert isinstance(values("a: [" + "x," * (MAX_VALUES - overhead) + "]"), dict)
    assert refusal("a: [" + "x," * (MAX_VALUES - overhead + 1) + "]") == (
        "survey.yaml:1:19999: the survey holds more than 10,000 values (repetitions by `*` counted). " + LONG_LISTS
    )


def test_a_survey_may_have_a_megabyte_and_not_a_byte_more() -> None:
    check_size("survey.yaml", limits.MAX_SURVEY_BYTES)
    said = f"survey.yaml: the file has 1,048,577 bytes; a survey has at most 1,048,576. {LONG_LISTS}"
    with pytest.raises(InvalidInput) as refused:
        check_size("survey.yaml", limits.MAX_SURVEY_BYTES + 1)
    assert str(refused.value) == said
    assert refusal("#" * (limits.MAX_SURVEY_BYTES + 1)) == said


MEGABYTE = limits.MAX_SURVEY_BYTES - 16


@pytest.mark.parametrize(
    "text",
    [
        "[" * MEGABYTE,
        "{" * MEGABYTE,
        "- " * (MEGABYTE // 2),
        "? " * (MEGABYTE // 2),
        "[\n" * (MEGABYTE // 2),
        "a: 'b" + "c" * MEGABYTE,
        "&a " * (MEGABYTE // 3),
        "a: " + "*a" * (MEGABYTE // 2),
        "!" * MEGABYTE,
        "a: [" + "x," * (MEGABYTE // 2),
        "a: 1\n" * (MEGABYTE // 5),
        "a" * MEGABYTE + ": 1",
        "\t" * MEGABYTE,
        "%" + "1" * MEGABYTE,
        "%YAML 1." + "1" * MEGABYTE + "\n---\na: 1",
        "k" * 900 + "\n" + "{a: " * 200_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_a_megabyte_of_nonsense_is_refused_within_seconds(text: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput) as refused:
        document = load("survey.yaml", text.encode())
        assert document.problems, "it was read, and nothing was wrong with it"
        raise InvalidInput(document.problems)
    assert time.process_time() - started < 20
    assert all(len(problem.message) < 400 for problem in refused.value.problems)


def test_all_that_can_be_told_at_once_is_told_at_once() -> None:
    document = load("survey.yaml", b"a: 1\na: 2\n<<: {b: 1}\n3: x\nc: !tag y\n")
    assert [(problem.line, problem.column) for problem in document.problems] == [(2, 1), (3, 1), (4, 1), (5, 4)]
    assert isinstance(document.root, Node)


def test_a_merge_key_in_quotes_is_a_key_like_any_other() -> None:
    assert values('"<<": 1') == {"<<": 1}
