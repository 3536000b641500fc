"""Photographs worn certificates in many seeded ways and counts how many are read.

    python -m tests.worn [--count 700] [--write docs/results/worn.md] [--keep FOLDER]

zxing-cpp, which the scanner page uses too, has to read three quarters of them; zbar's share is told beside, where it
is installed. A text that is not the printed one is a failure. ``--keep`` leaves the first pictures of each scenario,
to look at.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from api.demo import build
from tests.worn.pictures import ACROSS, FIELD_DEGREES, QR_MM, SCENARIOS
from tests.worn.reading import by_zbar, by_zxing, papers, pictures

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"
LEAST = 0.75
KEPT = 3
Counts = dict[str, Counter[str]]


def count(demo: Path, each: int, keep: Path | None) -> tuple[Counts, int]:
    """How many of each scenario each reader read, and how many texts were wrong."""
    readers = {"zxing-cpp": by_zxing} | ({"zbar": by_zbar} if shutil.which("zbarimg") else {})
    counts: Counts = {reader: Counter() for reader in readers}
    seen: Counter[str] = Counter()
    wrong = 0
    for scenario, paper, picture in pictures(papers(demo), each):
        for reader, read in readers.items():
            texts = read(picture)
            counts[reader][scenario] += paper.text in texts
            wrong += bool(set(texts) - {paper.text})
        if keep and seen[scenario] < KEPT:
            picture.convert("L").save(keep / f"{scenario.replace(' ', '-')}-{seen[scenario]}.png")
        seen[scenario] += 1
        sys.stdout.write(f"\r{seen.total()} pictures")
        sys.stdout.flush()
    sys.stdout.write("\n")
    return counts, wrong


def report(counts: Counts, wrong: int, each: int) -> str:
    """The page for the repository."""
    total = each * len(SCENARIOS)
    readers = list(counts)
    rows = [
        f"| {scenario} | {each} | "
        + " | ".join(f"{counts[reader][scenario] / each:.0%}" for reader in readers)
        + " |"
        for scenario in SCENARIOS
    ]
    sums = " | ".join(f"**{counts[reader].total() / total:.1%}**" for reader in readers)
    return "\n".join(
        [
            "# Worn certificates, read by a cheap phone",
            "",
            f"`python -m tests.worn --count {total} --write docs/results/worn.md`; zxing-cpp {version('zxing-cpp')},",
            f"Pillow {version('pillow')}, Python {platform.python_version()}, {platform.system()} {platform.machine()}.",
            "",
            f"Simulated pictures of the demonstration's PDFs with the longest QR texts, the code {QR_MM:.0f} mm wide,",
            f"by a camera of {ACROSS} pixels across {FIELD_DEGREES} degrees at 15 to 25 cm. What each scenario does,",
            "how strongly and why, is at the head of `tests/worn/pictures.py`; seeds count from 0.",
            "",
            f"| Scenario | Pictures | {' | '.join(readers)} |",
            f"|---|---:|{'---:|' * len(readers)}",
            *rows,
            f"| **all** | **{total}** | {sums} |",
            "",
            f"Texts other than the printed one: {wrong}.",
            "",
        ]
    )


def main() -> None:
    """Build a demonstration, photograph, count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=700, help="pictures in all (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table there too")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave some pictures there")
    args = parser.parse_args()
    each = max(1, args.count // len(SCENARIOS))
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        build(Path(place) / "demo", SAMPLE, 8000, lambda _done, _total: None)
        counts, wrong = count(Path(place) / "demo", each, args.keep)
    told = report(counts, wrong, each)
    sys.stdout.write(told)
    if args.write:
        args.write.write_text(told, encoding="utf-8")
    raise SystemExit(wrong > 0 or counts["zxing-cpp"].total() < LEAST * each * len(SCENARIOS))


if __name__ == "__main__":
    main()
