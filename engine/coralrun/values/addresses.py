"""The address of a photo: one reading of it for whoever asks for it, here or at the service.

Rule: pure, and twice is the same as once. What a person wrote becomes what any downloader takes as it stands: ASCII,
nothing that has to be guessed. A `#` is a letter of the path or the query, since no photo is a part of another file;
what is percent-encoded already stays. No text of an error repeats an address: messages are copied into mails.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, unquote, urlsplit

import idna

_KEPT = "%/:?@!$&'()*+,;=~"  # what has a meaning in an address (RFC 3986), and what is percent-encoded already
_ENCODED = r"%[0-9A-Fa-f]{2}"
_PLAIN = re.compile(rf"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*/(?:[A-Za-z0-9._~/-]|{_ENCODED})*")
"""An address that needs nothing done: most do, and reading one apart takes ten times as long."""

_SENDABLE = re.compile(rf"(?:[A-Za-z0-9._~/:?@!$&'()*+,;=-]|{_ENCODED})*")
_BARE_PERCENT = re.compile(rf"%(?!{_ENCODED[1:]})")
_START = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)")
_OTHER_SCHEME = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class NotAnAddress(Exception):
    """Why a text cannot be used as a photo's address, without the text."""


def address_of(text: str) -> str:
    """The address that a person wrote, as it is asked for; raises NotAnAddress.

    The host becomes lower case and ASCII (IDNA 2008), the rest ASCII by UTF-8 and percent-encoding.
    """
    if _PLAIN.fullmatch(text):
        return text
    if not text:
        raise NotAnAddress("there is no url")
    if _CONTROLS.search(text):
        raise NotAnAddress("the url has a line end or another control character in it")
    start = _START.match(text)
    if start is None or start[1].lower() not in ("http", "https"):
        raise NotAnAddress(f"the url must begin with https:// or http://{_instead_of(text)}")
    if "@" in start[2]:
        raise NotAnAddress("the url has a user name or password in it: the service needs one that anybody may open")
    if " " in start[2]:
        raise NotAnAddress("the url's host has a blank in it")
    return f"{start[1].lower()}://{_authority(start[2])}{encoded(text[start.end() :])}"


def encoded(text: str) -> str:
    """An address, or its part behind the host, with all that no downloader takes percent-encoded; raises nothing."""
    if _SENDABLE.fullmatch(text):
        return text
    start = _START.match(text)
    head = start[0] if start else ""
    path = _BARE_PERCENT.sub("%25", text.removeprefix(head))
    return head + quote(path, safe=_KEPT, errors="surrogatepass")


def last_part(address: str) -> str:
    """The file's name that an address ends in, decoded; "" where it ends in a slash."""
    part = address.partition("?")[0].partition("://")[2].partition("/")[2].rpartition("/")[2]
    try:
        name = unquote(part, errors="strict")
    except UnicodeDecodeError:
        return part
    return part if _CONTROLS.search(name) else name


def as_name(text: str) -> str:
    """What a person wrote as a photo's name. Of an address that is what names the photo, without user, password and
    query: those may be secret, and names stand in messages and in files."""
    start = _START.match(text)
    if start is None:
        return text
    return f"{start[1]}://{start[2].rpartition('@')[2]}{text[start.end() :].partition('?')[0]}"


def _authority(text: str) -> str:
    """Host and port."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotAnAddress("the url cannot be read: check its host and port") from error
    if not host:
        raise NotAnAddress("the url has no host")
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise NotAnAddress("the url's host is not a valid name") from error
    if "#" in text or not _HOST.fullmatch(host):
        raise NotAnAddress("the url's host is not a valid name")
    return (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")


def _instead_of(text: str) -> str:
    """What to do about an address of another kind."""
    known = text.casefold()
    if known.startswith("s3:"):
        return ": photos in a bucket are a source of their own, `bucket: s3://...`"
    if known.startswith("www.") or _OTHER_SCHEME.match(known):
        return ""
    return ": a file on this computer cannot be fetched by the service"


def host_of(url: str) -> str | None:
    """The host of an http or https URL; None for all else, and for a host with a `%`, at which `http.client` breaks."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "%"
        return host if parts.scheme in ("http", "https") and "%" not in host else None
    except ValueError:
        return None


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine."""
    host = host_of(url) or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
