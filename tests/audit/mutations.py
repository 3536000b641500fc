"""Ways to tamper with a bundle: what a thief, an insider or a bad disk may do to it. Each is seeded.

A mutation takes the sound bundle and says what its files become. `of_store` ones are what a database's owner
can do: entries are changed and the bundle is exported again, tiles and all, under the old checkpoint; the same
with the stolen log key and one witness of three in league, `resigned`.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.audit.bundling import Log
from tests.audit.scribe import Pen
from verifier import merkle, tile
from verifier.entry import parse_entry, seal
from verifier.times import posix

Files = dict[str, bytes]


@dataclass
class Sound:
    """The bundle as it was, and what tampering needs: the log's keys, staff keys, another future, the time."""

    entries: list[bytes]
    links: list[bytes]
    log: Log
    now: int
    pens: dict[str, Pen]
    origin: str
    other_future: list[bytes]
    forked_at: int
    files: Files = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = files_of(self.entries, self.links, self.checkpoint(self.entries))
        self.starts = [i for i, entry in enumerate(self.entries) if parse_entry(entry).signature.index == 0]

    def checkpoint(self, entries: list[bytes], *, cosigned: int = 2, time: int | None = None) -> bytes:
        leaves = [merkle.leaf_hash(entry) for entry in entries]
        return self.log.checkpoint(leaves, self.now if time is None else time, cosigned=cosigned)


def files_of(entries: list[bytes], links: list[bytes], checkpoint: bytes) -> Files:
    """A bundle in memory."""
    builder, made = tile.TileBuilder(), []
    for entry in entries:
        made += builder.append(merkle.leaf_hash(entry))
    made += builder.partial_tiles()
    files = {wanted.path(): data for wanted, data in made}
    for wanted in tile.bundles(len(entries)):
        part = entries[wanted.index * tile.WIDTH : wanted.index * tile.WIDTH + wanted.width]
        files[wanted.path()] = tile.encode_bundle(part)
    files["links.jsonl"] = b"".join(line + b"\n" for line in links)
    files["checkpoint"] = checkpoint
    return files


@dataclass(frozen=True)
class Mutated:
    """The files, and the entries that were touched (none if that cannot be said)."""

    files: Files
    touched: range = range(0)


Mutate = Callable[[random.Random, Sound], Mutated]


@dataclass(frozen=True)
class Mutation:
    """A kind of tampering. `named` are codes of which the report has one, none if that depends on the place."""

    title: str
    go: Mutate
    named: frozenset[str] = frozenset()


MUTATIONS: list[Mutation] = []


def kind(title: str, *named: str) -> Callable[[Mutate], Mutate]:
    def mark(go: Mutate) -> Mutate:
        MUTATIONS.append(Mutation(title, go, frozenset(named)))
        return go

    return mark


# -- files ---------------------------------------------------------------------------------------------------------


def _pick(chance: random.Random, sound: Sound, prefix: str) -> str:
    return chance.choice(sorted(name for name in sound.files if name.startswith(prefix)))


def _flipped(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _flip(prefix: str) -> Mutate:
    def go(chance: random.Random, sound: Sound) -> Mutated:
        name = _pick(chance, sound, prefix)
        return Mutated({**sound.files, name: _flipped(chance, sound.files[name])})

    return go


for _title, _prefix in (
    ("a bit flipped in the checkpoint", "checkpoint"),
    ("a bit flipped in a tile of hashes", "tile/0/"),
    ("a bit flipped in a tile above", "tile/1/"),
    ("a bit flipped in a bundle of entries", "tile/entries/"),
    ("a bit flipped in the links", "links.jsonl"),
):
    kind(_title)(_flip(_prefix))


@kind(
    "a file cut short",
    "BUNDLE_INVALID",
    "TILE_SIZE",
    "BUNDLE_LINES",
    "LINK_INVALID",
    "LINK_MISSING",
    "NO_LINKS",
    "NOTE_INVALID",
    "NOTE_UNSIGNED",
    "NOT_WITNESSED",
    "ENTRY_LINES",
)
def cut_short(chance: random.Random, sound: Sound) -> Mutated:
    name = _pick(chance, sound, "")
    data = sound.files[name]
    return Mutated({**sound.files, name: data[: chance.randrange(len(data))]})


@kind("bytes put into a file")
def put_in(chance: random.Random, sound: Sound) -> Mutated:
    name = _pick(chance, sound, "")
    data, place = sound.files[name], chance.randrange(len(sound.files[name]) + 1)
    return Mutated(
        {**sound.files, name: data[:place] + chance.randbytes(chance.randrange(1, 40)) + data[place:]}
    )


@kind("a file left out", "BUNDLE_FILE_MISSING", "NO_LINKS")
def left_out(chance: random.Random, sound: Sound) -> Mutated:
    name = _pick(chance, sound, "")
    return Mutated({other: data for other, data in sound.files.items() if other != name})


@kind("two files exchanged")
def exchanged(chance: random.Random, sound: Sound) -> Mutated:
    one, other = chance.sample(sorted(sound.files), 2)
    return Mutated({**sound.files, one: sound.files[other], other: sound.files[one]})


@kind("two bundles of entries exchanged", "ENTRY_NOT_IN_LOG", "BUNDLE_INVALID")
def bundles_exchanged(chance: random.Random, sound: Sound) -> Mutated:
    full = [name for name in sound.files if name.startswith("tile/entries/") and ".p/" not in name]
    one, other = chance.sample(sorted(full), 2)
    return Mutated({**sound.files, one: sound.files[other], other: sound.files[one]})


# -- entries -------------------------------------------------------------------------------------------------------

Change = Callable[[random.Random, Sound], tuple[list[bytes], range]]


def of_store(title: str, *named: str) -> Callable[[Change], Change]:
    """The same change three ways: in the bundle alone, by the database's owner, and with the stolen log key."""

    def mark(change: Change) -> Change:
        def alone(chance: random.Random, sound: Sound) -> Mutated:
            entries, touched = change(chance, sound)
            files = files_of(entries, sound.links, sound.files["checkpoint"])
            kept = {name: data for name, data in sound.files.items() if not name.startswith("tile/entries")}
            parts = {name: data for name, data in files.items() if name.startswith("tile/entries")}
            return Mutated({**parts, **kept}, touched)

        def of_owner(chance: random.Random, sound: Sound) -> Mutated:
            entries, touched = change(chance, sound)
            return Mutated(files_of(entries, sound.links, sound.files["checkpoint"]), touched)

        def resigned(chance: random.Random, sound: Sound) -> Mutated:
            entries, touched = change(chance, sound)
            signed = sound.checkpoint(entries, cosigned=chance.randrange(2))
            return Mutated(files_of(entries, sound.links, signed), touched)

        kind(f"{title}, in the bundle", *named, "BUNDLE_FILE_MISSING", "BUNDLE_INVALID", "ENTRY_NOT_IN_LOG")(
            alone
        )
        kind(
            f"{title}, by the database's owner", *named, "BUNDLE_FILE_MISSING", "LOG_ROOT_WRONG", "TILE_SIZE"
        )(of_owner)
        kind(f"{title}, signed with the stolen log key", *named)(resigned)
        return change

    return mark


def _at(chance: random.Random, sound: Sound) -> int:
    return chance.randrange(2, len(sound.entries))


@of_store(
    "two entries swapped",
    "VERSION_WRONG",
    "PREV_WRONG",
    "SEEN_WRONG",
    "SEEN_AHEAD",
    "PARTIAL_COMMAND",
    "SEEN_BEFORE_OWN",
)
def swapped(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], _at(chance, sound) - 1
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    return entries, range(at, at + 2)


@of_store(
    "an entry deleted",
    "VERSION_WRONG",
    "PREV_WRONG",
    "SEEN_WRONG",
    "SEEN_AHEAD",
    "PARTIAL_COMMAND",
    "NOT_WITNESSED",
)
def deleted(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    at = _at(chance, sound)
    return sound.entries[:at] + sound.entries[at + 1 :], range(at, at + 1)


@of_store("an entry doubled", "VERSION_WRONG", "PARTIAL_COMMAND", "COMMAND_REPEATED")
def doubled(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    at = _at(chance, sound)
    return sound.entries[: at + 1] + sound.entries[at:], range(at, at + 2)


@of_store("an entry cut short", "ENTRY_LINES", "JSON_INVALID", "SIGNATURE_MEMBERS", "JSON_NOT_CANONICAL")
def entry_cut(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], _at(chance, sound)
    entries[at] = entries[at][: chance.randrange(1, len(entries[at]))]
    return entries, range(at, at + 1)


@of_store("an entry back-dated", "SIGNATURE_WRONG", "PARTIAL_COMMAND", "COMMAND_DIFFERS")
def back_dated(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], _at(chance, sound)
    member = chance.choice((b'"occurred_at":"', b'"recorded_at":"'))
    place = entries[at].rindex(member) + len(member)
    year = b"%04d" % (int(entries[at][place : place + 4]) - 1)
    entries[at] = entries[at][:place] + year + entries[at][place + 4 :]
    return entries, range(at, at + 1)


@of_store("half a command", "PARTIAL_COMMAND")
def half(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    sizes = [(start, parse_entry(sound.entries[start]).signature.size) for start in sound.starts]
    start, size = chance.choice([one for one in sizes if one[1] > 1 and one[0] > 1])
    lost = chance.randrange(size)
    return sound.entries[: start + lost] + sound.entries[start + lost + 1 :], range(start, start + size)


@of_store("another spelling of the same JSON", "JSON_NOT_CANONICAL")
def spelt(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], _at(chance, sound)
    mark = chance.choice((b":", b",", b"{"))
    places = [
        i
        for i in range(len(entries[at]))
        if entries[at][i : i + 1] == mark and entries[at][i - 1 : i] == b'"'
    ]
    places = places or [entries[at].index(b":")]
    place = chance.choice(places) + 1
    entries[at] = entries[at][:place] + b" " + entries[at][place:]
    return entries, range(at, at + 1)


@of_store(
    "a word of an entry changed",
    "SIGNATURE_WRONG",
    "PARTIAL_COMMAND",
    "EVENT_DATA_INVALID",
    "PREV_WRONG",
    "COMMAND_DIFFERS",
    "VERSION_WRONG",
    "SEEN_WRONG",
    "SIGNER_NOT_AUTHORISED",
    "ROLE_NOT_HELD",
)
def changed(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], _at(chance, sound)
    line, signature = entries[at].split(b"\n")
    places = [i for i in range(len(line)) if line[i : i + 1].isalnum() and line[i - 1 : i].isalnum()]
    place = chance.choice(places)
    old = line[place : place + 1]
    other = chance.choice(
        [bytes([c]) for c in (b"0123456789" if old.isdigit() else b"abcdefxyz") if bytes([c]) != old]
    )
    entries[at] = line[:place] + other + line[place + 1 :] + b"\n" + signature
    return entries, range(at, at + 1)


@of_store("the signature of another entry", "SIGNATURE_WRONG", "PARTIAL_COMMAND", "SIGNER_NOT_AUTHORISED")
def other_signature(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], _at(chance, sound)
    donor = chance.choice([start for start in sound.starts if start != at])
    entries[at] = entries[at].split(b"\n")[0] + b"\n" + entries[donor].split(b"\n")[1]
    return entries, range(at, at + 1)


def _sealed_again(sound: Sound, at: int, pen: Pen) -> list[bytes]:
    line = sound.entries[at].split(b"\n")[0]
    return seal([line], sound.origin, pen.sign)


def _singles(sound: Sound) -> list[int]:
    return [
        start for start in sound.starts if start > 1 and parse_entry(sound.entries[start]).signature.size == 1
    ]


@of_store("an entry signed again by somebody else", "SIGNER_NOT_AUTHORISED")
def signed_by_another(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    entries, at = sound.entries[:], chance.choice(_singles(sound))
    key = parse_entry(entries[at]).signature.key
    pen = chance.choice([pen for _, pen in sorted(sound.pens.items()) if pen.thumbprint != key])
    entries[at : at + 1] = _sealed_again(sound, at, pen)
    return entries, range(at, at + 1)


@of_store(
    "a person rewrites their own past",
    "PREV_WRONG",
    "SEEN_WRONG",
    "SEEN_AHEAD",
    "REQUEST_MISSING",
    "ATTENDANCE_INVALID",
    "COMPLETION_WRONG",
    "NOT_WITNESSED",
)
def rewritten(chance: random.Random, sound: Sound) -> tuple[list[bytes], range]:
    pens = {pen.thumbprint: pen for pen in sound.pens.values()}
    entries = sound.entries[:]
    at = chance.choice([i for i in _singles(sound) if b"attendance_recorded" in entries[i]])
    entry = parse_entry(entries[at])
    line = entry.payload_bytes.replace(b'"jp":8', b'"jp":%d' % chance.randrange(8))
    entries[at : at + 1] = seal([line], sound.origin, pens[entry.signature.key].sign)
    return entries, range(at, at + 1)


# -- the log as a whole --------------------------------------------------------------------------------------------


def _links_of(sound: Sound, entries: list[bytes]) -> list[bytes]:
    """The links of the certificates that these entries issue: whoever cuts a log cuts them too."""
    issued = {parse_entry(entry).payload.stream for entry in entries if b'"certificate.issued.v1"' in entry}
    return [line for line in sound.links if json.loads(line)["stream"] in issued]


def _ends(sound: Sound) -> Iterator[int]:
    return iter(sound.starts[len(sound.starts) // 2 :])


@kind("an older database restored, its checkpoint genuine but old", "NOT_FRESH", "NOT_WITNESSED")
def restored(chance: random.Random, sound: Sound) -> Mutated:
    size = chance.choice(list(_ends(sound)))
    entries = sound.entries[:size]
    time = sound.now - chance.randrange(25, 2000) * 3600
    last = parse_entry(entries[-1]).payload.recorded_at
    signed = sound.checkpoint(entries, cosigned=chance.choice((2, 3)), time=max(time, posix(last)))
    if posix(last) >= sound.now - 24 * 3600:  # too new to be stale: fewer witnesses then
        signed = sound.checkpoint(entries, cosigned=1)
    return Mutated(files_of(entries, _links_of(sound, entries), signed))


@kind("the log truncated and signed with the stolen log key", "NOT_WITNESSED")
def truncated(chance: random.Random, sound: Sound) -> Mutated:
    entries = sound.entries[: chance.choice(list(_ends(sound)))]
    return Mutated(
        files_of(entries, _links_of(sound, entries), sound.checkpoint(entries, cosigned=chance.randrange(2)))
    )


@kind("the log truncated under the old checkpoint", "BUNDLE_FILE_MISSING", "BUNDLE_INVALID", "TILE_SIZE")
def truncated_only(chance: random.Random, sound: Sound) -> Mutated:
    entries = sound.entries[: chance.choice(list(_ends(sound)))]
    return Mutated(files_of(entries, sound.links, sound.files["checkpoint"]))


@kind("a fork shown to one auditor", "NOT_WITNESSED")
def forked(chance: random.Random, sound: Sound) -> Mutated:
    ends = [
        i for i in range(sound.forked_at + 1, len(sound.other_future) + 1) if _is_end(sound.other_future, i)
    ]
    entries = sound.other_future[: chance.choice(ends)]
    return Mutated(
        files_of(entries, _links_of(sound, entries), sound.checkpoint(entries, cosigned=chance.randrange(2)))
    )


@kind("a fork under the true log's cosignatures", "SIGNATURE_WRONG")
def forked_under(chance: random.Random, sound: Sound) -> Mutated:
    entries = sound.other_future
    signed = sound.checkpoint(entries, cosigned=0)
    lines = sound.files["checkpoint"].decode().split("\n\n")[1].splitlines(keepends=True)[1:]
    taken = "".join(lines[: chance.choice((1, 2))]).encode()
    return Mutated(files_of(entries, _links_of(sound, entries), signed + taken))


@kind("a checkpoint with signatures of strangers")
def strangers(chance: random.Random, sound: Sound) -> Mutated:
    extra = b"".join(
        b"\xe2\x80\x94 stranger%d.example " % n + b"AAAA" * chance.randrange(4, 9) + b"\n"
        for n in range(chance.randrange(1, 5))
    )
    return Mutated({**sound.files, "checkpoint": sound.files["checkpoint"] + extra})


def _is_end(entries: list[bytes], size: int) -> bool:
    signature = parse_entry(entries[size - 1]).signature
    return signature.index == signature.size - 1


# -- links ---------------------------------------------------------------------------------------------------------


def _relinked(sound: Sound, links: list[bytes]) -> Mutated:
    return Mutated({**sound.files, "links.jsonl": b"".join(line + b"\n" for line in links)})


@kind("a link deleted", "LINK_MISSING")
def link_deleted(chance: random.Random, sound: Sound) -> Mutated:
    links = sound.links[:]
    del links[chance.randrange(len(links))]
    return _relinked(sound, links)


@kind("a link doubled", "LINK_INVALID")
def link_doubled(chance: random.Random, sound: Sound) -> Mutated:
    return _relinked(sound, [*sound.links, chance.choice(sound.links)])


@kind("links in another order")
def links_shuffled(chance: random.Random, sound: Sound) -> Mutated:
    return _relinked(sound, chance.sample(sound.links, len(sound.links)))


@kind("a link that says otherwise", "LINK_WRONG", "LINK_INVALID", "LINK_MISSING", "LINK_UNUSED")
def link_changed(chance: random.Random, sound: Sound) -> Mutated:
    links, at = sound.links[:], chance.randrange(len(sound.links))
    donor = chance.choice([line for line in sound.links if line != links[at]])
    part = chance.choice((b'"value":', b'"salt":', b'"stream":'))
    mine, theirs = links[at], donor
    end = {b'"value":': b',"version"', b'"salt":': b',"stream"', b'"stream":': b',"subject"'}[part]
    cut = mine[mine.index(part) : mine.index(end)]
    links[at] = mine.replace(cut, theirs[theirs.index(part) : theirs.index(end)])
    return _relinked(sound, links)


__all__ = ["MUTATIONS", "Mutated", "Mutation", "Sound", "files_of"]
