"""Roles that a person may hold, granted per organisation by signed events."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role's code name; ``key_custodian`` and ``auditor`` hold for the whole ledger (organisation null)."""

    CORRECTIONAL_LIAISON = "correctional_liaison"
    CORRECTIONAL_APPROVER = "correctional_approver"
    TRAINING_ADMIN = "training_admin"
    INSTRUCTOR = "instructor"
    ASSESSOR = "assessor"
    ASSESSMENT_SUPERVISOR = "assessment_supervisor"
    CERTIFICATION_DECIDER = "certification_decider"
    TRAINING_ISSUER = "training_issuer"
    COMPETENCE_ISSUER = "competence_issuer"
    PRINT_OPERATOR = "print_operator"
    APPEAL_PANEL = "appeal_panel"
    AUDITOR = "auditor"
    PRIVACY_OFFICER = "privacy_officer"
    KEY_CUSTODIAN = "key_custodian"


LEDGER_WIDE = frozenset({Role.KEY_CUSTODIAN, Role.AUDITOR})
