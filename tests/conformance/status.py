"""Bitstring Status List 1.0: what entries and lists must look like, and what a list says of an entry.

Lists are packed and unpacked by `verifier.statuslist`. A status message of more than one bit is read, but only a value
of zero stands.
"""

import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.contexts import URL
from tests.conformance.problem import (
    STATUS_MALFORMED,
    STATUS_RANGE,
    STATUS_VERIFICATION,
    ProblemError,
    as_problem,
)
from verifier import statuslist

_INDEX = re.compile("0|[1-9][0-9]*")
_HEX = re.compile("0x[0-9a-fA-F]+")
_SIZE_LIMIT = 8


def check_entry(entry: Mapping[str, Any]) -> None:
    """Check a BitstringStatusListEntry. Raises ProblemError."""
    listed = entry.get("statusListCredential")
    if type(entry.get("statusPurpose")) is not str:
        raise _malformed("statusPurpose is not a string")
    index = entry.get("statusListIndex")
    if type(index) is not str or not _INDEX.fullmatch(index):
        raise _malformed("statusListIndex is not a whole number in decimal, as a string")
    if type(listed) is not str or not URL.fullmatch(listed):
        raise _malformed("statusListCredential is not a URL")
    if entry.get("id") == listed:
        raise _malformed("its id is the URL of the list")
    _check_messages(entry)
    references = entry.get("statusReference", [])
    for reference in references if type(references) is list else [references]:
        if type(reference) is not str or not URL.fullmatch(reference):
            raise _malformed("statusReference is not one or more URLs")


def check_list(credential: Mapping[str, Any]) -> bytes:
    """Check a BitstringStatusListCredential and return its bits. Raises ProblemError."""
    subject = credential.get("credentialSubject")
    if type(subject) is not dict or subject.get("type") != "BitstringStatusList":
        raise _malformed("the list's credentialSubject is no BitstringStatusList")
    purposes = subject.get("statusPurpose")
    purposes = purposes if type(purposes) is list else [purposes]
    if not purposes or any(type(purpose) is not str for purpose in purposes):
        raise _malformed("the list's statusPurpose is not one or more strings")
    if type(subject.get("encodedList")) is not str:
        raise _malformed("the list has no encodedList")
    with as_problem(STATUS_MALFORMED):
        return statuslist.decode(subject["encodedList"])


def check_status(entry: Mapping[str, Any], listed: Mapping[str, Any]) -> None:
    """Check what a verified list says of an entry. Raises ProblemError unless the status is zero."""
    types = listed.get("type")
    if type(types) is not list or "BitstringStatusListCredential" not in types:
        raise ProblemError(STATUS_VERIFICATION, "what statusListCredential names is no status list")
    bits = check_list(listed)
    purposes = listed["credentialSubject"]["statusPurpose"]
    purpose = entry["statusPurpose"]
    if purpose not in (purposes if type(purposes) is list else [purposes]):
        raise ProblemError(STATUS_VERIFICATION, f"the list does not tell of {purpose}")
    size = entry.get("statusSize", 1)
    first = int(entry["statusListIndex"]) * size
    if first + size > 8 * len(bits):
        raise ProblemError(STATUS_RANGE, "statusListIndex is beyond the list's end")
    if any(bits[place >> 3] & 0x80 >> (place & 7) for place in range(first, first + size)):
        raise ProblemError(STATUS_VERIFICATION, f"the status is set: {purpose}")


def _check_messages(entry: Mapping[str, Any]) -> None:
    size, messages = entry.get("statusSize", 1), entry.get("statusMessage")
    if type(size) is not int or not 1 <= size <= _SIZE_LIMIT:
        raise _malformed(f"statusSize is not a whole number from 1 to {_SIZE_LIMIT}")
    if messages is None and size == 1:
        return
    if type(messages) is not list or len(messages) != 2**size:
        raise _malformed("statusMessage has not one message for each value")
    for message in messages:
        given = message if type(message) is dict else {}
        value = given.get("status")
        if type(value) is not str or not _HEX.fullmatch(value) or type(given.get("message")) is not str:
            raise _malformed("statusMessage has an item without a status in hexadecimal and a message")


def _malformed(why: str) -> ProblemError:
    return ProblemError(STATUS_MALFORMED, f"the status is malformed: {why}")
