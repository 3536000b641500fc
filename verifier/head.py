"""The checkpoint at the head of a bundle, and those that were trusted before it.

It is signed by a log that the policy trusts, cosigned by its quorum, recently; at the end of the log its root is
that of the entries.
"""

from collections.abc import Iterable
from typing import Any

from verifier import kept, times
from verifier.audit_result import Audit, Request
from verifier.bundle import Bundle, BundleError
from verifier.checkpoint import Checkpoint
from verifier.errors import Error
from verifier.finding import Findings, parser_rule, unknown, wrong
from verifier.policy import Policy, Verdict
from verifier.structure import CLOCK_SKEW, Structure

ORIGIN_DIFFERS = wrong(
    "ORIGIN_DIFFERS", "The bundle is of another log than the one that the root file names."
)
LOG_ROOT_WRONG = wrong(
    "LOG_ROOT_WRONG",
    "The entries here are not those that the log signed for: something was changed, added or left out.",
)
LOG_KEY_NOT_RECORDED = wrong(
    "LOG_KEY_NOT_RECORDED", "The checkpoint is signed with a key that the log itself never named as its own."
)
RECORDED_AFTER_WITNESS = wrong(
    "RECORDED_AFTER_WITNESS",
    "An entry bears a later time than that at which witnesses had already seen it: it was post-dated.",
)
NOT_WITNESSED = unknown(
    "NOT_WITNESSED",
    "Too few independent witnesses have confirmed this state of the log: another version may have been "
    "shown to others.",
)
NOT_FRESH = unknown(
    "NOT_FRESH",
    "The history is complete up to the time at which witnesses confirmed it; what came later is not "
    "known from this bundle.",
)


def check_head(bundle: Bundle, request: Request, result: Audit) -> Verdict | None:
    """Return what the policy says of the bundle's checkpoint; None, and a finding, if it is no such log's.

    Raises BundleError.
    """
    try:
        verdict = request.policy.check(bundle.checkpoint())
    except BundleError:
        raise
    except Error as error:
        result.findings.add(parser_rule(error.code), error.message, None, "checkpoint")
        return None
    head = verdict.checkpoint
    if head.origin != request.root.origin:
        message = f"the checkpoint is of {head.origin}, the root file of {request.root.origin}"
        result.findings.add(ORIGIN_DIFFERS, message, None, "checkpoint")
        return None
    result.verdict = verdict
    result.complete_up_to = _quorum_time(request.policy, verdict)
    _fresh(verdict, request, result.findings)
    return verdict


def _fresh(verdict: Verdict, request: Request, findings: Findings) -> None:
    policy, now = request.policy, request.now
    if not verdict.witnessed or policy.quorum is None:
        message = f"{len(verdict.times)} of {len(policy.witnesses)} trusted witnesses have cosigned it"
        if policy.quorum is None:
            message = "the policy asks for no witness"
        findings.add(NOT_WITNESSED, message, None, "checkpoint")
    elif not policy.is_fresh(verdict, now - request.max_age, now + CLOCK_SKEW):
        age = request.max_age
        message = f"no quorum confirmed it within the {age // 3600} hours before {times.to_text(now)}"
        findings.add(NOT_FRESH, message, None, "checkpoint")


def check_end(verdict: Verdict, structure: Structure, log_keys: Iterable[str], findings: Findings) -> None:
    """Compare the end of the replayed log with its checkpoint: the root, the log's key, the time."""
    head = verdict.checkpoint
    if structure.size == head.size and structure.root() != head.root:
        message = f"the root over the {head.size} entries is not the signed one"
        findings.add(LOG_ROOT_WRONG, message, None, "checkpoint")
    if str(verdict.log) not in log_keys:
        findings.add(LOG_KEY_NOT_RECORDED, f"the key {verdict.log.key_id.hex()}", None, "checkpoint")
    if verdict.times and structure.newest > max(verdict.times.values()) + CLOCK_SKEW:
        message = f"recorded at {times.to_text(structure.newest)}, witnessed before that"
        findings.add(RECORDED_AFTER_WITNESS, message, None, "checkpoint")


def trusted_before(request: Request) -> tuple[Checkpoint | None, dict[str, Any] | None]:
    """Return the checkpoint that was trusted before, and the state that was kept there.

    Raises Error for what the auditor gave: it cannot be read, or the policy does not trust it.
    """
    if request.since is None:
        return None, None
    signed, state = request.since, None
    if signed.startswith(kept.MAGIC):
        signed, state = kept.load(signed)
        if request.moment is not None or request.named is not None:
            raise Error(
                "SINCE_TOO_LITTLE",
                "statuses as they were, and named facts, need what a kept state does not have",
                "Give the checkpoint itself instead.",
            )
    return request.policy.check(signed).checkpoint, state


def _quorum_time(policy: Policy, verdict: Verdict) -> int | None:
    """Return the latest time at which a quorum had confirmed the checkpoint, None without a quorum."""
    if policy.quorum is None:
        return None
    found = sorted(verdict.times.items(), key=lambda item: -item[1])
    names: list[str] = []
    for name, time in found:
        names.append(name)
        if policy.is_quorum(names):
            return time
    return None
