"""What comes before a cohort: agreement, programme, scheme, template, facility review."""

from datetime import date

import pytest

from ledger.commands.agreements import AmendAgreement, DraftAgreement, SignAgreement, TerminateAgreement
from ledger.commands.facilities import (
    AssessItems,
    ConcludeFacilityReview,
    ItemArgument,
    ReopenFacilityReview,
    StartFacilityReview,
)
from ledger.commands.programmes import (
    AdoptScheme,
    EndProgramme,
    OfferInstructors,
    ProposeProgramme,
    RecordNeed,
    TagProgramme,
)
from ledger.commands.schemes import (
    AmendCurriculum,
    ApproveTemplate,
    DraftScheme,
    DraftTemplate,
    RetireScheme,
    RetireTemplate,
)
from ledger.domain.agreement import Agreement
from ledger.errors import DomainError
from ledger.rulebook import Rulebook
from tests.domain.desk import new_id
from tests.domain.office import PRIVATE_NAME, Office, units

NOBODY = new_id("nobody")


@pytest.fixture
def office() -> Office:
    return Office()


# -- agreement -----------------------------------------------------------------------------------------


def agreement_between(*parties: str) -> DraftAgreement:
    arguments = {"number": "PKS/1", "parties": parties, "start": "2026-03-01", "until": "2026-12-31"}
    return DraftAgreement.model_validate(arguments)


def test_an_agreement_is_drafted_by_a_party_with_another(office: Office) -> None:
    assert office.refused("admin", agreement_between(office.blk, office.blk)) == "AGREEMENT_PARTIES_EQUAL"
    assert office.refused("admin", agreement_between(office.blk, NOBODY)) == "UNKNOWN_ID"
    assert office.refused("admin", agreement_between(office.site, office.other)) == "ROLE_FORBIDDEN"


def test_an_agreement_takes_two_people(office: Office) -> None:
    agreement = office.agreement(signed=False)
    sign = SignAgreement(agreement=agreement)
    office.give("issuer", sign)
    assert office.refused("issuer", sign) == "AGREEMENT_STATE_INVALID"
    assert office.refused("issuer as approver", sign) == "SOD_SELF_APPROVAL"
    assert office.refused("issuer elsewhere", sign) == "ROLE_FORBIDDEN"
    assert office.refused("admin", sign) == "ROLE_FORBIDDEN"
    office.give("approver", sign)
    found = office.memory.find(Agreement, agreement)
    assert found is not None
    assert found.in_force(date(2026, 3, 2))


def test_an_agreement_is_amended_and_ended_by_its_parties(office: Office) -> None:
    agreement = office.agreement()
    longer = AmendAgreement(agreement=agreement, until=date(2027, 3, 1))
    assert office.refused("admin elsewhere", longer) == "ROLE_FORBIDDEN"
    office.give("admin", longer)
    tomorrow = TerminateAgreement(agreement=agreement, on=date(2026, 3, 3))
    assert office.refused("approver", tomorrow) == "OCCURRED_IN_FUTURE"
    assert office.refused("issuer elsewhere", TerminateAgreement(agreement=agreement)) == "ROLE_FORBIDDEN"
    office.give("approver", TerminateAgreement(agreement=agreement))
    assert office.last[-1].data == {"on": "2026-03-02"}
    assert office.refused("approver", tomorrow) == "AGREEMENT_STATE_INVALID"


# -- programme -----------------------------------------------------------------------------------------


def test_a_liaison_proposes_for_the_own_facility(office: Office) -> None:
    def propose(facility: str | None, code: str = "LAS-II") -> ProposeProgramme:
        return ProposeProgramme(
            facility=facility, code=code, trade="LAS", min_attendance_pct=80, sector="A secret"
        )

    assert office.refused("liaison", propose(office.other)) == "ROLE_FORBIDDEN"
    assert office.refused("liaison", propose(None)) == "ROLE_FORBIDDEN"
    assert office.refused("liaison", propose(NOBODY)) == "UNKNOWN_ID"
    assert office.refused("liaison", propose(office.site, "LAS-PRISON")) == "PUBLIC_FIELD_FORBIDDEN"
    office.give("liaison", propose(office.site))
    office.give("admin", propose(None))


def test_a_programme_is_the_providers_that_took_it_up(office: Office) -> None:
    programme = office.proposed()
    need = RecordNeed(programme=programme, source="A survey", occupation="A welder", demand=5)
    office.give("admin", need)
    assert office.refused("admin elsewhere", need) == "ROLE_FORBIDDEN"
    assert office.refused("liaison", need) == "ROLE_FORBIDDEN"
    assert office.refused("admin elsewhere", EndProgramme(programme=programme)) == "ROLE_FORBIDDEN"


def test_only_instructors_are_offered(office: Office) -> None:
    programme = office.proposed()

    def offer(*names: str) -> OfferInstructors:
        return OfferInstructors(programme=programme, instructors=[new_id(name) for name in names])

    assert office.refused("admin", offer("teacher", "issuer")) == "ROLE_FORBIDDEN"
    assert office.refused("admin", offer("nobody")) == "UNKNOWN_ID"
    office.give("admin", offer("teacher", "colleague", "teacher"))
    assert office.last[-1].data == {"instructors": [new_id("teacher"), new_id("colleague")]}


def test_a_programme_adopts_an_approved_scheme(office: Office) -> None:
    programme, scheme = office.proposed(), office.drafted_scheme()
    adopt = AdoptScheme(programme=programme, scheme=scheme, version=1)
    assert office.refused("admin", adopt) == "SCHEME_STATE_INVALID"
    office.give("issuer", office.approval(scheme))
    assert office.refused("admin elsewhere", adopt) == "ROLE_FORBIDDEN"
    assert office.refused("admin", adopt.model_copy(update={"version": 2})) == "UNKNOWN_ID"
    office.give("admin", adopt)
    office.give("issuer", RetireScheme(scheme=scheme, version=1))
    assert office.refused("admin", adopt) == "SCHEME_STATE_INVALID"


def test_a_programme_that_ended_adopts_nothing_whatever_the_scheme(office: Office) -> None:
    programme, scheme = office.proposed(), office.drafted_scheme()
    office.give_all("admin", TagProgramme(programme=programme, tags=["UMKM"]))
    assert office.last[-1].data == {"tags": ["UMKM"]}
    office.give("admin", EndProgramme(programme=programme))
    adopt = AdoptScheme(programme=programme, scheme=scheme, version=1)
    assert office.refused("admin", adopt) == "PROGRAMME_STATE_INVALID"


# -- scheme --------------------------------------------------------------------------------------------


def test_a_scheme_names_a_body_that_is_there(office: Office) -> None:
    with pytest.raises(DomainError, match="UNKNOWN_ID"):
        office.drafted_scheme(body=NOBODY)


def test_a_second_reader_approves_a_scheme(office: Office) -> None:
    scheme = office.drafted_scheme()
    assert office.refused("admin as issuer", office.approval(scheme)) == "SOD_SELF_APPROVAL"
    assert office.refused("issuer elsewhere", office.approval(scheme)) == "ROLE_FORBIDDEN"
    assert office.refused("admin", office.approval(scheme)) == "ROLE_FORBIDDEN"
    office.give("issuer", office.approval(scheme))


def test_who_amended_a_draft_is_no_second_reader(office: Office) -> None:
    office.hire("second admin as issuer", "training_issuer", office.blk, same_person_as="second admin")
    scheme = office.drafted_scheme(units=units(10), total_jp=30)
    extra = units(10, 20)[1:]
    office.give("second admin", AmendCurriculum(scheme=scheme, units=extra))
    assert office.refused("second admin as issuer", office.approval(scheme)) == "SOD_SELF_APPROVAL"
    office.give("issuer", office.approval(scheme))


def test_no_added_unit_tells_of_the_place(office: Office) -> None:
    scheme = office.drafted_scheme()
    extra = units(1, 2, 3)[2].model_copy(update={"title_en": "Work in custody"})
    assert office.refused("admin", AmendCurriculum(scheme=scheme, units=(extra,))) == "PUBLIC_FIELD_FORBIDDEN"


def test_another_provider_leaves_schemes_and_templates_alone(office: Office) -> None:
    scheme, template = office.approved_scheme(), drafted_template(office)
    drafted = {"code": "S", "trade": "T", "title_id": "a", "title_en": "b", "level": 1, "total_jp": 1}
    again = DraftScheme.model_validate(drafted | {"scheme": scheme, "body": office.blk, "units": units(1)})
    assert office.refused("admin elsewhere", again) == "ROLE_FORBIDDEN"
    assert office.refused("issuer elsewhere", RetireScheme(scheme=scheme, version=1)) == "ROLE_FORBIDDEN"
    text = DraftTemplate(template=template, kind="TRAINING", text="Another")
    assert office.refused("admin elsewhere", text) == "ROLE_FORBIDDEN"


def test_separation_comes_before_the_hours_and_the_lock_before_both(office: Office) -> None:
    scheme = office.drafted_scheme()
    wrong = office.approval(scheme, total_jp=999)
    assert office.refused("admin as issuer", wrong) == "SOD_SELF_APPROVAL"
    assert office.refused("issuer", wrong) == "JP_MISMATCH"
    office.give("issuer", office.approval(scheme))
    assert office.refused("admin as issuer", wrong) == "SCHEME_VERSION_LOCKED"


def test_an_approved_curriculum_is_locked(office: Office) -> None:
    scheme = office.approved_scheme()
    amend = AmendCurriculum(scheme=scheme, units=units(10))
    assert office.refused("admin", amend) == "SCHEME_VERSION_LOCKED"
    assert office.refused("admin elsewhere", amend) == "ROLE_FORBIDDEN"
    assert office.drafted_scheme(scheme=scheme) == scheme
    assert office.last[0].data["version"] == 2


@pytest.mark.parametrize("text", ["Training in custody", "PRISON_work", f"At {PRIVATE_NAME.lower()}, daily"])
def test_no_title_tells_of_the_place(office: Office, text: str) -> None:
    fine = units(30)[0]
    for change in (
        {"title_id": text},
        {"title_en": text},
        {"units": [fine.model_copy(update={"title_en": text})]},
        {"units": [fine.model_copy(update={"decree": text})]},
        {"non_unit": [{"title_id": "Lain", "title_en": text, "jp": 0}]},
    ):
        arguments = {
            "code": "SKM/1",
            "trade": "LAS",
            "title_id": "Juru",
            "title_en": "Worker",
            "level": 2,
            "total_jp": 30,
            "body": office.other,
            "units": [fine],
        }
        command = DraftScheme.model_validate(arguments | change)
        assert office.refused("admin", command) == "PUBLIC_FIELD_FORBIDDEN"


def test_a_word_that_was_denied_after_the_draft_is_refused_at_approval(office: Office) -> None:
    scheme = office.drafted_scheme()
    office.rules = Rulebook.model_validate(office.rules.model_dump() | {"deny_words": ("welder",)})
    assert office.refused("issuer", office.approval(scheme)) == "PUBLIC_FIELD_FORBIDDEN"


# -- template ------------------------------------------------------------------------------------------


def drafted_template(office: Office, text: str = "A certificate") -> str:
    return str(office.give("admin", DraftTemplate(kind="TRAINING", text=text))["template"])


def test_a_second_reader_approves_the_text_that_was_drafted(office: Office) -> None:
    template = drafted_template(office)
    assert set(office.documents.values()) == {"A certificate"}

    def approve(text: str) -> ApproveTemplate:
        return ApproveTemplate(template=template, version=1, text=text)

    assert office.refused("admin as issuer", approve("In prison")) == "SOD_SELF_APPROVAL"
    assert office.refused("issuer", approve("In prison")) == "PUBLIC_FIELD_FORBIDDEN"
    assert office.refused("issuer", approve(f"At {PRIVATE_NAME}")) == "PUBLIC_FIELD_FORBIDDEN"
    hidden = "\u200b".join(PRIVATE_NAME)
    assert office.refused("issuer", approve(f"At {hidden}")) == "PUBLIC_FIELD_FORBIDDEN"
    with pytest.raises(DomainError, match="two scripts"):
        office.give("issuer", approve("Juru L\u0430s"))
    assert office.refused("issuer", approve("Another certificate")) == "VALUE_INVALID"
    assert office.refused("issuer elsewhere", approve("A certificate")) == "ROLE_FORBIDDEN"
    office.give("issuer", approve("A certificate"))
    assert office.refused("issuer", approve("In prison")) == "TEMPLATE_STATE_INVALID"
    assert (
        office.refused("issuer elsewhere", RetireTemplate(template=template, version=1)) == "ROLE_FORBIDDEN"
    )
    office.give("issuer", RetireTemplate(template=template, version=1))


def test_a_forbidden_draft_is_not_kept(office: Office) -> None:
    assert (
        office.refused("admin", DraftTemplate(kind="TRAINING", text="In Prison")) == "PUBLIC_FIELD_FORBIDDEN"
    )
    assert office.documents == {}


# -- facility review -----------------------------------------------------------------------------------


def started(office: Office, name: str, site: str) -> str:
    return str(office.give(name, StartFacilityReview(site=site, provider=office.blk))["review"])


def found_ready(office: Office, name: str, site: str) -> tuple[str, ConcludeFacilityReview]:
    review = started(office, name, site)
    item = ItemArgument(item="FAC-1", value="24", passed=True, critical=True)
    office.give(name, AssessItems(review=review, items=[item]))
    return review, ConcludeFacilityReview(review=review, outcome="READY", valid_until=date(2026, 9, 1))


def test_a_review_is_started_by_either_party_for_its_own_side(office: Office) -> None:
    started(office, "liaison", office.site)
    started(office, "admin", office.site)
    for name, site, provider in (
        ("liaison", office.other, office.blk),
        ("admin", office.site, office.other),
    ):
        command = StartFacilityReview(site=site, provider=provider)
        assert office.refused(name, command) == "ROLE_FORBIDDEN"
    for site, provider in ((NOBODY, office.blk), (office.site, NOBODY)):
        assert office.refused("admin", StartFacilityReview(site=site, provider=provider)) == "UNKNOWN_ID"


def test_a_facility_is_reviewed_by_two_organisations_and_two_people(office: Office) -> None:
    review, conclude = found_ready(office, "admin", office.site)
    office.give("admin", conclude)
    assert office.refused("admin", conclude) == "FACILITY_REVIEW_STATE_INVALID"
    assert office.refused("admin as liaison", conclude) == "SOD_SELF_APPROVAL"
    assert office.refused("issuer", conclude) == "ROLE_FORBIDDEN"
    assert office.refused("admin elsewhere", conclude) == "ROLE_FORBIDDEN"
    office.give("liaison", conclude)
    assert office.refused("liaison", conclude) == "FACILITY_REVIEW_STATE_INVALID"
    assert office.refused("admin elsewhere", ReopenFacilityReview(review=review)) == "ROLE_FORBIDDEN"
    office.give("admin", ReopenFacilityReview(review=review))


def test_the_own_site_takes_two_people_of_the_provider(office: Office) -> None:
    _, conclude = found_ready(office, "admin", office.blk)
    office.give("admin", conclude)
    assert office.refused("admin", conclude) == "SOD_SELF_APPROVAL"
    assert office.refused("admin as issuer", conclude) == "SOD_SELF_APPROVAL"
    assert office.refused("second admin", conclude) == "FACILITY_REVIEW_STATE_INVALID"
    office.give("issuer", conclude)
    assert office.refused("admin", conclude) == "FACILITY_REVIEW_STATE_INVALID"


def test_what_is_not_there(office: Office) -> None:
    for command in (AmendCurriculum(scheme=NOBODY, units=units(1)), EndProgramme(programme=NOBODY)):
        assert office.refused("admin", command) == "UNKNOWN_ID"
