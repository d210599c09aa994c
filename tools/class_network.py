"""Where students reach this computer: its addresses in the local network."""

from __future__ import annotations

import ipaddress
import socket


def lan_addresses() -> list[str]:
    """IPv4 addresses of this computer's network cards that are up, those of private networks first.

    Virtual cards (containers, virtual machines) come last: students cannot reach those.
    """
    import psutil

    up = {name for name, card in psutil.net_if_stats().items() if card.isup}
    found = [
        (name, address.address)
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if address.family == socket.AF_INET and name in up and _reachable(address.address)
    ]
    return [address for _, address in sorted(found, key=lambda row: (_virtual(row[0]), not _private(row[1])))]


def _reachable(address: str) -> bool:
    number = ipaddress.ip_address(address)
    return not (number.is_loopback or number.is_link_local or number.is_unspecified)


def _private(address: str) -> bool:
    return ipaddress.ip_address(address).is_private


def _virtual(card: str) -> bool:
    return card.lower().startswith(("docker", "br-", "veth", "virbr", "vmnet", "vethernet", "tailscale", "utun", "tun"))
