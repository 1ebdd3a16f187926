"""Whether what is sent to an address can be read on the way."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_HOME_SUFFIXES: Final = (
    ".local", ".lan", ".home", ".internal", ".home.arpa", ".localhost", ".localdomain", ".fritz.box",
    ".ts.net",  # encrypted by the tunnel
)  # fmt: skip


def is_readable_on_the_way(address: str) -> bool:
    """Tell whether key, words and sound leave the house unencrypted: without TLS, and to no host of the home."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in ("http", "ws"):
        return False
    try:
        number = ip_address(host.partition("%")[0])
    except ValueError:
        return "." in host and not host.endswith(_HOME_SUFFIXES)
    return number.is_global or number.is_multicast
