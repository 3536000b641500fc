"""All commands and queries: importing a module of this package registers what it defines by name."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import ledger.commands
from ledger.commands.command import COMMANDS, QUERIES


def load() -> None:
    """Register every command and query."""
    for module in pkgutil.iter_modules(ledger.commands.__path__, "ledger.commands."):
        import_module(module.name)


__all__ = ["COMMANDS", "QUERIES", "load"]
