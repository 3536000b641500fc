"""What an employer's check of a credential costs beside `openbadgeslib`, on a demonstration.

    python -m benchmarks.credentials DATA [--rounds N]

DATA is a folder that `certledger demo --data DATA --no-serve` built; a copy of it is used. Verifying is compared
in turn and in one process: ours checks both proofs and the status list with both of its own, openbadgeslib one
proof and the list's bit; what counts is the ratio of the medians. (`benchmarks.batch` measures issuing.)
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

from openbadgeslib.ob3 import status as ob_status
from openbadgeslib.ob3 import verifier as ob_verifier
from openbadgeslib.ob3.ldp import OB3LdpVerifier

from api.composition import open_house
from ledger.clock import SimulatedClock
from tests.holder.shop import Shop
from verifier import credential, statuslist
from verifier.answer import Verdict


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(args.data, copy)
        with open_house(copy) as house:
            house.ledger.clock = house.clock = SimulatedClock(house.clock.now())
            shop = Shop(house, json.loads((copy / "demo.json").read_bytes()))
            _verify(shop, args.rounds)


def _verify(shop: Shop, rounds: int) -> None:
    data = shop.credential(shop.with_status("VALID", kind="COMPETENCE")["code"])
    keys, status = shop.keys, shop.status_bytes(data)
    organisation = json.loads(data)["issuer"]["id"].rpartition(":")[2]
    document = shop.fetch(f"/i/{organisation}/did.json")
    now = shop.now

    def ours() -> None:
        answer = credential.check(data, keys, statuslist.parse(status, keys), now)
        if answer.verdict is not Verdict.STANDS:
            raise AssertionError(answer)

    def theirs() -> None:
        OB3LdpVerifier().verify(
            data,
            check_status=True,
            verify_status_list=False,
            download=lambda url: document if url.endswith("did.json") else status,
        )

    clock = mock.Mock(wraps=datetime)
    clock.now.side_effect = lambda tz=None: now.astimezone(tz)
    with mock.patch.object(ob_verifier, "datetime", clock), mock.patch.object(ob_status, "datetime", clock):
        times: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(rounds):
            times["ours"].append(_timed(ours))
            times["theirs"].append(_timed(theirs))
    mine, other = (statistics.median(each) * 1000 for each in times.values())
    units = len(json.loads(data)["credentialSubject"].get("result", []))
    print(
        f"verify a credential of {units} units, both proofs and status: {mine:.1f} ms;"
        f" openbadgeslib {other:.1f} ms: {other / mine:.1f} times as fast"
    )


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
