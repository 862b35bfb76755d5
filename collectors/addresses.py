"""Which network addresses may be read: the public internet, unless a setting allows more."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# RFC 6052: an IPv4 address inside an IPv6 one, for networks that only speak the latter.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_forbidden(address: str, *, allow_private: bool) -> bool:
    """Tell whether nothing may be read from `address`, an IP address in text.

    Link-local addresses stay forbidden even where private ones are allowed: no feed lives there,
    but the metadata service of every cloud does (169.254.169.254).
    """
    ip = _inner(ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return True
    is_public = ip.is_global and not (isinstance(ip, IPv6Address) and ip.is_site_local)
    return not is_public and not allow_private


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for, so that none slips by in disguise."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip.teredo is not None:
        return ip.teredo[1]
    return ip.ipv4_mapped or ip.sixtofour or ip
