"""Reads a file of commands for ``certledger run``: what a person gives by hand, one command after another.

The file is JSON, ``{"commands": [{"by", "command", "args", …}]}``, or JSON Lines with one such object a line.
Optional members are ``role``, ``org``, ``at``, ``as``, ``expect`` and ``id`` as in ``Step``. Strings that begin with
``$`` refer to results of earlier commands of the same file. All of it is checked before the first is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from ledger.commands.catalogue import COMMANDS, QUERIES, load
from ledger.programme.checking import wrong
from ledger.programme.problems import (
    COMMAND_UNKNOWN,
    REFERENCE_UNKNOWN,
    VALUE_INVALID,
    Problem,
    ProgrammeFileError,
)
from ledger.programme.shape import near, problems_of
from ledger.programme.step import Step, references
from ledger.programme.strict_json import parse, place_of, read_text
from ledger.programme.values import Moment, ReasonCode, Role, Strict, Text

Username = Annotated[str, Field(pattern=r"^\S{1,80}$")]
Label = Annotated[str, Field(pattern=r"^\S{1,200}$")]


class GivenCommand(Strict):
    """One command of the file."""

    by: Username
    command: Text
    args: Annotated[dict[str, Any], Field(default_factory=dict)]
    role: Role | None = None
    org: Text | None = None
    at: Moment | None = None
    as_: Annotated[Label | None, Field(alias="as")] = None
    expect: ReasonCode | None = None
    id: Text | None = None


class CommandFile(Strict):
    """The whole file."""

    commands: Annotated[list[GivenCommand], Field(min_length=1, max_length=100_000)]


def read_commands(path: Path) -> list[Step]:
    """The file's steps. Raises ProgrammeFileError, with up to twenty problems at once."""
    raw = _parsed(path, read_text(path))
    try:
        file = CommandFile.model_validate(raw)
    except ValidationError as error:
        found = list(problems_of(error, (), CommandFile))
    else:
        found = list(_check(file))
        if not found:
            return [
                _step(given, place_of(raw, ("commands", index))) for index, given in enumerate(file.commands)
            ]
    raise ProgrammeFileError(
        str(path), [Problem(code, place_of(raw, where), rule) for code, where, rule in found]
    )


def _parsed(path: Path, text: str) -> Any:
    """One JSON document, or the lines of several as one."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if (
        len([line for line in lines if line.strip()]) > 1
        and first.lstrip().startswith("{")
        and first.rstrip().endswith("}")
    ):
        return {
            "commands": [
                parse(path, line, place=f"line {number}", first_line=number)
                for number, line in enumerate(lines, start=1)
                if line.strip()
            ]
        }
    raw = parse(path, text)
    return {"commands": [raw]} if isinstance(raw, dict) and "command" in raw else raw


def _step(given: GivenCommand, place: str) -> Step:
    return Step(
        given.by,
        given.command,
        given.args,
        role=None if given.role is None else str(given.role),
        org=given.org,
        at=given.at,
        as_=given.as_,
        expect=given.expect,
        id=given.id,
        place=place,
    )


def _check(file: CommandFile) -> Iterator[tuple[str, tuple[int | str, ...], str]]:
    """Commands are known, their arguments fit, and references name earlier results."""
    load()
    known: set[str] = set()
    for index, given in enumerate(file.commands):
        here = ("commands", index)
        model = COMMANDS.get(given.command) or QUERIES.get(given.command)
        if model is None:
            rule = f"there is no command {given.command}{near(given.command, [*COMMANDS, *QUERIES])}"
            yield COMMAND_UNKNOWN, (*here, "command"), rule
        elif given.expect is None:
            for code, where, rule in wrong(model, given.args):
                yield code, (*here, "args", *where), rule
        yield from _unknown_references({"args": given.args, "org": given.org}, here, known)
        if given.as_ is not None:
            if given.as_ in known:
                yield VALUE_INVALID, (*here, "as"), f"an earlier command has the label {given.as_} already"
            known.add(given.as_)


def _unknown_references(
    value: Any, where: tuple[int | str, ...], known: set[str]
) -> Iterator[tuple[str, tuple[int | str, ...], str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _unknown_references(item, (*where, name), known)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_references(item, (*where, index), known)
    else:
        for label, _ in references(value):
            if label not in known:
                rule = (
                    f"no earlier command of this file is labelled {label}"
                    if label
                    else "a reference is $LABEL.MEMBER"
                )
                yield REFERENCE_UNKNOWN, where, rule


__all__ = ["Step", "read_commands"]
