"""Which certificates are photographed, and how pictures are read."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from tests.worn.pictures import SCENARIOS, Printed, photograph, printed, shot_of

_EACH = 2
_QR = zxingcpp.barcode_formats_from_str("QRCode")


def papers(demo: Path) -> list[Printed]:
    """The certificates with the longest texts in their QRs, two of each kind (there may be one of a kind only)."""
    issued = json.loads((demo / "demo.json").read_bytes())["certificates"]
    of_kind: dict[str, list[dict[str, Any]]] = {}
    for each in sorted((each for each in issued if each["url"]), key=lambda each: -len(each["url"])):
        of_kind.setdefault(each["kind"], []).append(each)
    chosen = [each for found in of_kind.values() for each in found[:_EACH]]
    return [printed(Path(each["pdf"]), each["url"]) for each in chosen]


def pictures(
    sheets: list[Printed], each: int, strength: float = 1
) -> Iterator[tuple[str, Printed, Image.Image]]:
    """(scenario, paper, picture): ``each`` of every scenario."""
    for scenario in SCENARIOS:
        for seed in range(each):
            paper = sheets[seed % len(sheets)]
            yield scenario, paper, photograph(paper, shot_of(scenario, seed, strength))


def by_zxing(picture: Image.Image) -> list[str]:
    """The texts of the QR codes that zxing-cpp finds."""
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=_QR)]


def by_zbar(picture: Image.Image) -> list[str]:
    """The texts of the QR codes that zbar finds (Debian's zbar-tools)."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        picture.save(file.name)
        run = subprocess.run(
            ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    return run.stdout.split()
