"""All commands and queries: importing a module of them registers them by name."""

from __future__ import annotations

from importlib import import_module

from ledger.commands.command import COMMANDS, QUERIES

MODULES = (
    "founding",
    "custody",
    "staff",
    "agreements",
    "programmes",
    "schemes",
    "facilities",
    "cohorts",
    "learners",
    "enrolments",
    "assessments",
    "appeals",
    "certificates",
    "lifecycle",
    "printing",
    "exceptions",
    "outcomes",
    "subjects",
)


def load() -> None:
    """Register every command and query."""
    for module in MODULES:
        import_module(f"ledger.commands.{module}")


__all__ = ["COMMANDS", "MODULES", "QUERIES", "load"]
