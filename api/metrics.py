"""Metrics for Prometheus, on a port of their own and only when one is named: never on the public address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from api.composition import House


class LedgerCollector(Collector):
    """What an operator watches, read when it is asked for."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterable[Metric]:
        """The log's size, how far it is signed, and whether anything keeps it from being published."""
        known = self._house.room.known_checkpoints()
        trouble = self._house.room.trouble
        yield GaugeMetricFamily(
            "certledger_log_entries", "Entries recorded.", self._house.queries.head().size
        )
        yield GaugeMetricFamily(
            "certledger_log_signed_entries",
            "Entries of the newest signed checkpoint.",
            max((head.size for head in known.values()), default=0),
        )
        yield GaugeMetricFamily(
            "certledger_log_trouble",
            "1 while the log cannot be published or is contradicted.",
            int(trouble is not None),
        )


def serve_metrics(house: House, port: int) -> None:
    """Serve them on the loopback address."""
    registry = CollectorRegistry()
    registry.register(LedgerCollector(house))
    start_http_server(port, addr="127.0.0.1", registry=registry)
