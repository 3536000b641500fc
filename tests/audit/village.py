"""A small ledger in short words: a training provider, a certification body, a facility, and those who act.

Each method writes the ordinary act with sound data; `**changes` makes it say something else. `ordinary()` is
a whole history without a fault, of which tests take a part and go on with something that may not be.
"""

from typing import Any

from tests.audit.scribe import Pen, Said, Scribe, a_fact, a_hash, an_id
from verifier.rules.shapes import LEARNER_FIELDS
from verifier.times import add_months

BLK, LSP, SITE = an_id("blk"), an_id("lsp"), an_id("site")
ZONE = "Asia/Makassar"
LOG_KEY_SEED = 1

PEOPLE: dict[str, tuple[str, str | None]] = {
    "admin": ("training_admin", BLK),
    "issuer": ("training_issuer", BLK),
    "teacher": ("instructor", BLK),
    "second teacher": ("instructor", BLK),
    "liaison": ("correctional_liaison", SITE),
    "approver": ("correctional_approver", SITE),
    "assessor": ("assessor", LSP),
    "other assessor": ("assessor", LSP),
    "supervisor": ("assessment_supervisor", LSP),
    "decider": ("certification_decider", LSP),
    "other decider": ("certification_decider", LSP),
    "body": ("competence_issuer", LSP),
    "other body": ("competence_issuer", LSP),
    "printer": ("print_operator", BLK),
    "panel": ("appeal_panel", LSP),
    "privacy": ("privacy_officer", BLK),
}
UNITS = ("U.1", "U.2")


def s(aggregate: str, name: str) -> str:
    """The stream of a named matter."""
    return f"{aggregate}/{an_id(name)}"


class Village(Scribe):
    """See the module."""

    def __init__(self, *people: str) -> None:
        """A village of these people; of all, if none are named."""
        super().__init__()
        self.people = {name: place for name, place in PEOPLE.items() if not people or name in people}
        self.decisions: dict[str, str] = {}
        self.drafts: dict[str, str] = {}
        self.attended: dict[tuple[str, int], str] = {}
        self.results: dict[tuple[str, str], str] = {}
        self.numbers: dict[str, int] = {}
        self.places = 0

    def forget(self) -> None:
        """Forget what only the next steps of a training would name."""
        self.attended.clear()
        self.results.clear()

    def by(self, who: str, *said: Said, **changes: Any) -> list[str]:
        """An act of somebody in their only role."""
        role, org = self.people.get(who, ("key_custodian", None))
        return self.act(who, changes.pop("role", role), changes.pop("org", org), *said, **changes)

    # -- founding and people ----------------------------------------------------------------------------------

    def found(self, log_key: str, **changes: Any) -> None:
        stream = s("ledger", "this")
        custodians = [
            {"alg": key.key.alg, "custody": key.custody, "jwk": key.key.jwk, "staff": key.staff}
            for key in self.root.keys
        ]
        data = {
            "origin": self.origin,
            "root_file": self.root.digest(),
            "clock": "simulated",
            "log_key": log_key,
            "custodian": custodians[0],
        }
        self.by("one", Said(stream, "ledger.founded", data | changes))
        self.by("two", Said(stream, "ledger.co_founded", {"custodian": custodians[1]}))

    def organisation(self, name: str, kind: str, **changes: Any) -> None:
        data = {
            "kind": kind,
            "public_name": None if name == "site" else f"{name.upper()} Contoh",
            "zone": ZONE,
            "name": a_fact(name),
            "licence": None,
        }
        self.by("one", Said(s("organisation", name), "organisation.registered", data | changes))

    def ask(self, who: str, stream: str, request: str, data: dict[str, Any], **changes: Any) -> str:
        """The first half of an act of two persons; returns the hash that the second names."""
        return self.by(who, Said(stream, request, data), **changes)[0]

    def register(
        self, name: str, *, same_person_as: str | None = None, first: str = "one", second: str = "two"
    ) -> None:
        stream, same = s("staff", name), an_id(same_person_as) if same_person_as else None
        asked = self.ask(
            first, stream, "staff.registration_requested", {"name": a_fact(name), "same_person_as": same}
        )
        self.by(second, Said(stream, "staff.registered", {"same_person_as": same, "request": asked}))

    def grant(
        self, name: str, role: str, org: str | None, *, first: str = "one", second: str = "two"
    ) -> None:
        stream, data = s("staff", name), {"role": role, "org": org}
        asked = self.ask(first, stream, "staff.role_grant_requested", data)
        self.by(second, Said(stream, "staff.role_granted", data | {"request": asked}))

    def enrol(
        self, name: str, pen: Pen | None = None, *, first: str = "one", second: str = "two", **changes: Any
    ) -> None:
        pen = pen or Pen(name)
        stream, key = s("staff", name), pen.enrolment(an_id(name)) | changes
        asked = self.ask(first, stream, "staff.enrolment_requested", key)
        self.by(second, Said(stream, "staff.key_enrolled", key | {"request": asked}))
        self.pens[name] = pen

    def licence(self, name: str, until: str = "2033-12-31", scope: tuple[str, ...] = ("LAS",)) -> None:
        data = {"number": a_fact(name), "scope": list(scope), "until": until}
        self.by("one", Said(s("staff", name), "staff.licence_recorded", data))

    def hire(self, name: str, role: str | None = None, org: str | None = None, **options: Any) -> None:
        """Register somebody with one role and a key."""
        if role is not None:
            self.people[name] = (role, None if org is None else str(org))
        self.register(name, **options)
        self.grant(name, *self.people[name])
        self.enrol(name)

    def everybody(self) -> None:
        for name, kind in (
            ("blk", "training_provider"),
            ("lsp", "certification_body"),
            ("site", "correctional_facility"),
        ):
            self.organisation(name, kind)
        self.everybody_hired()

    def everybody_hired(self) -> None:
        for name, (role, _) in list(self.people.items()):
            self.hire(name)
            if role == "assessor":
                self.licence(name)

    # -- what comes before a training ---------------------------------------------------------------------------

    def agreement(self, name: str = "pks", *, signed: bool = True, **changes: Any) -> None:
        data = {"number": "PKS/1", "parties": [BLK, SITE], "from": "2031-03-01", "until": "2032-02-28"}
        stream = s("agreement", name)
        self.by("admin", Said(stream, "agreement.drafted", data | changes))
        if signed:
            self.by("issuer", Said(stream, "agreement.signed", {"party": BLK}))
            self.by("approver", Said(stream, "agreement.signed", {"party": SITE}))

    def scheme(
        self,
        name: str = "las",
        version: int = 1,
        *,
        approved: bool = True,
        codes: tuple[str, ...] = UNITS,
        **changes: Any,
    ) -> None:
        data = {
            "code": "SKM/1",
            "version": version,
            "trade": "LAS",
            "title_id": "Juru Las",
            "title_en": "Welder",
            "level": 2,
            "total_jp": 16,
            "jp_minutes": 45,
            "non_unit": [],
            "provider": BLK,
            "body": LSP,
        }
        stream = s("scheme", name)
        units = [Said(stream, "scheme.unit_added", self.unit(code)) for code in codes]
        self.drafts[f"{name}@{version}"] = self.by(
            "admin", Said(stream, "scheme.drafted", data | changes), *units
        )[0]
        if approved:
            self.approve_scheme(name, version)

    @staticmethod
    def unit(code: str, **changes: Any) -> dict[str, Any]:
        unit = {"decree": "98/2018", "code": code, "title_id": f"Judul {code}", "title_en": f"Title {code}"}
        return unit | {"jp": 8, "type": "core"} | changes

    def approve_scheme(
        self, name: str = "las", version: int = 1, who: str = "issuer", **changes: Any
    ) -> None:
        data = {
            "version": version,
            "award_rule": "ALL_UNITS",
            "min_units": None,
            "validity_months": 36,
            "unit_statement": True,
            "request": self.drafts[f"{name}@{version}"],
        }
        self.by(
            who, Said(s("scheme", name), "scheme.approved", data | changes), role="training_issuer", org=BLK
        )

    def template(self, kind: str, *, approved: bool = True) -> None:
        stream, text = s("template", kind), a_hash(f"template {kind}")
        draft = {"kind": kind, "version": 1, "hash": text}
        asked = self.ask("admin", stream, "template.drafted", draft)
        if approved:
            self.by(
                "issuer", Said(stream, "template.approved", {"version": 1, "hash": text, "request": asked})
            )

    def programme(self, name: str = "welding", *, ready: bool = True, **changes: Any) -> None:
        stream = s("programme", name)
        data = {
            "facility": SITE,
            "code": "LAS-II",
            "trade": "LAS",
            "min_attendance_pct": 80,
            "minutes": None,
            "sector": None,
        }
        self.by("liaison", Said(stream, "programme.proposed", data | changes))
        need = {"source": a_fact("source"), "occupation": a_fact("occupation"), "demand": 9}
        self.by("admin", Said(stream, "programme.need_recorded", need))
        self.by("admin", Said(stream, "programme.instructors_offered", {"instructors": [an_id("teacher")]}))
        if ready:
            self.by("admin", Said(stream, "programme.scheme_adopted", {"scheme": an_id("las"), "version": 1}))

    def review(
        self, name: str = "review", *, passed: bool = True, until: str | None = "2031-09-01", **changes: Any
    ) -> None:
        stream = s("facility_review", name)
        self.by("liaison", Said(stream, "facility_review.started", {"site": SITE, "provider": BLK}))
        item = {"item": "FAC-1", "value": None, "passed": passed, "critical": True, "due": None}
        self.by("liaison", Said(stream, "facility_review.item_assessed", item))
        said = {"outcome": "READY" if passed else "NOT_READY", "valid_until": until} | changes
        self.by("liaison", Said(stream, "facility_review.concluded", {"org": SITE} | said))
        self.by("admin", Said(stream, "facility_review.concluded", {"org": BLK} | said))

    # -- training ---------------------------------------------------------------------------------------------

    def plan(self, name: str = "cohort", **changes: Any) -> None:
        data = {
            "programme": an_id("welding"),
            "scheme": an_id("las"),
            "version": 1,
            "agreement": an_id("pks"),
            "site": SITE,
            "provider": BLK,
            "body": LSP,
            "capacity": 3,
            "start": "2031-03-10",
            "end": "2031-03-14",
            "jp_per_day": 8,
            "threshold": 80,
        }
        self.by("admin", Said(s("cohort", name), "cohort.planned", data | changes))
        self.by(
            "admin", Said(s("cohort", name), "cohort.instructor_assigned", {"instructor": an_id("teacher")})
        )

    def sessions(self, name: str = "cohort", days: tuple[str, ...] = ("2031-03-10", "2031-03-11")) -> None:
        stream = s("cohort", name)
        said = [
            Said(stream, "cohort.session_scheduled", {"session": number, "date": day, "jp": 8})
            for number, day in enumerate(days, 1)
        ]
        self.by("admin", *said)

    def cohort(self, name: str, event: str, who: str = "admin", **data: Any) -> None:
        self.by(who, Said(s("cohort", name), f"cohort.{event}", data))

    def learner(self, name: str, **changes: Any) -> None:
        data = {each: a_fact(f"{name} {each}") for each in LEARNER_FIELDS}
        self.by("admin", Said(s("learner", name), "learner.registered", data | changes))

    def apply(
        self, name: str, cohort: str = "cohort", *, enrolment: str | None = None, **changes: Any
    ) -> None:
        data = {"learner": an_id(name), "cohort": an_id(cohort)}
        self.by("admin", Said(s("enrolment", enrolment or name), "enrolment.applied", data | changes))

    def enrolment(self, name: str, event: str, who: str = "admin", **data: Any) -> str:
        return self.by(who, Said(s("enrolment", name), f"enrolment.{event}", data))[0]

    def seat(self, name: str, number: int) -> None:
        """Select, give notice, confirm."""
        self.enrolment(name, "selected", who="approver")
        self.enrolment(name, "notice_acknowledged", version="1")
        self.enrolment(name, "confirmed", seat=number)

    def attend(self, name: str, session: int = 1, jp: int = 8, who: str = "teacher") -> None:
        self.attended[name, session] = self.enrolment(
            name, "attendance_recorded", who, session=session, jp=jp
        )

    def complete(self, name: str, jp: int = 16, **changes: Any) -> None:
        self.enrolment(
            name, "completed", **({"jp": jp, "total_jp": 16, "percent_x10": jp * 1000 // 16} | changes)
        )

    # -- assessing ----------------------------------------------------------------------------------------------

    def admit(self, name: str, *, learner: str | None = None, **changes: Any) -> None:
        data = {
            "learner": an_id(learner or name),
            "enrolment": an_id(learner or name),
            "scheme": an_id("las"),
            "version": 1,
            "units": list(UNITS),
            "carried": {},
            "attempt": 1,
            "previous": None,
            "renews": False,
        }
        self.by("supervisor", Said(s("assessment", name), "assessment.admitted", data | changes))

    def assessment(self, name: str, event: str, who: str = "assessor", **data: Any) -> str:
        return self.by(who, Said(s("assessment", name), f"assessment.{event}", data))[0]

    def assign(self, name: str, assessor: str = "assessor") -> None:
        self.assessment(name, "assessor_assigned", "supervisor", assessor=an_id(assessor))

    def evidence(self, name: str, number: int = 1, who: str = "assessor") -> None:
        data = {"evidence": number, "kind": "PRODUCT", "document": a_fact(f"{name} {number}")}
        self.assessment(name, "evidence_registered", who, **data)

    def result(self, name: str, unit: str, result: str = "K", who: str = "assessor", **changes: Any) -> None:
        data = {"unit": unit, "result": result, "evidence": [1]} | changes
        self.results[name, unit] = self.assessment(name, "unit_result_recorded", who, **data)

    def decide(
        self, name: str, results: dict[str, str] | None = None, who: str = "decider", **changes: Any
    ) -> None:
        results = results or dict.fromkeys(UNITS, "K")
        award = all(results.get(unit) == "K" for unit in UNITS)
        data = {"results": results, "panel": [an_id(who)], "plenary": "1", "award": award} | changes
        self.decisions[name] = self.assessment(name, "decided", who, **data)

    def assess(self, name: str, second: str = "K", **options: Any) -> None:
        """A whole attempt up to the recommendation."""
        self.admit(name, **options)
        self.assign(name)
        self.evidence(name)
        self.result(name, "U.1")
        self.result(name, "U.2", second)
        self.assessment(name, "recommended", results={"U.1": "K", "U.2": second})

    # -- certificates -------------------------------------------------------------------------------------------

    def prepared(self, name: str, kind: str, listed: tuple[str, ...] = UNITS, **changes: Any) -> Said:
        data = {
            "kind": kind,
            "scheme_code": "SKM/1",
            "programme_code": "LAS-II",
            "title_id": "Juru Las",
            "title_en": "Welder",
            "level": 2,
            "units": [
                {key: self.unit(code)[key] for key in ("decree", "code", "title_id", "title_en")}
                for code in listed
            ]
            if kind != "TRAINING"
            else [],
            "jp": 16 if kind == "TRAINING" else None,
            "template": an_id(kind),
            "template_version": 1,
            "template_hash": a_hash(f"template {kind}"),
        }
        return Said(s("certificate", name), "certificate.prepared", data | changes)

    def issued(self, name: str, kind: str, link: dict[str, str], **changes: Any) -> Said:
        org = BLK if kind == "TRAINING" else LSP
        day = self.time[:10]
        series = f"{kind}/{org}/{day[:4]}"
        self.numbers[series] = self.numbers.get(series, 0) + 1
        self.places += 1
        replaces = changes.get("replaces")
        value = {"kind": kind, **link} | ({"replaces": replaces} if replaces else {})
        data = {
            "number": f"{self.numbers[series]:05}/{kind[0]}/{day[:4]}",
            "seq": self.numbers[series],
            "series": series,
            "issued_on": day,
            "valid_until": add_months(day, 36) if kind == "COMPETENCE" else None,
            "zone": ZONE,
            "list": 1,
            "index": self.places,
            "holder": a_fact(f"{name} holder"),
            "code": a_fact(f"{name} code"),
            "provenance": self.link(an_id(name), 2, value),
            "replaces": None,
        }
        return Said(s("certificate", name), "certificate.issued", data | changes)

    def training_link(self, learner: str) -> dict[str, str]:
        return {"learner": an_id(learner), "enrolment": an_id(learner)}

    def decision_link(self, assessment: str, learner: str | None = None) -> dict[str, str]:
        return {
            "learner": an_id(learner or assessment),
            "assessment": an_id(assessment),
            "decision": self.decisions.get(assessment, a_hash("no decision")),
        }

    def certify(
        self,
        name: str,
        kind: str,
        link: dict[str, str],
        *,
        who: str | None = None,
        units: tuple[str, ...] = UNITS,
        prepared: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        who = who or ("issuer" if kind == "TRAINING" else "body")
        said = [
            self.prepared(name, kind, units, **(prepared or {})),
            self.issued(name, kind, link, **changes),
        ]
        self.by(who, *said)

    def certificate(self, name: str, event: str, who: str = "body", **data: Any) -> str:
        return self.by(who, Said(s("certificate", name), f"certificate.{event}", data))[0]

    def revoke(self, name: str, first: str = "supervisor", second: str = "body") -> None:
        asked = self.certificate(name, "revocation_requested", first, reason="ISSUED_IN_ERROR")
        self.certificate(name, "revoked", second, reason="ISSUED_IN_ERROR", request=asked)

    def blanks(self, name: str = "delivery", serials: tuple[str, ...] = ("0000001", "0000002")) -> None:
        self.by(
            "printer", Said(s("blank_stock", name), "blank_stock.stock_received", {"serials": list(serials)})
        )

    def print(self, certificate: str, copy: int = 1, serial: str = "0000001", **changes: Any) -> None:
        name = f"{certificate} copy {copy}"
        data = {
            "certificate": an_id(certificate),
            "copy": copy,
            "reason": "ORIGINAL" if copy == 1 else "LOST",
            "stock": an_id("delivery"),
            "serial": serial,
            "previous_accounted": copy > 1,
        }
        form = {"serial": serial, "copy": an_id(name)}
        self.by(
            "printer",
            Said(s("blank_stock", "delivery"), "blank_stock.allocated", form),
            Said(s("print_copy", name), "print_copy.copy_printed", data | changes),
        )

    # -- whole stretches ----------------------------------------------------------------------------------------

    def until_planned(self, log_key: str) -> None:
        """From the founding to everything that a cohort needs."""
        self.set_day("2031-03-03")
        self.found(log_key)
        self.everybody()
        self.set_day("2031-03-04")
        self.agreement()
        self.scheme()
        for kind in ("TRAINING", "COMPETENCE", "UNIT_STATEMENT"):
            self.template(kind)
        self.programme()
        self.review()

    def until_trained(self, *names: str) -> None:
        """A cohort in which these learners attend both sessions and complete."""
        self.set_day("2031-03-05")
        self.plan()
        self.sessions()
        self.cohort("cohort", "enrolment_opened")
        for number, name in enumerate(names, 1):
            self.learner(name)
            self.apply(name)
            self.seat(name, number)
        self.set_day("2031-03-10")
        self.cohort("cohort", "started")
        for session, day in ((1, "2031-03-10"), (2, "2031-03-11")):
            self.set_day(day, 9)
            self.cohort("cohort", "session_held", "teacher", session=session, instructor=an_id("teacher"))
            for name in names:
                self.attend(name, session)
        self.set_day("2031-03-14")
        for name in names:
            self.complete(name)

    def until_decided(self, *names: str) -> None:
        """Each is assessed and decided, K in both units."""
        self.set_day("2031-03-17")
        for name in names:
            self.assess(name)
        self.set_day("2031-03-18")
        for name in names:
            self.decide(name)


def ordinary(log_key: str) -> Village:
    """A history without a fault, of more than one tile: three learners, five certificates, what may happen to them."""
    v = Village()
    v.until_planned(log_key)
    v.until_trained("ana", "budi", "citra")
    v.until_decided("ana", "budi")
    v.set_day("2031-03-20")
    for name in ("ana", "budi", "citra"):
        v.certify(f"{name} t", "TRAINING", v.training_link(name))
    for name in ("ana", "budi"):
        v.certify(f"{name} c", "COMPETENCE", v.decision_link(name))
    v.blanks()
    v.print("ana t")
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    v.certificate("ana c", "reinstated")
    v.revoke("budi c")
    for number in range(80):
        v.learner(f"learner {number}")
    return v
