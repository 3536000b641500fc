"""A QR without a network: every status of a whole year, and everything that may be wrong with what is at hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from api import issuer_keys
from keys.signer import Ed25519Signer
from ledger.commands.custody import DeclareIssuerKeyCompromise, RequestIssuerKeyCompromise
from ledger.commands.lifecycle import ReinstateCertificate
from ledger.domain.roles import Role
from tests.holder.shop import Shop
from verifier import qr, token, twoline, withdrawn
from verifier.answer import Verdict
from verifier.errors import Error, SignatureError

EXPECTED = {
    "VALID": "STANDS",
    "EXPIRED": "EXPIRED",
    "SUSPENDED": "WITHDRAWN",
    "REVOKED": "WITHDRAWN",
    "REPLACED": "WITHDRAWN",
    "NO_LONGER_VERIFIABLE": "WITHDRAWN",
}


def test_every_certificate_of_the_year_is_told_right(shop: Shop) -> None:
    keys, listed = shop.keys, shop.withdrawn
    seen = set()
    for entry in shop.demo["certificates"]:
        if entry["url"]:
            answer = qr.check(entry["url"], keys, listed, shop.now)
            assert answer.code == EXPECTED[entry["expected_status"]], entry
            assert (answer.verdict is Verdict.STANDS) == (entry["expected_status"] == "VALID")
            assert answer.facts["kind"] == entry["kind"]
            seen.add(entry["expected_status"])
    assert seen == EXPECTED.keys()


def test_a_reprint_has_the_same_qr(shop: Shop) -> None:
    for entry in shop.demo["certificates"]:
        if entry["url"] and entry["expected_status"] != "NO_LONGER_VERIFIABLE":
            assert shop.house.press.url(shop.certificate(entry)) == entry["url"]


def test_every_change_of_one_digit_is_rejected(shop: Shop) -> None:
    keys, listed = shop.keys, shop.withdrawn
    url = shop.with_status("VALID")["url"]
    start = url.index("#") + 1
    for at in range(start, len(url)):
        for other in "0123456789":
            if other != url[at]:
                answer = qr.check(url[:at] + other + url[at + 1 :], keys, listed, shop.now)
                assert answer.verdict is Verdict.DOES_NOT_STAND, (at - start, other, answer.code)
                assert not answer.facts


def test_another_code_host_or_path_is_rejected(shop: Shop) -> None:
    keys, listed = shop.keys, shop.withdrawn
    one, two = [entry for entry in shop.demo["certificates"] if entry["expected_status"] == "VALID"][:2]
    digits = one["url"].partition("#")[2]
    base = shop.demo["base_url"]
    other_check = one["code"][:-1] + ("0" if one["code"][-1] != "0" else "1")
    for text, code in {
        f"{base}/v/{two['code']}#{digits}": "FORGED",
        f"http://localhost:8001/v/{one['code']}#{digits}": "HOST_UNKNOWN",
        f"https://localhost:8000/v/{one['code']}#{digits}": "HOST_UNKNOWN",
        f"https://localhost/v/{one['code']}#{digits}": "HOST_UNKNOWN",
        f"http://127.0.0.1:8000/v/{one['code']}#{digits}": "HOST_UNKNOWN",
        f"http://localhost:8000.evil.example/v/{one['code']}#{digits}": "QR_URL_INVALID",
        f"http://LOCALHOST:8000/v/{one['code']}#{digits}": "QR_URL_INVALID",
        f"{base}/x/{one['code']}#{digits}": "QR_URL_INVALID",
        f"{base}/v/{one['code'][:-1]}#{digits}": "CODE_MALFORMED",
        f"{base}/v/{other_check}#{digits}": "CODE_CHECK_WRONG",
    }.items():
        answer = qr.check(text, keys, listed, shop.now)
        assert (answer.verdict, answer.code) == (Verdict.DOES_NOT_STAND, code), text


def test_an_address_alone_is_no_yes(shop: Shop) -> None:
    page = shop.with_status("VALID")["url"].partition("#")[0]
    answer = qr.check(page, shop.keys, shop.withdrawn, shop.now)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "QR_WITHOUT_TOKEN")


def test_without_a_fresh_list_nothing_is_known_to_stand(shop: Shop) -> None:
    keys, listed, url = shop.keys, shop.withdrawn, shop.with_status("VALID")["url"]
    assert qr.check(url, keys, None, shop.now).code == "STATUS_UNKNOWN"
    assert qr.check(url, keys, {}, shop.now).code == "STATUS_UNKNOWN"
    last = next(iter(listed.values())).valid_until
    assert qr.check(url, keys, listed, last).code == "STANDS"
    answer = qr.check(url, keys, listed, last + timedelta(seconds=1))
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "STATUS_UNKNOWN")
    revoked = shop.with_status("REVOKED")["url"]
    assert qr.check(revoked, keys, listed, last + timedelta(days=400)).code == "WITHDRAWN"


def test_a_certificate_is_valid_through_its_last_day_in_its_issuers_zone(shop: Shop) -> None:
    entry = shop.with_status("EXPIRED")
    issued = shop.house.issued.get(shop.certificate(entry))
    assert issued.valid_until is not None
    keys = shop.keys
    last = datetime.combine(issued.valid_until, time(23, 59, 59), ZoneInfo(issued.zone))
    assert qr.check(entry["url"], keys, None, last).code == "STATUS_UNKNOWN"
    assert qr.check(entry["url"], keys, None, last + timedelta(seconds=1)).code == "EXPIRED"


def test_a_certificate_of_tomorrow_is_a_wrong_clock(shop: Shop) -> None:
    entry = shop.with_status("VALID")
    issued = shop.house.issued.get(shop.certificate(entry))
    early = datetime.combine(issued.issued_on, time(), UTC) - timedelta(days=2)
    answer = qr.check(entry["url"], shop.keys, shop.withdrawn, early)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "NOT_YET_ISSUED")


def test_a_suspension_and_its_end_show_at_once(own_shop: Shop) -> None:
    entry = own_shop.with_status("SUSPENDED")
    certificate = own_shop.certificate(entry)
    issued = own_shop.house.issued.get(certificate)
    assert qr.check(entry["url"], own_shop.keys, own_shop.withdrawn, own_shop.now).code == "WITHDRAWN"
    role = Role.TRAINING_ISSUER if issued.kind == "TRAINING" else Role.COMPETENCE_ISSUER
    own_shop.give(role, issued.org, ReinstateCertificate(certificate=certificate))
    assert qr.check(entry["url"], own_shop.keys, own_shop.withdrawn, own_shop.now).code == "STANDS"


# -- keys ------------------------------------------------------------------------------------------------------


def _token_key(shop: Shop, kind: str) -> str:
    return next(key.id for key in shop.house.keyring.all() if key.kind == kind and key.ended_index is None)


def test_a_new_token_key_breaks_no_old_certificate(own_shop: Shop) -> None:
    old = own_shop.keys
    urls = {entry["code"]: entry["url"] for entry in own_shop.demo["certificates"] if entry["url"]}
    for kind in ("TRAINING", "COMPETENCE", "UNIT_STATEMENT"):
        issuer_keys.rotate(own_shop.house, _token_key(own_shop, kind), own_shop.custodians)
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    keys = own_shop.keys
    assert (keys.version, len(keys.keys)) == (old.version + 1, len(old.keys) + 3)
    for entry in own_shop.demo["certificates"]:
        if entry["url"]:
            answer = qr.check(urls[entry["code"]], keys, own_shop.withdrawn, own_shop.now)
            assert answer.code == EXPECTED[entry["expected_status"]]
            if entry["expected_status"] != "NO_LONGER_VERIFIABLE":
                assert own_shop.house.press.url(own_shop.certificate(entry)) == entry["url"]


def test_what_a_stolen_key_signed_is_not_known_to_stand(own_shop: Shop) -> None:
    entry = own_shop.with_status("VALID", kind="TRAINING")
    key = _token_key(own_shop, "TRAINING")
    asked = own_shop.custody(RequestIssuerKeyCompromise(issuer_key=key, from_size=0))
    own_shop.custody(DeclareIssuerKeyCompromise(issuer_key=key, request=asked["request"]), second=True)
    # Before the custodians have signed a new key file, the issuer's list has its certificates already.
    assert qr.check(entry["url"], own_shop.keys, own_shop.withdrawn, own_shop.now).code == "WITHDRAWN"
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    answer = qr.check(entry["url"], own_shop.keys, own_shop.withdrawn, own_shop.now)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "KEY_COMPROMISED")


def test_a_token_by_a_key_of_nobody_is_forged_unless_the_key_file_is_older(shop: Shop) -> None:
    keys, url = shop.keys, shop.with_status("VALID")["url"]
    read = token.parse_qr(url)
    assert read.token is not None
    stranger = Ed25519Signer.generate()
    forged = replace(
        read, token=token.make(read.token.claims, 200, read.page, lambda message: stranger.sign(message).sig)
    )
    answer = qr.check(str(forged), keys, shop.withdrawn, shop.now)
    assert (answer.verdict, answer.code) == (Verdict.DOES_NOT_STAND, "KEY_UNKNOWN")
    older = replace(keys, issued_at=f"{read.token.claims.issued_on}T00:00:00Z")
    answer = qr.check(str(forged), older, shop.withdrawn, shop.now)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "KEY_UNKNOWN")


# -- the list of withdrawn tokens --------------------------------------------------------------------------------


def _mangled(shop: Shop) -> dict[str, bytes]:
    data = shop.fetch("/withdrawn")
    lines = data.split(b"\n")
    return {
        "a changed day": data.replace(b'"valid_until":"20', b'"valid_until":"21', 1),
        "an odd number of lines": b"\n".join(lines[:-1]),
        "an organisation twice": b"\n".join([*lines, *lines[:2]]),
        "signatures exchanged": b"\n".join([lines[0], lines[3], lines[2], lines[1]]),
        "a line more": data + b"\n",
        "spaces": data.replace(b'","', b'", "', 1),
        "no JSON": b"a\nb",
        "a signature of nobody": b"\n".join([lines[0], b'{"alg":"ed25519","key":"x","sig":"AA=="}']),
        "a signature of no members": b"\n".join([lines[0], b"[]"]),
    }


@pytest.mark.parametrize(
    "how",
    [
        "a changed day",
        "an odd number of lines",
        "an organisation twice",
        "signatures exchanged",
        "a line more",
        "spaces",
        "no JSON",
        "a signature of nobody",
        "a signature of no members",
    ],
)
def test_no_altered_list_is_believed(shop: Shop, how: str) -> None:
    with pytest.raises(Error):
        withdrawn.parse(_mangled(shop)[how], shop.keys)


def test_an_issuer_speaks_for_its_own_certificates_only(shop: Shop) -> None:
    house = shop.house
    one, two = issuer_keys.issuers(house)
    own = house.keyring.current(one, "status")
    assert own is not None
    payload = withdrawn.statement(
        organisation=one,
        origin=house.ledger.origin,
        size=1,
        issued_at="2026-01-01T00:00:00Z",
        valid_until="2036-01-01T00:00:00Z",
        digests=[],
    )
    for organisation, purpose in ((two, "status"), (one, "credential")):
        key = house.keyring.current(organisation, purpose)
        assert key is not None
        signature = house.keyring.signer(key).sign(twoline.message(payload, withdrawn.FORMAT))
        with pytest.raises(SignatureError, match="WITHDRAWN_UNTRUSTED"):
            withdrawn.parse(withdrawn.seal(payload, signature), shop.keys)
    # And the right key would do.
    signature = house.keyring.signer(own).sign(twoline.message(payload, withdrawn.FORMAT))
    assert one in withdrawn.parse(withdrawn.seal(payload, signature), shop.keys)


def test_a_list_by_a_key_that_was_retired_is_not_believed(own_shop: Shop) -> None:
    old = own_shop.fetch("/withdrawn")
    organisation = next(issuer_keys.issuers(own_shop.house))
    key = own_shop.house.keyring.current(organisation, "status")
    assert key is not None
    issuer_keys.rotate(own_shop.house, key.id, own_shop.custodians)
    # By the older key file the new list's signer is unknown; by the newer one the old list's is retired.
    with pytest.raises(SignatureError, match="WITHDRAWN_UNTRUSTED"):
        withdrawn.parse(own_shop.fetch("/withdrawn"), own_shop.keys)
    issuer_keys.sign_key_file(own_shop.house, own_shop.custodians)
    with pytest.raises(SignatureError, match="WITHDRAWN_UNTRUSTED"):
        withdrawn.parse(old, own_shop.keys)
    assert organisation in own_shop.withdrawn


def test_the_list_finds_exactly_its_tokens() -> None:
    digests = [bytes([each]) * 8 for each in (1, 5, 9, 200)]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    listed = withdrawn.WithdrawnList("o", 1, moment, moment, b"".join(digests))
    assert all(each in listed for each in digests)
    assert not any(bytes([each]) * 8 in listed for each in range(256) if each not in {1, 5, 9, 200})
    assert b"\1" * 8 not in withdrawn.WithdrawnList("o", 1, moment, moment, b"")
