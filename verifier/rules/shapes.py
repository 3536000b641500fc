"""What the data of each type of event looks like: exactly these members, each of this kind.

A type that is not listed is of a newer version or made up; data of another shape is not looked at further.
That an event has no other member is also what keeps personal data out of the log: what is personal is a
commitment (`fact`), everything else an id, a code, a number, a day or a text about no person.

Kinds: `id`, `text`, `int` (not negative), `bool`, `day`, `time`, `hash`, `fact`, `thumb` (a key's name),
`object`; `?` after it admits null, `[]` makes it a list. A member in brackets may be absent. Special ones are named
below.
"""

import re
from collections.abc import Callable
from typing import Any

from verifier import times
from verifier.errors import FormatError
from verifier.grammar import ID, check_time

TEXT_LIMIT = 1000

_ID = re.compile(ID)
_SUBJECT = re.compile(f"(?:learner|certificate)/{ID}")
_HASH = re.compile(r"[0-9a-f]{64}")
_THUMB = re.compile(r"[A-Za-z0-9_-]{43}")
_UNIT = {"decree", "code", "title_id", "title_en"}
RESULTS = frozenset({"K", "BK"})
KINDS = ("TRAINING", "COMPETENCE", "UNIT_STATEMENT")

LEARNER_FIELDS = [
    "full_name",
    "sex",
    "birth_date",
    "birth_place",
    "last_education",
    "nationality",
    "passport",
    "alt_identity",
    "photo_ref",
    "nik_status",
    "facility",
    "register_no",
]

_CORRECTABLE = (*LEARNER_FIELDS, "nik")  # a tuple, since what is looked for may be of any type

_KEY = "thumbprint:thumb jwk:object alg:text custody:text possession:object"
_ISSUER_KEY = "organisation:id purpose:text alg:text jwk:object thumbprint:thumb kid:int? kind:text?"

SHAPES: dict[str, str] = {
    "ledger.founded": "origin:text root_file:hash clock:text log_key:text custodian:object [predecessor:predecessor]",
    "ledger.co_founded": "custodian:object",
    "ledger.rotation_requested": "log_key:text",
    "ledger.log_key_rotated": "log_key:text request:hash",
    "ledger.succession_requested": "origin:text size:int root:hash restored:int",
    "ledger.succeeded": "origin:text size:int root:hash restored:int request:hash",
    "organisation.registered": "kind:text public_name:text? zone:text name:fact licence:text?",
    "organisation.renamed": "public_name:text? name:fact",
    "organisation.closed": "",
    "issuer_key.enrolment_requested": _ISSUER_KEY,
    "issuer_key.enrolled": f"{_ISSUER_KEY} request:hash",
    "issuer_key.retired": "",
    "issuer_key.compromise_requested": "from_size:int",
    "issuer_key.compromised": "from_size:int request:hash",
    "staff.registration_requested": "name:fact same_person_as:id?",
    "staff.registered": "same_person_as:id? request:hash",
    "staff.role_grant_requested": "role:text org:id?",
    "staff.role_granted": "role:text org:id? request:hash",
    "staff.role_revoked": "role:text org:id?",
    "staff.licence_recorded": "number:fact scope:text[] until:day",
    "staff.enrolment_requested": _KEY,
    "staff.key_enrolled": f"{_KEY} request:hash",
    "staff.key_rotated": f"{_KEY} retires:thumb",
    "staff.key_retired": "key:thumb",
    "staff.compromise_requested": "key:thumb from_size:int",
    "staff.key_compromised": "key:thumb from_size:int request:hash",
    "agreement.drafted": "number:text parties:id[] from:day until:day",
    "agreement.signed": "party:id",
    "agreement.amended": "until:day",
    "agreement.terminated": "on:day",
    "programme.proposed": "facility:id? code:text trade:text min_attendance_pct:int minutes:hash? "
    "sector:fact?",
    "programme.need_recorded": "source:fact occupation:fact demand:int",
    "programme.instructors_offered": "instructors:id[]",
    "programme.scheme_adopted": "scheme:id version:int",
    "programme.tagged": "tags:text[]",
    "programme.ended": "",
    "scheme.drafted": "code:text version:int trade:text title_id:text title_en:text level:int total_jp:int "
    "jp_minutes:int non_unit:hours provider:id body:id",
    "scheme.unit_added": "decree:text code:text title_id:text title_en:text jp:int type:text",
    "scheme.approved": "version:int award_rule:text min_units:int? validity_months:int "
    "unit_statement:bool request:hash",
    "scheme.retired": "version:int",
    "template.drafted": "kind:certificate version:int hash:hash",
    "template.approved": "version:int hash:hash request:hash",
    "template.retired": "version:int",
    "facility_review.started": "site:id provider:id",
    "facility_review.item_assessed": "item:text value:text? passed:bool critical:bool due:day?",
    "facility_review.concluded": "org:id? outcome:text valid_until:day?",
    "facility_review.reopened": "",
    "cohort.planned": "programme:id scheme:id version:int agreement:id? site:id provider:id body:id "
    "capacity:int "
    "start:day end:day jp_per_day:int threshold:int",
    "cohort.instructor_assigned": "instructor:id",
    "cohort.session_scheduled": "session:int date:day jp:int",
    "cohort.enrolment_opened": "",
    "cohort.started": "",
    "cohort.session_held": "session:int instructor:id",
    "cohort.session_cancelled": "session:int",
    "cohort.rescheduled": "start:day end:day",
    "cohort.cancelled": "reason:text displaced:id[]",
    "cohort.closed": "",
    "learner.registered": " ".join(f"{field}:fact" for field in LEARNER_FIELDS),
    "learner.nik_recorded": "nik:fact",
    "learner.identity_evidence_recorded": "kind:text document:fact",
    "learner.correction_requested": "requested",
    "learner.identity_corrected": "corrected",
    "learner.merge_requested": "into:id",
    "learner.merged": "into:id request:hash",
    "learner.merge_reversed": "",
    "enrolment.applied": "learner:id cohort:id",
    "enrolment.selected": "",
    "enrolment.rejected": "code:text",
    "enrolment.notice_acknowledged": "version:text",
    "enrolment.confirmed": "seat:int",
    "enrolment.attendance_recorded": "session:int jp:int",
    "enrolment.attendance_corrected": "cohort:id session:int jp:int corrects:hash",
    "enrolment.unit_credit_recognised": "unit:text jp:int evidence:fact",
    "enrolment.delivery_context_changed": "context:fact continues_at:fact",
    "enrolment.moved": "to:id seat:int?",
    "enrolment.transferred_out": "to:fact reason:text",
    "enrolment.resumed": "cohort:id seat:int",
    "enrolment.withdrawn": "reason:text",
    "enrolment.completed": "jp:int total_jp:int percent_x10:int",
    "enrolment.closed": "reason:text",
    "assessment.admitted": "learner:id enrolment:id? scheme:id version:int units:text[] "
    "carried:results attempt:int "
    "previous:id? renews:bool",
    "assessment.assessor_assigned": "assessor:id",
    "assessment.conflict_declared": "",
    "assessment.assessor_replaced": "assessor:id",
    "assessment.evidence_registered": "evidence:int kind:text document:fact",
    "assessment.unit_result_recorded": "unit:text result:result evidence:int[]",
    "assessment.no_show_recorded": "",
    "assessment.recommended": "results:results",
    "assessment.unit_result_corrected": "unit:text result:result corrects:hash?",
    "assessment.decided": "results:results panel:id[] plenary:text? award:bool",
    "assessment.reopened": "appeal:id unit:text result:result",
    "assessment.reassessment_ordered": "units:text[] appeal:id?",
    "appeal.filed": "assessment:id decision:hash ground:text",
    "appeal.accepted": "",
    "appeal.panel_assigned": "panel:id[]",
    "appeal.heard": "",
    "appeal.upheld": "remedy:text unit:text? result:result?",
    "appeal.rejected": "",
    "appeal.withdrawn": "",
    "certificate.prepared": "kind:certificate scheme_code:text programme_code:text title_id:text "
    "title_en:text "
    "level:int? units:units jp:int? template:id template_version:int template_hash:hash",
    "certificate.issued": "number:text seq:int? series:text? issued_on:day valid_until:day? zone:text "
    "list:int "
    "index:int holder:fact code:fact provenance:fact replaces:id?",
    "certificate.suspended": "reason:text",
    "certificate.reinstated": "",
    "certificate.revocation_requested": "reason:text",
    "certificate.revoked": "reason:text request:hash",
    "certificate.superseded": "by:id reason:text",
    "certificate.renewed": "by:id",
    "certificate.countersigned": "by:id",
    "certificate.marked_erased": "",
    "blank_stock.stock_received": "serials:text[]",
    "blank_stock.allocated": "serial:text copy:id",
    "blank_stock.spoiled": "serial:text",
    "blank_stock.returned": "serial:text",
    "print_copy.copy_printed": "certificate:id copy:int reason:text stock:id serial:text "
    "previous_accounted:bool",
    "print_copy.handed_over": "",
    "impartiality_exception.requested": "rule:text scope:id[] risk:text until:time",
    "impartiality_exception.approved": "request:hash",
    "impartiality_exception.ended": "",
    "outcome.recorded": "learner:id outcome:fact consent:bool",
    "subject_request.received": "subject:subject kind:text due:time",
    "subject_request.verified": "",
    "subject_request.hold_placed": "reason:text",
    "subject_request.hold_lifted": "",
    "subject_request.destruction_requested": "classes:text[]",
    "subject_request.data_destroyed": "class:text subject:subject request:hash",
    "subject_request.fulfilled": "",
    "subject_request.refused": "reason:text",
}

Check = Callable[[Any], bool]


def fits(event_type: str, data: dict[str, Any]) -> str | None:
    """Return None if the data of this (listed) type has its shape, else what is wrong with it."""
    members, checks, special = _COMPILED[event_type]
    if special is not None:
        return None if special(data) else "the members do not belong together"
    if data.keys() != members:
        more = _MAY_HAVE[event_type]
        odd = sorted((data.keys() ^ members) - more.keys())
        if odd:
            return f"members are missing or unknown: {', '.join(odd)[:200]}"
        checks = (*checks, *((name, more[name]) for name in data.keys() - members))
    for name, check in checks:
        if not check(data[name]):
            return f"the member {name} is not what it should be"
    return None


def is_fact(value: Any) -> bool:
    """Tell whether this is a commitment to a personal fact."""
    return type(value) is dict and value.keys() == {"commitment"} and _is_hash(value["commitment"])


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= TEXT_LIMIT


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_bool(value: Any) -> bool:
    return type(value) is bool


def _is_time(value: Any) -> bool:
    try:
        check_time(value)
    except FormatError:
        return False
    return True


def _is_object(value: Any) -> bool:
    return type(value) is dict


def _is_result(value: Any) -> bool:
    return type(value) is str and value in RESULTS


def _is_results(value: Any) -> bool:
    return type(value) is dict and all(map(_is_result, value.values()))


def _is_kind(value: Any) -> bool:
    return value in KINDS


def _is_units(value: Any) -> bool:
    return type(value) is list and all(
        type(unit) is dict and unit.keys() == _UNIT and all(map(_is_text, unit.values())) for unit in value
    )


def _is_hours(value: Any) -> bool:
    return type(value) is list and all(
        type(extra) is dict
        and extra.keys() == {"title_id", "title_en", "jp"}
        and _is_text(extra["title_id"])
        and _is_text(extra["title_en"])
        and _is_count(extra["jp"])
        for extra in value
    )


def _is_predecessor(value: Any) -> bool:
    return type(value) is dict and fits("ledger.succession_requested", value) is None


_is_id, _is_hash, _is_thumb = _matches(_ID), _matches(_HASH), _matches(_THUMB)
_is_subject = _matches(_SUBJECT)


def _is_requested(data: dict[str, Any]) -> bool:
    field = data.get("field")
    return (
        field in _CORRECTABLE
        and data.keys() == {"field", f"requested_{field}"}
        and is_fact(data[f"requested_{field}"])
    )


def _is_corrected(data: dict[str, Any]) -> bool:
    field = data.get("field")
    return (
        field in _CORRECTABLE
        and data.keys() == {"field", field, "request"}
        and is_fact(data[field])
        and _is_hash(data["request"])
    )


_CHECKS: dict[str, Check] = {
    "id": _is_id,
    "text": _is_text,
    "int": _is_count,
    "bool": _is_bool,
    "day": times.is_day,
    "time": _is_time,
    "hash": _is_hash,
    "fact": is_fact,
    "thumb": _is_thumb,
    "object": _is_object,
    "result": _is_result,
    "results": _is_results,
    "certificate": _is_kind,
    "units": _is_units,
    "hours": _is_hours,
    "subject": _is_subject,
    "predecessor": _is_predecessor,
}
_SPECIAL = {"requested": _is_requested, "corrected": _is_corrected}


def _compile(kind: str) -> Check:
    if kind.endswith("?"):
        optional = _CHECKS[kind[:-1]]
        return lambda value: value is None or optional(value)
    if kind.endswith("[]"):
        each = _CHECKS[kind[:-2]]
        return lambda value: type(value) is list and all(map(each, value))
    return _CHECKS[kind]


def _members(shape: str) -> tuple[frozenset[str], tuple[tuple[str, Check], ...], Check | None]:
    """Return (names, checks by name, the check of the whole instead)."""
    special = _SPECIAL.get(shape)
    if special is not None:
        return frozenset(), (), special
    checks = tuple(
        (name, _compile(kind))
        for name, _, kind in (member.partition(":") for member in shape.split() if member[0] != "[")
    )
    return frozenset(name for name, _ in checks), checks, None


_COMPILED = {event_type: _members(shape) for event_type, shape in SHAPES.items()}
_MAY_HAVE: dict[str, dict[str, Check]] = {
    event_type: {
        name: _compile(kind)
        for name, _, kind in (member[1:-1].partition(":") for member in shape.split() if member[0] == "[")
    }
    for event_type, shape in SHAPES.items()
}
