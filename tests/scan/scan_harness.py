"""Runs the scanner's modules in a browser, over many cases at once, beside the verifier's Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from verifier.keyfile import Trust

Run = Callable[[str, list[Any]], list[Any]]
"""Run one action of the harness over cases; a case that fails gives its error's code."""

HARNESS = """
const [keyfile, withdrawn, judging, token] = await Promise.all(
    ["scan/keyfile.js", "scan/withdrawn.js", "scan/judge.js", "token.js"].map(name => import(`${assets}/${name}`)))
const bytes = hex => Uint8Array.from(hex.match(/../g) ?? [], each => parseInt(each, 16))
const outcome = async run => { try { return await run() } catch (error) { return error.code ?? `${error}` } }
const kept = new Map()
const once = (text, make) => (kept.has(text) || kept.set(text, make()), kept.get(text))
const actions = {
    judge: async ({text, keys, trust, lists, now}) => {
        const file = await once(keys, () => keyfile.parseKeyFile(keys, trust))
        const parsed = lists === null ? null : await once(keys + lists, () => withdrawn.parseWithdrawn(lists, file))
        const {verdict, code, facts} = await judging.judge(text, file, parsed, now)
        return [verdict, code, facts?.holder ?? null]
    },
    token: async ({hex}) => {
        const {kid, holder, issuedOn, validUntil, scheme, title} = token.parseToken(bytes(hex))
        return [kid, holder, issuedOn, validUntil, scheme, title]
    },
    keys: async ({text, trust}) => (await keyfile.parseKeyFile(text, trust)).version,
    lists: async ({text, keys, trust}) =>
        [...(await withdrawn.parseWithdrawn(text, await keyfile.parseKeyFile(keys, trust))).keys()],
}
const results = []
for (const each of cases) results.push(await outcome(() => actions[action](each)))
return results
"""


def trust_json(trust: Trust) -> dict[str, Any]:
    custodians = [
        {"alg": one.key.alg, "jwk": one.key.jwk, "person": one.person, "staff": one.staff}
        for one in trust.custodians
    ]
    sites = [{"origin": site.origin, "rp_id": site.rp_id} for site in trust.sites]
    return {"origin": trust.origin, "custodians": custodians, "sites": sites, "version": trust.version}
