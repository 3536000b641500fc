"""The way of each of the file's commands into commands of the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.programme import ways_assessing as assessing
from ledger.programme import ways_certifying as certifying
from ledger.programme import ways_other as other
from ledger.programme import ways_people as people
from ledger.programme import ways_privacy as privacy
from ledger.programme import ways_provider as provider
from ledger.programme.planner import Way

WAYS: Mapping[str, Way] = {
    "AdmitToAssessment": assessing.admit,
    "AmendCurriculum": provider.amend,
    "ApplyForEnrolment": people.apply,
    "ApproveException": other.approve_exception,
    "ApproveMerge": people.approve_merge,
    "ApproveScheme": provider.approve_scheme,
    "ApproveTemplate": provider.approve_template,
    "AssessForRenewal": assessing.assess_for_renewal,
    "AssignAppealPanel": assessing.assign_panel,
    "AssignAssessor": assessing.assign,
    "ChangeDeliveryContext": people.change_context,
    "ConfirmEnrolment": people.confirm,
    "CorrectIdentity": people.correct_identity,
    "CorrectUnitResult": assessing.correct_result,
    "DecideAppeal": assessing.decide_appeal,
    "DraftAgreement": other.draft_agreement,
    "FileAppeal": assessing.file_appeal,
    "FulfilErasure": privacy.erase,
    "GrantRole": other.grant_role,
    "HandOver": other.hand_over,
    "IssueCompetenceCertificate": certifying.issue,
    "IssueTrainingCertificate": certifying.issue,
    "IssueUnitStatement": certifying.issue,
    "LiftHold": privacy.lift_hold,
    "MoveEnrolment": people.move,
    "OpenEnrolment": provider.open_enrolment,
    "PlaceHold": privacy.place_hold,
    "PlanCohort": provider.plan_cohort,
    "PrintCopy": certifying.print_copy,
    "ProposeMerge": people.propose_merge,
    "ReassessUnits": assessing.reassess,
    "ReceiveSubjectRequest": privacy.receive,
    "RecogniseUnitCredit": other.recognise_credit,
    "Recommend": assessing.recommend,
    "RecordAttendance": people.attend,
    "RecordCertificationDecision": assessing.decide,
    "RecordNoShow": assessing.no_show,
    "RecordOutcome": people.outcome,
    "RecordUnitResult": assessing.record_result,
    "RefuseSubjectRequest": privacy.refuse,
    "RegisterPerson": people.register,
    "ReinstateCertificate": certifying.reinstate,
    "RenewCertificate": certifying.renew,
    "ReplaceAssessor": assessing.assign,
    "ResumeEnrolment": people.resume,
    "ReverseMerge": other.reverse_merge,
    "RevokeCertificate": certifying.revoke,
    "SupersedeCertificate": certifying.supersede,
    "SuspendCertificate": certifying.suspend,
    "TransferEnrolmentOut": people.transfer,
    "ViewUnitResults": assessing.view,
    "WithdrawAppeal": assessing.withdraw_appeal,
    "WithdrawEnrolment": people.withdraw,
}
"""By the file's name of the command; any other takes `ANY_OTHER`."""

ANY_OTHER: Way = other.as_it_stands
