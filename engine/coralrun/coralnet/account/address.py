"""The address of a service: what secrets may be sent to.

Rule: pure. Secrets travel over https alone, or to this very machine.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from coralrun.errors import UsageError
from coralrun.values.addresses import host_of, is_loopback


def check_address(base_url: str) -> None:
    """Raise UsageError unless an address is https, or http on loopback, and nothing but scheme and host."""
    parts = urlsplit(base_url) if host_of(base_url) else None
    if parts is None or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError("the service's address is not one: it is https:// and a host", remedy="Correct `service`.")
    if parts.scheme != "https" and not is_loopback(base_url):
        raise UsageError(
            f"the service {parts.hostname} is not reached over https, so credentials would travel in the open",
            remedy="Write the service's address with https://.",
        )
