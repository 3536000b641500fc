"""Checking credentials, and signing one as its issuer would."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.holder.shop import Shop
from verifier import credential, dataintegrity, did, jcs
from verifier.answer import Answer


def check(shop: Shop, data: bytes, **options: Any) -> Answer:
    status = options.pop("status", ...)
    return credential.check(
        data,
        options.pop("keys", shop.keys),
        shop.status(shop.credential(shop.with_status("VALID", kind="COMPETENCE")["code"]))
        if status is ...
        else status,
        options.pop("now", shop.now),
        **options,
    )


def signed(
    shop: Shop, data: bytes, change: Callable[[dict[str, Any]], None], purpose: str = "credential"
) -> bytes:
    """The credential changed and signed anew by its own issuer: what an issuer's mistake would look like."""
    document = {name: value for name, value in json.loads(data).items() if name != "proof"}
    change(document)
    organisation = document["issuer"]["id"].rpartition(":")[2]
    key = shop.house.keyring.current(organisation, purpose)
    assert key is not None
    signer = shop.house.keyring.signer(key)
    secured = dataintegrity.sign(
        document,
        method=did.method_id(document["issuer"]["id"], key.thumbprint),
        created="2026-06-01T00:00:00Z",
        sign_bytes=lambda message: signer.sign(message).sig,
    )
    return jcs.encode(secured)
