"""Which addresses alerts may reach: none that is not public unless the operator names it."""

import pytest

from overround.alerting.guard import Guard, read_networks


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "localhost", "",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(address):
    """Loopback, private, link-local, shared, multicast, and IPv6 addresses that carry one of these."""
    assert not Guard().allows(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
)
def test_public_addresses_pass(address):
    """That is where chat services are."""
    assert Guard().allows(address)


def test_what_the_operator_names_passes_and_nothing_beside_it():
    """A network or a single address."""
    guard = Guard(read_networks("10.1.0.0/16, 127.0.0.1,::1"))
    assert [guard.allows(to) for to in ("10.1.200.3", "127.0.0.1", "::1", "::ffff:127.0.0.1")] == [True] * 4
    assert [guard.allows(to) for to in ("10.2.0.1", "127.0.0.2")] == [False] * 2
    with pytest.raises(ValueError, match="not appear"):
        read_networks("somewhere")
