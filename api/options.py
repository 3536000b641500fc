"""Options that every command of ``certledger`` has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", envvar="CERTLEDGER_DATA", help="The ledger's data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DEFAULT_DATA = Path("certledger-data")
