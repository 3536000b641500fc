// What the scanner knows without a network: whom it believes, the key file, the withdrawn lists, the time.
//
// It is fetched from this server, verified, and kept in the browser's cache storage; what does not verify
// never takes the place of what did. Whom the scanner believes is pinned when it is opened first: the ledger's
// founders, whom the page names, or else whom the first key file names. The time is the server's (on a demonstration a
// simulated one), carried on by the device's clock. A device whose clock went back does not know the time, and
// then no list is fresh.

import { NoCryptoError } from "../token.js";
import { followKeyFile, parseKeyFile, trustAtFirstUse } from "./keyfile.js";
import { UntrustedError, milliseconds } from "./statement.js";
import { parseWithdrawn } from "./withdrawn.js";

const NAME = "scanner-data";
const PLACE = "/scan/kept";
const PATIENCE = 10000; // milliseconds that the server may take to answer
const CLOCK_TOLERANCE = 60000;

export class Store {
  // `founders` is the trust that the page gives, or null when it gives none.
  constructor(founders) {
    this.founders = founders;
    this.keys = null; // {text, file, before, trust}
    this.withdrawnText = "";
    this.lists = null;
    this.contact = null; // {server, device: the two clocks at the last contact, simulated}
    this.seen = 0; // the latest that the device's clock has ever shown here
  }

  get keyFile() {
    return this.keys?.file ?? null;
  }

  // Read what is kept. What was damaged is as good as never fetched.
  async load() {
    const kept = await (await this.cache()).match(PLACE);
    if (!kept) return;
    const { keyText, before, withdrawnText, contact, seen } = await kept.json();
    this.contact = contact;
    this.seen = seen;
    this.keys = await followKeyFile(keyText, before);
    this.withdrawnText = withdrawnText;
    this.lists = await parseWithdrawn(withdrawnText, this.keyFile).catch(forgive);
    await this.save();
  }

  // Fetch what is newest. Throws UntrustedError when it is not to be believed, NoCryptoError, or what fetch
  // throws; what was known before is kept then.
  async refresh() {
    const asked = Date.now();
    const time = JSON.parse(await fetchText("/scan/now"));
    // Where a contact takes long, the clock here is ahead of the server's by that at most.
    this.contact = { server: milliseconds(time.now), device: asked, simulated: time.simulated };
    this.seen = asked;
    const keyText = await fetchText("/keys");
    if (keyText !== this.keys?.text) {
      const trust = this.keys?.trust ?? this.founders ?? (await this.firstTrust(keyText));
      this.keys = await followKeyFile(keyText, trust, (version) => fetchText(`/keys/${version}`));
      this.lists = await parseWithdrawn(this.withdrawnText, this.keyFile).catch(forgive);
    }
    const withdrawnText = await fetchText("/withdrawn");
    const lists = await parseWithdrawn(withdrawnText, this.keyFile);
    // A list that is older than the one known would hide a withdrawal that is known already.
    if (!this.lists?.size || this.contact.simulated || oldest(lists) >= oldest(this.lists)) {
      this.lists = lists;
      this.withdrawnText = withdrawnText;
    }
    await this.save();
  }

  // At first use whom the newest file names; if those did not sign it themselves, whom the first one names.
  async firstTrust(keyText) {
    const site = { origin: location.origin, rp_id: location.hostname };
    const named = trustAtFirstUse(keyText, site);
    return parseKeyFile(keyText, named).then(
      () => named,
      async () => trustAtFirstUse(await fetchText("/keys/1"), site),
    );
  }

  async save() {
    this.seen = Math.max(this.seen, Date.now());
    const { withdrawnText, contact, seen } = this;
    const kept = { keyText: this.keys.text, before: this.keys.before, withdrawnText, contact, seen };
    await (await this.cache()).put(PLACE, new Response(JSON.stringify(kept)));
  }

  // Forget everything, whom to believe included.
  async forget() {
    await caches.delete(NAME);
    this.keys = this.lists = this.contact = null;
    this.withdrawnText = "";
  }

  // The time in milliseconds: the server's, carried on by the device's clock.
  now() {
    if (!this.contact) return Date.now();
    return this.contact.server + Math.max(0, Date.now() - this.contact.device);
  }

  get isClockSound() {
    return this.contact !== null && Date.now() >= this.seen - CLOCK_TOLERANCE;
  }

  // The lists as they may be used now.
  usableLists() {
    if (!this.lists || this.isClockSound) return this.lists;
    return new Map([...this.lists].map(([name, list]) => [name, { ...list, validUntil: -Infinity }]));
  }

  // {issuedAt, validUntil} of the list that is oldest, or null when there is none.
  listSpan() {
    if (!this.lists?.size) return null;
    const all = [...this.lists.values()];
    return { issuedAt: oldest(this.lists), validUntil: Math.min(...all.map((list) => list.validUntil)) };
  }

  cache() {
    return caches.open(NAME);
  }
}

export async function fetchText(path) {
  const response = await fetch(path, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

function oldest(lists) {
  return Math.min(...[...lists.values()].map((list) => list.issuedAt));
}

function forgive(error) {
  if (error instanceof UntrustedError && !(error instanceof NoCryptoError)) return null;
  throw error;
}
