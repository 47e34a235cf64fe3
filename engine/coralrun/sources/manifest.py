"""A manifest: a CSV of images that are public elsewhere, name,url[,width,height], other columns kept for the user.

Rule: a URL leaves here in the form that the service's downloader takes (ASCII, no blanks), and one with credentials in
it is refused without being repeated, because messages are copied into mails. No message shows any URL at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit, urlunsplit

from coralrun.plan.model import FoundImage, Size
from coralrun.sources.table import Problems, read_table, whole
from coralrun.spec.model import Reading

_NEEDED = {"name": ("name",), "url": ("url",)}
_OPTIONAL = {"width": ("width",), "height": ("height",)}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_KEPT_IN_URL = "%/:?#[]@!$&'()*+,;=~"  # what has a meaning in a URL, and what is percent-encoded already


class _BadUrl(Exception):
    """Why a URL cannot be used, without the URL."""


def read_manifest(label: str, data: bytes, reading: Reading | None = None) -> tuple[FoundImage, ...]:
    """Read a manifest's images in its order; `label` is the file as the survey names it.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label)
    table = read_table(problems, data, needed=_NEEDED, optional=_OPTIONAL, reading=reading)
    images: list[FoundImage] = []
    lines: dict[str, int] = {}
    for line, cells in table.rows:
        image = _image(problems, line, cells, table.columns)
        if image is None:
            continue
        if image.name in lines:
            problems.add(line, f"the name `{image.name}` is already on line {lines[image.name]}: names must differ")
            continue
        lines[image.name] = line
        images.append(image)
    problems.raise_if_any()
    return tuple(images)


def _image(problems: Problems, line: int, cells: Sequence[str], columns: Mapping[str, int]) -> FoundImage | None:
    """One row's image; None, with the problems noted, where it has any."""
    name, url = cells[columns["name"]], cells[columns["url"]]
    complaints = []
    if not name:
        complaints.append("there is no name")
    try:
        url = clean_url(url)
    except _BadUrl as bad:
        complaints.append(str(bad))
    width, height = (cells[columns[side]] if side in columns else "" for side in ("width", "height"))
    size = None
    if width or height:
        pixels = whole(width) or 0, whole(height) or 0
        if min(pixels) > 0:
            size = Size(*pixels)
        else:
            complaints.append("width and height are whole numbers of pixels, 1 or more, and stand both or neither")
    for complaint in complaints:
        problems.add(line, complaint)
    return None if complaints else FoundImage(name=name, url=url, size=size, place=f"{problems.label}:{line}")


def clean_url(url: str) -> str:
    """A URL as the service's downloader takes it: blanks and other than ASCII percent-encoded, the host in IDNA."""
    if not url:
        raise _BadUrl("there is no url")
    if _CONTROLS.search(url):
        raise _BadUrl("the url has a line end or another control character in it")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _BadUrl("the url cannot be read: check its host and port") from error
    if parts.scheme not in ("http", "https"):
        raise _BadUrl("the url must begin with https:// or http://")
    if "@" in parts.netloc:
        raise _BadUrl("the url has a user name or password in it: the service needs one that anybody may open")
    if not host:
        raise _BadUrl("the url has no host")
    netloc = parts.netloc if host.isascii() else _idna(host) + (f":{port}" if port else "")
    if " " in netloc:
        raise _BadUrl("the url's host has a blank in it")
    return quote(urlunsplit(parts._replace(netloc=netloc)), safe=_KEPT_IN_URL)


def _idna(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _BadUrl("the url's host is not a valid name") from error
