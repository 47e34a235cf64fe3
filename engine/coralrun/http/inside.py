"""Whether an address leads into this computer or its own network: what a redirect from the public may not do.

Rule: a name is looked up as the request would look it up, so other ways to write an address (127.1, a name that stands
for one) are the same address. A name that cannot be looked up leads nowhere, and the request itself will say so.
"""

from __future__ import annotations

import ipaddress
import socket

from coralrun.values.addresses import host_of, is_loopback


def leads_inside(url: str) -> bool:
    """Whether a URL's host is this computer, or has an address that is not of the public internet."""
    host = host_of(url)
    if host is None:
        return False
    return is_loopback(url) or any(map(_is_inside, _addresses(host)))


def _addresses(host: str) -> set[str]:
    if ":" in host:
        return {host}
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return set()
    return {str(entry[4][0]) for entry in found}


def _is_inside(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global
