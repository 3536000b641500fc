"""A public page over invented certificates, one for each status, to test and to look at.

`python tests/public/fixture_site.py PORT` serves it on loopback; the landing page's code form opens the codes
that it prints.
"""

import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import uvicorn
from starlette.applications import Starlette

from api.public.routes import error_response, public_routes
from api.public.view import CertificateView, Continues, Ended, Kind, Status, Verifier
from verifier.code import display, make

NOW = datetime(2026, 11, 23, 6, 5, 9, tzinfo=UTC)
UNITS = (
    ("C.24LAS01.001.1", "Melaksanakan Persiapan Tempat Kerja", "Prepare the workplace"),
    ("C.24LAS01.003.1", "Menetapkan Proses dan Peralatan Las", "Determine welding process and equipment"),
    (
        "C.24LAS01.028.1",
        "Membuat Sambungan Las Fillet Sesuai WPS Untuk Pengelasan Pelat ke Pelat dan Pelat ke Pipa",
        "Make fillet weld joints to WPS (plate-plate, pipe-pipe, plate-pipe) by the process used",
    ),
)
COMPETENCE = CertificateView(
    status=Status.VALID,
    checked_at=NOW,
    kind=Kind.COMPETENCE,
    number="LSP-CVN/2026/000417",
    holder="Siti Contohwati Rekasari",
    title_id="Juru Las Pelat Proses SMAW (Fillet dan Groove)",
    title_en="Plate Welder, SMAW (Fillet and Groove)",
    level=2,
    units=UNITS,
    issuer="LSP Contoh Vokasi Nusantara",
    issued_on=date(2026, 3, 12),
    valid_until=date(2029, 3, 12),
    zone="Asia/Makassar",
    log_size=14023,
    witnesses=2,
)
TRAINING = replace(
    COMPETENCE, kind=Kind.TRAINING, issuer="BLK Contoh Pulau Fiksi", valid_until=None, number="BLK/2026/0093"
)
UNIT_STATEMENT = replace(
    COMPETENCE, kind=Kind.UNIT_STATEMENT, valid_until=None, units=UNITS[:1], witnesses=None
)
LONG = replace(TRAINING, holder=("Raden Ajeng Contohningtyas Fiktifawati Rekadiningrat " * 4)[:200].strip())
RTL = replace(TRAINING, holder="محمد كونتوه", witnesses=0)
HOSTILE = replace(
    COMPETENCE, holder="O'Reka <script>alert(1)</script>", issuer='"><img src=x onerror=alert(1)>'
)

VIEWS: dict[str, CertificateView] = {
    "VALID": COMPETENCE,
    "EXPIRED": replace(
        COMPETENCE, status=Status.EXPIRED, valid_until=date(2026, 11, 22), issued_on=date(2023, 11, 22)
    ),
    "SUSPENDED": replace(COMPETENCE, status=Status.SUSPENDED),
    "REVOKED": replace(COMPETENCE, status=Status.REVOKED),
    "REPLACED": replace(COMPETENCE, status=Status.REPLACED),  # with a name that must not be shown
    "NOT_FOUND": replace(COMPETENCE, status=Status.NOT_FOUND),
    "NO_LONGER_VERIFIABLE": replace(COMPETENCE, status=Status.NO_LONGER_VERIFIABLE),
    "CANNOT_CHECK": replace(COMPETENCE, status=Status.CANNOT_CHECK),
    "TRAINING": TRAINING,
    "UNIT_STATEMENT": UNIT_STATEMENT,
    "LONG": LONG,
    "RTL": RTL,
    "HOSTILE": HOSTILE,
}
CODES = {make((1 << 59) + 977 * place): name for place, name in enumerate(VIEWS)}
CODE_OF = {name: code for code, name in CODES.items()}


@dataclass
class Settings:
    """Settings of a demonstration, or with simulated=None of a server on the system's clock."""

    base_url: str = "https://sertifikat.contoh.id"
    report_contact: str | None = None
    time_zone: str = "WITA"
    simulated: datetime | None = NOW
    ended: Ended | None = None
    continues: Continues | None = None

    def simulated_now(self) -> datetime | None:
        return self.simulated


@dataclass
class Views(Verifier):
    """Answers from VIEWS, and remembers what it was asked."""

    asked: list[str] = field(default_factory=list)

    def by_code(self, code: str) -> CertificateView:
        self.asked.append(code)
        name = CODES.get(code)
        return (
            VIEWS[name] if name else CertificateView(status=Status.NOT_FOUND, checked_at=NOW, log_size=14023)
        )

    def by_number(self, number: str, name: str) -> Status:
        self.asked.append(number)
        found = {(view.number, view.holder): view.status for view in reversed(VIEWS.values())}
        return found.get((number, name), Status.NOT_FOUND)


def application(service: Verifier, settings: Settings) -> Starlette:
    app = Starlette(routes=public_routes(service, settings))
    for status in (404, 405, 500):
        app.add_exception_handler(status, lambda request, error: error_response(request, error, settings))
    return app


if __name__ == "__main__":
    for name, code in CODE_OF.items():
        sys.stdout.write(f"{display(code)}  {name}\n")
    sys.stdout.flush()
    port = int(sys.argv[1])
    uvicorn.run(application(Views(), Settings(f"http://127.0.0.1:{port}")), port=port, log_level="warning")
