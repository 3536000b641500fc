"""What follows in the personal store from acts over people."""

from __future__ import annotations

from pathlib import Path

from tests.api.bureau import bureau

NIK = "9901014702900123"


def test_a_reversed_merge_gives_the_nik_back(tmp_path: Path) -> None:
    with bureau(tmp_path / "data", "admin", "issuer", "privacy") as place:
        index = place.house.personal.index
        kept, other = place.learner("Siti Contoh"), place.learner("Siti Contoh Fiktif", nik=NIK)
        asked = place.give("admin", "ProposeMerge", learner=other, into=kept)
        place.give("privacy", "ApproveMerge", learner=other, request=asked["request"])
        assert index.learner_of(NIK) == kept
        place.give("privacy", "ReverseMerge", learner=other)
        assert index.learner_of(NIK) == other
