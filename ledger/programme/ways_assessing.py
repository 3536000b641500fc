"""Ways of acts over assessments and appeals, with what prepares them."""

from __future__ import annotations

from typing import Any

from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import (
    Appealing,
    AppealOutcome,
    Assessor,
    Decision,
    Panel,
    Reassessment,
    Renewal,
    Results,
    UnitCorrection,
)
from ledger.programme.planner import Planner
from ledger.programme.state import Appeal, Attempt, Course
from ledger.programme.step import reference

EVIDENCE = "ASSESSMENT_RECORD"
_ASSIGNING = ("SOD_", "ASSESSOR_")
"""Codes with which naming an assessor is refused."""


def admit(p: Planner, act: Act) -> None:
    """The first attempt, at all units."""
    person = p.person(act)
    label = f"assessment:{person.id}:{len(person.attempts) + 1}"
    p.main(act, "AdmitToAssessment", {"enrolment": p.enrolment(act)}, as_=label)
    if act.trial is None:
        person.attempts.append(Attempt(label, p.course(act).programme.unit_codes, {}))


def assign(p: Planner, act: Act) -> None:
    """Who assesses the newest attempt."""
    assessor = act.as_(Assessor).assessor
    if act.command == "AssignAssessor" and p.person(act).attempts:
        _next_attempt(p, act)
    p.main(act, act.command, {"assessment": p.assessment(act), "assessor": p.ref("staff", assessor)})
    if act.trial is None:
        attempt = p.attempt(act)
        attempt.assessor, attempt.stage = assessor, "assigned"


def record_result(p: Planner, act: Act) -> None:
    """One unit's result."""
    args = act.as_(Results)
    evidence = (
        _evidence(p, act, args.unit)
        if args.evidence is None
        else [_document(p, act, item) for item in args.evidence]
    )
    results = [{"unit": plain(args.unit), "result": args.result, "evidence": evidence}]
    p.main(act, "RecordUnitResult", {"assessment": p.assessment(act), "results": results})
    if act.trial is None:
        attempt = p.attempt(act)
        attempt.results[args.unit], attempt.stage = args.result, "recorded"


def record_results(p: Planner, act: Act, by: str, results: dict[str, str]) -> None:
    """The results of several units at once."""
    rows = [
        {"unit": unit, "result": result, "evidence": _evidence(p, act, unit)}
        for unit, result in results.items()
    ]
    p.main(act, "RecordUnitResult", {"assessment": p.assessment(act), "results": rows}, by=by)
    if act.trial is None:
        attempt = p.attempt(act)
        attempt.results.update(results)
        attempt.stage = "recorded"


def recommend(p: Planner, act: Act) -> None:
    """The assessor's recommendation."""
    p.main(act, "Recommend", {"assessment": p.assessment(act)})
    if act.trial is None:
        p.attempt(act).stage = "recommended"


def no_show(p: Planner, act: Act) -> None:
    """The candidate did not come."""
    p.main(act, "RecordNoShow", {"assessment": p.assessment(act)})
    if act.trial is None:
        p.attempt(act).stage = "absent"


def decide(p: Planner, act: Act) -> None:
    """The decision on the newest attempt; on the ordinary way the cohort's other deciders sit with who gives it."""
    args = act.as_(Decision)
    given: dict[str, Any] = {"assessment": p.assessment(act), "units": plain(args.units)}
    if act.raw is None:
        deciders, involved = p.course(act).cohort.deciders or [], p.involved(p.person(act))
        given["panel"] = [
            p.ref("staff", each) for each in deciders if each != act.by and p.cast.human(each) not in involved
        ]
    if args.plenary is not None:
        given["plenary"] = plain(args.plenary)
    p.main(act, "RecordCertificationDecision", given)
    if act.trial is None:
        p.attempt(act).stage = "decided"


def correct_result(p: Planner, act: Act) -> None:
    """A result that was recorded by mistake."""
    args = act.as_(UnitCorrection)
    given = {"assessment": p.assessment(act), "unit": plain(args.unit), "result": args.result}
    p.main(act, "CorrectUnitResult", given)
    if act.trial is None:
        _changed(p.attempt(act), args.unit, args.result)


def view(p: Planner, act: Act) -> None:
    """Look at the results."""
    p.main(act, "ViewUnitResults", {"assessment": p.assessment(act)})


def reassess(p: Planner, act: Act) -> None:
    """The next attempt, by the one who gives the step: admission, assessor, results, recommendation.

    The attempt is about all units that are not yet competent; those that the step does not name stay BK.
    """
    args = act.as_(Reassessment)
    given = _all_k(args.results, len(args.units))
    if len(given) != len(set(args.units)):
        p.refuse(act, "units and results are not as many")
    _next_attempt(p, act)
    results = dict(zip(args.units, given, strict=True))
    if act.trial is None:
        units = p.attempt(act).units
        if not set(results) <= set(units):
            p.refuse(act, "a unit is named that is competent already or not in the scheme")
        results = {unit: results.get(unit, "BK") for unit in units}
    _assess(p, act, _supervisor(p, act), results)


def _next_attempt(p: Planner, act: Act) -> None:
    """Admit to the next attempt, when the newest one is decided or was missed."""
    person, last = p.person(act), p.attempt(act)
    if last.stage not in {"decided", "absent"}:
        return
    label = f"assessment:{person.id}:{len(person.attempts) + 1}"
    given = {"assessment": reference(last.label, "assessment")}
    p.give(_supervisor(p, act), "AdmitToReassessment", given, place=act.place, as_=label)
    open_units = tuple(unit for unit in last.units if last.results.get(unit) == "BK")
    units = last.units if last.stage == "absent" else last.ordered or open_units
    carried = {unit: result for unit, result in last.results.items() if unit not in units}
    person.attempts.append(Attempt(label, units, carried, renews=last.renews))


def assess_for_renewal(p: Planner, act: Act) -> None:
    """An assessment for renewal of all units: admission, assessor, results, recommendation."""
    args, person = act.as_(Renewal), p.person(act)
    units = p.course(act).programme.unit_codes
    results = _all_k(args.results, len(units))
    if len(results) != len(units):
        p.refuse(act, f"the scheme has {len(units)} units, {len(results)} results are given")
    supervisor = _supervisor(p, act)
    last = person.attempt
    if last is None or not last.renews or last.stage in {"decided", "absent"}:
        label = f"assessment:{person.id}:{len(person.attempts) + 1}"
        given = {"certificate": p.certificate(act, args.kind), "learner": p.ref("person", person.id)}
        p.give(supervisor, "AdmitForRenewal", given, place=act.place, as_=label)
        person.attempts.append(Attempt(label, units, {}, renews=True))
    _assess(p, act, supervisor, dict(zip(units, results, strict=True)))


def _assess(p: Planner, act: Act, supervisor: str, results: dict[str, str]) -> None:
    """Assessor, results and recommendation of the newest attempt, by the one who gives the act."""
    attempt = p.attempt(act)
    given = {"assessment": p.assessment(act), "assessor": p.ref("staff", act.by)}
    naming = act.trial is not None and act.trial.expect_error.startswith(_ASSIGNING)
    if attempt.assessor is None and (naming or act.trial is None):
        p.main(act, "AssignAssessor", given, by=supervisor)
        if naming:
            return
        attempt.assessor = act.by
    record_results(p, act, act.by, results)
    if act.trial is None:
        recommend(p, act)


def file_appeal(p: Planner, act: Act) -> None:
    """Contest the newest decision."""
    person = p.person(act)
    ground = act.as_(Appealing).ground or p.file.reason_codes.appeal_ground[0]
    label = f"appeal:{person.id}:{len(person.appeals) + 1}"
    p.main(act, "FileAppeal", {"assessment": p.assessment(act), "ground": plain(ground)}, as_=label)
    if act.trial is None:
        person.appeals.append(Appeal(label))


def assign_panel(p: Planner, act: Act) -> None:
    """Name the panel, once the appeal is accepted."""
    appeal, panel = _appeal(p, act), act.as_(Panel).panel
    if appeal is not None and appeal.stage == "filed":
        given = {"appeal": reference(appeal.label, "appeal")}
        p.give(_supervisor(p, act), "AcceptAppeal", given, place=act.place)
        appeal.stage = "accepted"
    p.main(act, "AssignAppealPanel", {"appeal": p.appeal(act), "panel": p.refs("staff", panel)})
    if act.trial is None and appeal is not None:
        appeal.panel = tuple(panel)


def decide_appeal(p: Planner, act: Act) -> None:
    """The outcome, once the panel has heard it."""
    appeal, args = _appeal(p, act), act.as_(AppealOutcome)
    if appeal is not None and appeal.stage == "accepted" and appeal.panel:
        by = act.by if act.by in appeal.panel else appeal.panel[0]
        p.give(by, "HearAppeal", {"appeal": reference(appeal.label, "appeal")}, place=act.place)
        appeal.stage = "heard"
    unit = args.units[0] if args.units and len(args.units) == 1 else args.unit
    outcome = {
        "outcome": args.outcome,
        "remedy": args.remedy,
        "unit": plain(unit),
        "result": args.result,
    }
    given = {key: value for key, value in outcome.items() if value is not None}
    p.main(act, "DecideAppeal", {"appeal": p.appeal(act), **given})
    if act.trial is not None or appeal is None:
        return
    appeal.stage = "decided"
    if args.remedy == "UNIT_RESULT_CHANGED" and unit and args.result:
        _changed(p.attempt(act), unit, args.result)
    elif args.remedy == "REASSESSMENT":
        p.attempt(act).ordered = (unit,) if unit else ()


def withdraw_appeal(p: Planner, act: Act) -> None:
    """The candidate no longer contests it."""
    appeal = _appeal(p, act)
    p.main(act, "WithdrawAppeal", {"appeal": p.appeal(act)})
    if act.trial is None and appeal is not None:
        appeal.stage = "decided"


def _appeal(p: Planner, act: Act) -> Appeal | None:
    person = p.person(act)
    return person.appeals[-1] if person.appeals else None


def _changed(attempt: Attempt, unit: str, result: str) -> None:
    attempt.results[unit] = result
    if attempt.stage == "decided":
        attempt.stage = "recommended"


def _supervisor(p: Planner, act: Act) -> str:
    course: Course = p.course(act)
    if act.trial is None and p.cast.holds(act.by, Role.ASSESSMENT_SUPERVISOR):
        return act.by
    return course.supervisor


def _all_k(results: list[Any] | str, count: int) -> list[str]:
    return ["K"] * count if isinstance(results, str) else list(results)


def _evidence(p: Planner, act: Act, unit: str) -> list[dict[str, str]]:
    attempt = p.person(act).attempt
    return [{"kind": EVIDENCE, "sha256": p.document("evidence", attempt.label if attempt else "", unit)}]


def _document(p: Planner, act: Act, item: Any) -> Any:
    if isinstance(item, dict):
        return plain(item)
    return {"kind": EVIDENCE, "sha256": p.document("evidence", act.place, str(item))}
