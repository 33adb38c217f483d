"""Name where attempts come from, so that nobody fills a counter's place with addresses of their own."""

from ipaddress import IPv4Address, IPv6Network, ip_address

# What a provider gives to one home or one server.
ONE_CUSTOMER = 64


def network_of(host: str) -> str:
    """Return what attempts from an address are counted under: of IPv6 the whole network of one customer.

    Whoever has one IPv6 address has 2^64 of them, and would have as many counters.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    # As a server that listens for both sees an IPv4 caller.
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), ONE_CUSTOMER), strict=False))
