"""Reading HTML: the few things that all of CoralNet's pages are asked for.

Rule: pure, and no exception but `NotUnderstood` leaves here. White space is normalised, for CoralNet spreads its texts
over lines (protocol 9).
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from coralrun import limits
from coralrun.coralnet.codec.wire import NotUnderstood


def parse(html: bytes) -> LexborHTMLParser:
    """A page as a tree; one with far more tags than any of CoralNet's is not read."""
    if html.count(b"<") > limits.MAX_PAGE_TAGS:
        raise NotUnderstood("page: too many tags")
    try:
        return LexborHTMLParser(html.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotUnderstood("page: not UTF-8") from error


def attribute(node: LexborNode | None, key: str) -> str:
    """An attribute's value with its character references resolved; "" where there is none."""
    return (node.attributes.get(key) or "") if node is not None else ""


def own_words(node: LexborNode) -> str:
    """A node's text without that of the elements within it."""
    return one_line(node.text(deep=False))


def words(node: LexborNode | None) -> str:
    """A node's text with its white space made single blanks: CoralNet spreads text over lines."""
    return one_line(node.text(separator=" ")) if node is not None else ""


def one_line(text: str) -> str:
    """A text with its white space made single blanks."""
    return " ".join(text.split())


def number(digits: str) -> int:
    """A count, which may be written with commas."""
    plain = digits.replace(",", "")
    if not plain.isdigit():
        raise NotUnderstood("page: a count")
    return int(plain)
