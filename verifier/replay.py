"""The audit: one pass over a bundle, from entry 0 to its checkpoint, in the memory of what the rules must know.

In this order: the checkpoint is signed by a log that the policy trusts, cosigned by its quorum, recently; each
entry is canonical and stands in its stream, its command and its tree (`verifier.structure`); each command is
signed, by a key that might sign there, of a person in a role (`verifier.authority`); each event obeys the
rules of the domain (`verifier.rules`); the tiles and the root are what the entries make; and what was handed
over beside the log opens its commitments.

The verdict: one finding that is WRONG, and the history does not stand. Otherwise anything that could not be
checked, no quorum, or one that is older than the age asked for, and nobody can say. Otherwise it stands.
"""

import gc
from array import array
from binascii import b2a_base64
from collections.abc import Callable
from typing import Any

from verifier import b64, kept, merkle, published, reader, succession, suffix, tile, times
from verifier.acting import Acting, Asked
from verifier.audit_result import Audit, Person, Progress, Request
from verifier.authority import KEY_SUSPECT, Authority
from verifier.bundle import Bundle, BundleError
from verifier.entry import command_message, verify_command
from verifier.errors import Error, FormatError
from verifier.event import Event
from verifier.finding import Findings, Rule, lost, note, parser_rule, unknown, wrong
from verifier.head import check_end, check_head, trusted_before
from verifier.links import NAME as LINKS
from verifier.links import Links
from verifier.named import NamedFacts
from verifier.policy import Verdict
from verifier.rootfile import FOUNDERS
from verifier.rules.rulebook import Rulebook
from verifier.signatures import Signatures, Tag
from verifier.status import Statuses
from verifier.structure import COMMAND_DIFFERS, PARTIAL_COMMAND, Structure
from verifier.suffix import Before
from verifier.tile_check import check_tiles

__all__ = ["Audit", "Request", "audit"]

# Events of these matters change who may act.
_AUTHORITY = ("ledger.", "organisation.", "staff.")
_ROOT_LINE = len(b64.encode(merkle.EMPTY_ROOT)) + 1

BUNDLE_FILE_MISSING = unknown(
    "BUNDLE_FILE_MISSING", "The bundle is not complete: a part of it was not copied."
)
BUNDLE_UNREADABLE = unknown("BUNDLE_UNREADABLE", "A part of the bundle cannot be read on this machine.")

BUNDLE_OTHER_FILES = note(
    "BUNDLE_OTHER_FILES", "The folder holds files that no bundle has; they were not looked at."
)
LOG_FORKED = wrong(
    "LOG_FORKED",
    "This log is not the continuation of the one that was trusted before: its past was changed, or "
    "another version was shown.",
)
OLDER_THAN_TRUSTED = unknown(
    "OLDER_THAN_TRUSTED",
    "The bundle ends before the checkpoint that was trusted already: it is an older copy, or the log "
    "lost entries.",
)
NAMES_NOT_GIVEN = lost(
    "NAMES_NOT_GIVEN",
    "No named facts were handed over, so people are shown by their random ids and no fact was compared "
    "with the log.",
)


def audit(bundle: Bundle, request: Request, progress: Progress = lambda _done, _total: None) -> Audit:
    """Audit a bundle. Raises nothing for what is in it: every fault is a finding of the result.

    Raises Error for `since` and `named`, which are the auditor's own.
    """
    # Millions of objects are kept and none of them in a circle: looking for circles takes a twentieth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Replay(bundle, request, progress).run()
    finally:
        if collecting:
            gc.enable()


class _Replay:
    def __init__(self, bundle: Bundle, request: Request, progress: Progress) -> None:
        self.bundle = bundle
        self.request = request
        self.progress = progress
        self.findings = Findings()
        self.result = Audit(self.findings, request.now, request.max_age, moment=request.moment)
        self.trusted, self.kept = trusted_before(request)
        self.trusting = self.trusted is not None and self.trusted.size > 0
        self.named = None if request.named is None else NamedFacts(request.named, self.findings)
        self.authority = Authority(request.root)
        self.event: Event | None = None
        self.statuses = Statuses()
        self.as_was = None if request.moment is None else Statuses(times.to_text(request.moment))
        self.signed_by: dict[str, array[int]] = {}
        self.known: dict[tuple[str, str, str, str | None], Acting] = {}
        self.told = 0
        # What is signed for a command of one event, up to the root: it ends in base64 of a hash and a line end.
        self.alone = command_message(request.root.origin, [b""])[:-_ROOT_LINE]

    def run(self) -> Audit:
        """Do it all; what stops it is the last finding."""
        try:
            verdict = check_head(self.bundle, self.request, self.result)
            if verdict is not None:
                self._log(verdict)
        except BundleError as error:
            self.findings.add(parser_rule(error.code), error.message)
        finally:
            self.bundle.close()
        self.result.statuses, self.result.as_was = self.statuses, self.as_was
        return self.result

    # -- the log -----------------------------------------------------------------------------------------------

    def _log(self, verdict: Verdict) -> None:
        root, size = self.request.root, verdict.checkpoint.size
        resumed = (
            0 if self.kept is None or self.trusted is None or self.trusted.size > size else self.trusted.size
        )
        before = Before(self.bundle, resumed, size)
        self.structure = Structure(self._add, self.request.now, before)
        links = self._links()
        self.rulebook = Rulebook(self.request.settings, self.authority, links, self._report)
        self.result.rulebook = self.rulebook
        self.statuses = Statuses(world=self.rulebook.world)
        with Signatures(self._unsigned, root.webauthn, self.request.jobs) as signatures:
            self.signatures = signatures
            try:
                self._resume(verdict, before)
                self._entries(verdict, before)
                self.structure.finish()
                check_end(verdict, self.structure, self.rulebook.ledger.log_keys, self.findings)
            finally:
                signatures.finish()
                self.result.signatures = signatures.count
                self.result.entries = self.structure.size
        self.event = None
        succession.check(self.bundle, self.authority, self.findings)
        self.result.keep = self._keep()
        self.rulebook.finish()
        self._suspects()
        self._names()
        if self.bundle.others:
            self._report(BUNDLE_OTHER_FILES, ", ".join(self.bundle.others)[:200])
        self.result.lists = published.compare(
            self.bundle, self.authority, self.rulebook, self.statuses, self.findings, self.request.now
        )
        self.result.links, self.result.basis = links.opened, self.rulebook.basis.checked
        self.result.clock = self.rulebook.ledger.clock
        self.result.predecessor = self.rulebook.ledger.predecessor
        for staff in self.result.people:
            human = self.authority.human(staff)
            if human != staff:
                self.result.humans[staff] = human

    def _links(self) -> Links:
        has = self.bundle.has(LINKS)
        return Links(self.bundle if has else None, self.findings)

    def _names(self) -> None:
        if self.named is None:
            self._report(NAMES_NOT_GIVEN, "staff, holders and evidence")
            return
        self.result.names = self.named.finish(self.findings, self.rulebook.learners.destroyed)
        self.result.facts = self.named.opened

    def _trusted_up_to(self, size: int, root: bytes) -> None:
        """At the size that was trusted, compare roots and begin to verify, and to count what is verified."""
        if self.trusted is not None and size == self.trusted.size:
            self.trusting = False
            self.result.begin(size)
            self.known.clear()
            self.rulebook.basis.checked = self.rulebook.basis.links.opened = 0
            if root != self.trusted.root:
                message = f"at {size} entries it has another root than the checkpoint that was trusted"
                self.findings.add(LOG_FORKED, message, None, "checkpoint")

    def _parts(self) -> dict[str, Any]:
        others = {"structure": self.structure, "authority": self.authority, "statuses": self.statuses}
        return suffix.parts(self.rulebook, others)

    def _keep(self) -> Callable[[], bytes]:
        """Return what gives the state at this end of the log; taken when asked for, before the end's own checks."""
        signed = self.bundle.checkpoint()
        return lambda: kept.dump(signed, suffix.state_of(self._parts()) | {"signed_by": self.signed_by})

    def _resume(self, verdict: Verdict, before: Before) -> None:
        """Take up a kept state, if there is one and the bundle is a later one of its log."""
        head, trusted = verdict.checkpoint, self.trusted
        if trusted is not None and trusted.size > head.size:
            message = f"it has {head.size} entries, the trusted one {trusted.size}"
            self.findings.add(OLDER_THAN_TRUSTED, message, None, "checkpoint")
            self.trusting, self.kept = False, None
        if self.kept is None or trusted is None:
            return
        self.signed_by = self.kept.pop("signed_by", {})
        if not suffix.restore(self._parts(), self.kept) or self.structure.size != trusted.size:
            raise FormatError("STATE_INVALID", "the kept state is of another version of this program")
        self.structure.resume()
        self._trusted_up_to(trusted.size, before.root(trusted.size))

    def _entries(self, verdict: Verdict, before: Before) -> None:
        head = verdict.checkpoint
        builder = before.builder()
        for wanted in tile.bundles(head.size, builder.size):
            start = wanted.index * tile.WIDTH
            first = max(start, builder.size)
            try:
                entries = tile.parse_bundle(wanted, self.bundle.tile(wanted))
            except BundleError as error:
                message = f"{error.message}; nothing from entry {first} on could be followed"
                raise type(error)(error.code, message, error.hint) from None
            except Error as error:
                message = f"{error.message}; nothing from entry {first} on could be followed"
                self.findings.add(parser_rule(error.code), message, first, wanted.path())
                return
            made = builder.extend([self._entry(data) for data in entries[first - start :]])
            check_tiles(made, self.bundle, self.findings)
            self.progress(self.structure.size, head.size)
        check_tiles(builder.partial_tiles(), self.bundle, self.findings)

    def _entry(self, data: bytes) -> bytes:
        """Follow the next entry and return its leaf hash."""
        index, event = self.structure.size, None
        try:
            event = reader.read(data)
            leaf = event.leaf
        except Error as error:
            self._add(parser_rule(error.code), error.message, index, f"entry {index}")
            leaf = merkle.leaf_hash(data)
        command = self.structure.append(leaf, event)
        if command is not None:
            self._command(command, index + 1 - len(command))
        if self.trusting:
            self._trusted_up_to(index + 1, self.structure.root())
        return leaf

    def _command(self, command: list[Event], first: int) -> None:
        event = self.event = command[0]
        event.index = first
        acting = self._acting(command, first)
        self.structure.check_act(command, in_hsm=acting.in_hsm)
        if not self.trusting and not self._signed(command, acting, first):
            return
        self._count(command, acting.person)
        self.rulebook.begin()
        types, human = self.result.types, acting.human
        for event in command:
            event.index, event.first, event.human = first + event.at, first, human
            self.event = event
            types[event.type] += 1
            if self.rulebook.follow(event):
                self._follow(event)
            if event.type.startswith(_AUTHORITY):
                self.known.clear()
        self.rulebook.end()

    def _acting(self, command: list[Event], first: int) -> "Acting":
        """Say who acts, and with which key; until authority changes the same act in the same way again and again."""
        event = command[0]
        mark = (event.key, event.actor, event.role, event.org)
        acting = self.known.get(mark)
        if acting is not None:
            return acting
        told = self.told
        key = self.authority.key_of(command, first, self._report)
        person = self.result.people.get(event.actor)
        if person is None:
            person = self.result.people[event.actor] = Person(first=event.recorded_at)
        signed = self.signed_by.setdefault(event.key, array("Q"))
        acting = Acting(key, self.authority.human(event.actor), person, signed)
        if first >= FOUNDERS and told == self.told:
            self.known[mark] = acting
        return acting

    def _follow(self, event: Event) -> None:
        """Hand an event to those who only listen."""
        self.statuses.follow(event)
        if self.as_was is not None:
            self.as_was.follow(event)
        if self.named is not None:
            self.named.follow(event.stream, event.version, event.data)

    def _signed(self, command: list[Event], acting: "Acting", first: int) -> bool:
        """Ask for the command's signature; tell whether its entries belong together."""
        event, key = command[0], acting.key
        if key is None:
            return True
        if len(command) == 1:
            # Alone it is whole: what is signed is the payload's hash, being the root over one leaf.
            message = self.alone + b2a_base64(event.digest)
            self.signatures.add(key.public, message, event, (first, event.stream, event.version))
        else:
            asked = Asked(key.public, self.signatures, (first, event.stream, event.version))
            try:
                verify_command([each.entry for each in command], self.request.root.origin, asked)
            except Error as error:
                self._report(parser_rule(error.code), error.message)
                return error.code not in {PARTIAL_COMMAND.code, COMMAND_DIFFERS.code}
        acting.signed.append(first)
        return True

    def _unsigned(self, tag: Tag, error: Error) -> None:
        index, stream, version = tag
        self.findings.add(parser_rule(error.code), error.message, index, f"{stream}@{version}")

    def _report(self, rule: Rule, message: str) -> None:
        self.told += 1
        if self.event is None:
            self._add(rule, message)
        else:
            self._add(rule, message, self.event.index, self.event.place)

    def _add(self, rule: Rule, message: str, index: int | None = None, place: str | None = None) -> None:
        if not self.trusting:
            self.findings.add(rule, message, index, place)

    def _count(self, command: list[Event], person: Person) -> None:
        event, result = command[0], self.result
        person.acts += 1
        person.events += len(command)
        person.roles[event.role] += 1
        person.last = event.recorded_at
        result.acts += 1
        result.first = result.first or event.recorded_at
        result.last = max(result.last, event.recorded_at)

    def _suspects(self) -> None:
        for thumbprint, key in self.authority.keys.items():
            if key.compromised_from is not None:
                for first in self.signed_by.get(thumbprint, ()):
                    if first >= key.compromised_from:
                        self.findings.add(
                            KEY_SUSPECT, f"signed by staff/{key.owner} with {thumbprint[:12]}…", first
                        )
