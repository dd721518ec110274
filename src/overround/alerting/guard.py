"""
Which network addresses alerts may be sent to.

Judged is the numeric address that a connection is about to be made to, never a name: a name that resolves to
another address the next time (DNS rebinding) changes nothing. This module imports nothing of ours: the process
that runs Apprise uses it too.
"""

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Guard:
    """Lets public addresses pass, and those in the networks that the operator allows."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self.allowed = tuple(allowed)

    def allows(self, address: str) -> bool:
        """
        Return whether a connection to a numeric address may be made.

        >>> guard = Guard(read_networks("10.1.0.0/16"))
        >>> [guard.allows(to) for to in ("93.184.215.14", "10.1.2.3", "10.2.0.1", "127.0.0.1", "::ffff:127.0.0.1")]
        [True, True, False, False, False]
        """
        try:
            found = _meant(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if any(found in network for network in self.allowed if network.version == found.version):
            return True
        return found.is_global and not found.is_multicast and not found.is_reserved


def read_networks(text: str) -> list[Network]:
    """
    Return the networks of a comma list; a single address is a network of one.

    Raises:
        ValueError: A part is no network.
    """
    return [ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]


def _meant(address: _Address) -> _Address:
    """Return the IPv4 address inside an IPv6 one that only carries it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
