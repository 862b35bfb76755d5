"""Which network addresses may be read."""

import pytest

from collectors.addresses import is_forbidden


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_the_public_internet_may_be_read(address: str) -> None:
    assert not is_forbidden(address, allow_private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.100.100.200",
        "::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fec0::1",
    ],
)
def test_our_own_networks_may_be_read_only_where_a_setting_allows_it(address: str) -> None:
    assert is_forbidden(address, allow_private=False)
    assert not is_forbidden(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "::ffff:169.254.169.254"],
)
def test_metadata_services_and_odd_addresses_are_never_read(address: str) -> None:
    assert is_forbidden(address, allow_private=True)
