"""Attempts of one customer are counted together, whatever address of theirs they come from."""

import pytest

from portal.core.sources import network_of


@pytest.mark.case("A6")
@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_address_is_counted_under_the_network_of_its_customer(host: str, network: str) -> None:
    assert network_of(host) == network


def test_neighbours_are_counted_apart() -> None:
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
