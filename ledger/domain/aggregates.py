"""Every aggregate of the domain, for the projections and the checks that go over all of them."""

from ledger.domain.aggregate import Aggregate
from ledger.domain.agreement import Agreement
from ledger.domain.appeal import Appeal
from ledger.domain.assessment import Assessment
from ledger.domain.blank_stock import BlankStock
from ledger.domain.certificate import Certificate
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.facility_review import FacilityReview
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.issuer_key import IssuerKey
from ledger.domain.learner import Learner
from ledger.domain.ledger import Ledger
from ledger.domain.organisation import Organisation
from ledger.domain.outcome import Outcome
from ledger.domain.print_copy import PrintCopy
from ledger.domain.programme import Programme
from ledger.domain.scheme import Scheme
from ledger.domain.staff import Staff
from ledger.domain.subject_request import SubjectRequest
from ledger.domain.template import Template

AGGREGATES: tuple[type[Aggregate], ...] = (
    Ledger,
    Organisation,
    IssuerKey,
    Staff,
    Agreement,
    Programme,
    Scheme,
    Template,
    FacilityReview,
    Cohort,
    Learner,
    Enrolment,
    Assessment,
    Appeal,
    Certificate,
    BlankStock,
    PrintCopy,
    ImpartialityException,
    Outcome,
    SubjectRequest,
)
