"""Misses are rationed, hits are not: a token bucket for each client network, in this process's memory.

An employer behind the same carrier's address as a bot still sees every certificate; the bot's wrong codes
stop being answered. A network is an IPv4 /24 or an IPv6 /48, since a single client commonly holds many
addresses of one. Nothing is stored; the oldest networks are forgotten when the table is full. Not `limits`:
its memory storage has no bound on keys, and a bot chooses them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

_MAX_NETWORKS = 20_000
_PREFIX = {4: 24, 6: 48}


def network_of(host: str | None) -> str:
    """Return the network of a client address; all that is not an IP address shares one."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network((address, _PREFIX[address.version]), strict=False))


class MissLimiter:
    """`burst` misses at once, then one every `refill_s` seconds, for each network. For one thread."""

    def __init__(self, *, burst: int, refill_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = float(burst)
        self._refill_s = refill_s
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = (
            OrderedDict()
        )  # network → tokens left, at which time

    def wait(self, network: str) -> int:
        """Return the seconds until this network may miss again; 0 when it may now."""
        tokens = self._tokens(network)
        return 0 if tokens >= 1 else int((1 - tokens) * self._refill_s) + 1

    def miss(self, network: str) -> None:
        """Charge one miss."""
        self._buckets[network] = (max(self._tokens(network) - 1, 0.0), self._clock())
        self._buckets.move_to_end(network)
        if len(self._buckets) > _MAX_NETWORKS:
            self._buckets.popitem(last=False)

    def _tokens(self, network: str) -> float:
        tokens, at = self._buckets.get(network, (self._burst, 0.0))
        return min(self._burst, tokens + (self._clock() - at) / self._refill_s)
