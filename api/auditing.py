"""``certledger export`` and ``certledger restore``: what the commands do once the ledger is open.

What a ledger that has ended exports is what was signed while it stood, and the acts that ended it.

Restoring opens the ledger without the start-up check, since
it is what the check asks for; the check comes afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from keys.passphrase import check_new
from ledger.log.claims import provenance_tags
from ledger.log.export import Exported, Named, export
from ledger.log.policies import POLICY, room_of
from ledger.log.recover import Recovered, recover
from ledger.log.room import LogRoom
from ledger.log.succession import Succession, last_words
from ledger.log.witnesses import Send, post
from ledger.personal.tags import Tags

SUCCESSION = "succession"

if TYPE_CHECKING:
    from api.composition import House

Progress = Callable[[int, int], None]


def open_room(house: House, *, anchor: Path | None = None, send: Send = post) -> LogRoom:
    """A room of one's own over an opened ledger: other witnesses, another anchor than the house's."""
    return room_of(house.folder, house.application, anchor=anchor, send=send)


def export_bundle(
    house: House,
    room: LogRoom,
    folder: Path,
    *,
    files: Mapping[str, Callable[[], bytes]] | None = None,
    named: Named | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Exported:
    """Sign and publish what is new, ask the witnesses, and write the auditor's folder.

    ``files`` are status lists and the like, by their path in the folder. Raises what ``ledger.log.export`` and
    the room raise, and UnlockError PASSPHRASE_WEAK.
    """
    if named is not None:
        check_new(named.passphrase)
    room.check(ask_witnesses=False)
    room.round()
    room.ask_witnesses(everyone=True)
    given: dict[str, Callable[[], bytes]] = {"root": house.folder.root.to_bytes, **(files or {})}
    if room.ended():
        given[SUCCESSION] = partial(last_words, house.application, house.folder.settings.ledger)
    if (house.folder.path / POLICY).exists():
        given[POLICY] = (house.folder.path / POLICY).read_bytes
    return export(
        room, house.application, house.personal, folder, files=given, named=named, progress=progress
    )


def published_lists(house: House) -> dict[str, Callable[[], bytes]]:
    """What the ledger publishes beside its log: the key file; while it goes on also its lists of what fell."""
    now = house.clock.now()
    keys = house.key_files.newest()
    files: dict[str, Callable[[], bytes]] = {} if keys is None else {"keys": lambda: keys}
    if house.room.ended():
        return files
    files["withdrawn"] = partial(house.lists.withdrawn, now)
    number = 1
    while (listed := house.lists.status_list(number, now)) is not None:
        files[f"status/{number}"] = partial(bytes, listed)
        number += 1
    return files


def restore_entries(
    house: House, room: LogRoom, source: Path, *, progress: Progress = lambda _done, _total: None
) -> Recovered:
    """Append what ``source`` (a published log/ or an export) has and the database has not."""
    tag = provenance_tags(house.personal, Tags(house.datakeys))
    return recover(room, house.application, source, tag, progress)


def told_export(done: Exported, folder: Path, ended: Succession | None = None) -> str:
    """What the export's user is told."""
    lines = [f"{folder}: {done.size} entries, {done.links} links."]
    if done.facts:
        lines.append(f"{done.facts} named facts are in personal.jsonl; the passphrase travels another way.")
    if ended is not None:
        lines.append(
            f"This log has ended: it had {ended.size} entries, {ended.restored} are left, {done.size} of them in this"
            " folder. An auditor will say that later ones are not known."
        )
    if done.newer:
        lines.append(f"{done.newer} newer entries are left out: not enough witnesses have seen them yet.")
    if not done.witnessed:
        lines.append(
            f"Its checkpoint has {done.cosignatures} cosignatures, which satisfies no policy: an auditor"
            " will say that the log is genuine, but not that it is the only one."
        )
    return "\n".join(lines)


def told_recovery(done: Recovered) -> str:
    """What the restorer is told."""
    if done.known > done.size:
        return (
            f"{done.appended} entries were brought back; the log has {done.size} now, but {done.known} are known to"
            " have been signed. Look for a source that has the rest."
        )
    return f"{done.appended} entries were brought back; the log has {done.size}, and nothing signed here is missing."
