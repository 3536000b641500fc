"""What an audit knows at its end, kept in a file, so that the next one reads only what is new.

    certverify/state/v2 LF
    <SHA-256 of the rest, hex> LF
    CBOR [checkpoint, objects, roots]

The file is the auditor's own and is trusted like the checkpoint in it; keep it where you keep the policy. The
digest finds damage, not malice. `objects` are [class, fields…] of the classes below, `roots` the fields of the
audit's parts; in both, a value is itself if it is null, a boolean, an integer, a text or bytes, and a list
beginning with one of the numbers below otherwise. Objects refer to each other by number, so that they may form
rings. Nothing in the file names code: an unknown class or field makes it unreadable.
"""

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

import cbor2

from verifier.authority import Account, Key, Licence
from verifier.errors import FormatError
from verifier.merkle import CompactRange
from verifier.publickey import PublicKey
from verifier.rules.appeals import Appeal
from verifier.rules.assessment import Assessment, Decision
from verifier.rules.certificate import Certificate
from verifier.rules.cohorts import Cohort, Session
from verifier.rules.enrolment import Enrolment
from verifier.rules.exceptions import Exemption
from verifier.rules.learners import Learner, SubjectRequest
from verifier.rules.organisations import IssuerKey, Organisation
from verifier.rules.partners import Agreement, Review
from verifier.rules.printing import Stock
from verifier.rules.schemes import Programme, Scheme, Template, Version
from verifier.rules.world import Request, Thing
from verifier.seen import SeenSet
from verifier.status import Compromise

MAGIC = b"certverify/state/v2\n"

CLASSES: dict[str, type] = {
    found.__name__: found
    for found in (
        Account,
        Agreement,
        Appeal,
        Assessment,
        Certificate,
        Cohort,
        CompactRange,
        Compromise,
        Decision,
        Enrolment,
        Exemption,
        IssuerKey,
        Key,
        Learner,
        Licence,
        Organisation,
        Programme,
        Request,
        Review,
        Scheme,
        SeenSet,
        Session,
        Stock,
        SubjectRequest,
        Template,
        Thing,
        Version,
    )
}
_LIST, _TUPLE, _SET, _FROZENSET, _DICT, _BYTEARRAY, _ARRAY, _COUNTER, _OBJECT, _PUBLIC_KEY = range(10)
_PLAIN = frozenset({type(None), bool, int, str, bytes})
_SEQUENCES: dict[type, int] = {list: _LIST, tuple: _TUPLE, set: _SET, frozenset: _FROZENSET}
_MAKERS: dict[int, Callable[[list[Any]], Any]] = {
    _LIST: list,
    _TUPLE: tuple,
    _SET: set,
    _FROZENSET: frozenset,
}


def _names(cls: type) -> list[str]:
    """The fields of a class, in an order of their own."""
    if is_dataclass(cls):
        return sorted(each.name for each in fields(cls))
    return sorted({name for base in cls.__mro__ for name in getattr(base, "__slots__", ())})


_NAMES = {name: _names(cls) for name, cls in CLASSES.items()}


def dump(checkpoint: bytes, roots: dict[str, Any]) -> bytes:
    """Return the file's bytes."""
    numbers: dict[int, int] = {}
    waiting: list[Any] = []

    def plain(value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind in _SEQUENCES:
            return [_SEQUENCES[kind], *map(plain, value)]
        if kind is dict or kind is Counter:
            pairs = [part for name, item in value.items() for part in (plain(name), plain(item))]
            return [_DICT if kind is dict else _COUNTER, *pairs]
        if kind is bytearray:
            return [_BYTEARRAY, bytes(value)]
        if kind is array:
            return [_ARRAY, value.typecode, value.tobytes()]
        if kind is PublicKey:
            return [_PUBLIC_KEY, value.jwk, value.alg]
        if CLASSES.get(kind.__name__) is not kind:
            raise TypeError(f"{kind.__name__} cannot be kept")
        number = numbers.setdefault(id(value), len(numbers))
        if number == len(waiting):
            waiting.append(value)
        return [_OBJECT, number]

    top = [_DICT, *(part for name, value in roots.items() for part in (name, plain(value)))]
    objects = []
    # Grows while it is gone through: an object's fields may name further ones.
    for value in waiting:
        name = type(value).__name__
        objects.append([name, *(plain(getattr(value, field)) for field in _NAMES[name])])
    body = cbor2.dumps([checkpoint, objects, top])
    return MAGIC + sha256(body).hexdigest().encode() + b"\n" + body


def load(data: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return (checkpoint, roots). Raises FormatError STATE_INVALID."""
    head, _, body = data[len(MAGIC) :].partition(b"\n")
    if not data.startswith(MAGIC) or sha256(body).hexdigest().encode() != head:
        raise FormatError("STATE_INVALID", "not the kept state of an audit, or it is damaged")
    try:
        checkpoint, objects, top = cbor2.loads(body)
        made: list[Any] = [object.__new__(CLASSES[name]) for name, *_ in objects]

        def whole(value: Any) -> Any:
            if type(value) is not list:
                return value
            code, *rest = value
            if code in _MAKERS:
                return _MAKERS[code](list(map(whole, rest)))
            if code in {_DICT, _COUNTER}:
                pairs = zip(map(whole, rest[::2]), map(whole, rest[1::2]), strict=True)
                return dict(pairs) if code == _DICT else Counter(dict(pairs))
            if code == _BYTEARRAY:
                return bytearray(rest[0])
            if code == _ARRAY:
                return array(rest[0], rest[1])
            return PublicKey(rest[0], rest[1]) if code == _PUBLIC_KEY else made[rest[0]]

        for target, (name, *values) in zip(made, objects, strict=True):
            for field, value in zip(_NAMES[name], values, strict=True):
                object.__setattr__(target, field, whole(value))
        roots = whole(top)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, cbor2.CBORError):
        raise FormatError("STATE_INVALID", "the kept state is of another version of this program") from None
    return checkpoint, roots
