"""Long logs for tests in little time: many signed, chained entries, appended in one transaction."""

from __future__ import annotations

import uuid

from ledger.domain.event import to_time
from ledger.store.admission import append
from ledger.store.mapper import EntryMapper, event_of
from tests.houses import Office
from verifier.entry import Payload, payload_hash, seal

MAPPER = EntryMapper.__new__(EntryMapper)  # storing needs nothing of what the library would set up


def lengthen(place: Office, commands: int, events: int = 1, *, stream: str | None = None) -> None:
    """Append commands of ``events`` events each, signed by the custodian.

    They rename an organisation, or happen to the new ``stream`` without meaning anything.
    """
    house = place.house
    staff = place.custodians[0]
    meaning = stream is None
    stream = stream or f"organisation/{uuid.uuid4()}"
    version, tip = 0, None
    now = to_time(house.clock.now())
    with house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
        for _ in range(commands):
            sql.execute("SELECT size, root FROM log_head")
            (size, root) = sql.fetchone()
            command, payloads = str(uuid.uuid4()), []
            for _ in range(events):
                version += 1
                name = "registered" if version == 1 else "renamed"
                data: dict[str, object] = {"public_name": f"BLK {version}", "name": {"commitment": "0" * 64}}
                if version == 1:
                    data |= {"kind": "training_provider", "zone": "Asia/Jayapura", "licence": None}
                payload = Payload(
                    type=f"organisation.{name}.v1" if meaning else f"{stream.partition('/')[0]}.noted.v1",
                    stream=stream,
                    version=version,
                    prev=tip,
                    occurred_at=now,
                    recorded_at=now,
                    actor=f"staff/{staff}",
                    role="key_custodian",
                    org=None,
                    command=command,
                    seen_size=int(size),
                    seen_root=bytes(root),
                    data=data,
                ).to_bytes()
                tip = payload_hash(payload).hex()
                payloads.append(payload)
            made = [
                event_of(entry) for entry in seal(payloads, house.ledger.origin, place.signers[staff].sign)
            ]
            append(sql, [MAPPER.to_stored_event(each) for each in made], made, command=command, actor=staff)
