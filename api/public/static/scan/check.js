// One QR text, from reading to answer: the signature here, the status from the server where it can be asked,
// from the withdrawn list where it cannot.
//
// The answer is {code, qr, facts, list, online, wrong, isSigned}. code is one of judge.js, or a status of the public page
// where the server gave one, DIFFERS where the server's record and the signed text disagree (wrong names the
// facts), NO_CRYPTO where this browser cannot verify, NO_KEYS where no key file has been fetched yet.
// Only STANDS and VALID are good.

import { NoCryptoError, sameText } from "../token.js";
import { judge } from "./judge.js";

const PATIENCE = 6000; // milliseconds
const STATUSES = ["VALID", "EXPIRED", "SUSPENDED", "REVOKED", "REPLACED", "NOT_FOUND", "NO_LONGER_VERIFIABLE"];

export async function check(text, store) {
  if (!store.keyFile && navigator.onLine) await store.refresh().catch(() => null);
  if (!store.keyFile) return { code: "NO_KEYS", qr: null };
  try {
    let answer = await offline(text, store);
    // A key may be younger than what is known here, also one that shares its byte with an older one.
    if ((answer.code === "KEY_UNKNOWN" || answer.code === "FORGED") && (await refreshed(store))) {
      answer = await offline(text, store);
    }
    if (answer.verdict === "does not stand" && !answer.facts) return answer;
    if (answer.code === "KEY_UNKNOWN") return answer;
    const record = await ask(answer.qr.code);
    // What the issuer's list says has fallen may have fallen in what the register has lost.
    const listed = answer.verdict === "does not stand" && record?.status === "CANNOT_CHECK";
    return record && !listed ? withRecord(answer, record) : answer;
  } catch (error) {
    if (error instanceof NoCryptoError) return { code: "NO_CRYPTO", qr: null };
    throw error;
  }
}

function offline(text, store) {
  return judge(text, store.keyFile, store.usableLists(), store.now());
}

function refreshed(store) {
  return store.refresh().then(
    () => true,
    () => false,
  );
}

// The server's record of a code, or null when it cannot be had.
async function ask(code) {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const response = await fetch(`/v/${code}`, { cache: "no-store", signal, headers: { accept: "application/json" } });
    const record = await response.json();
    // CANNOT_CHECK for now leaves the answer to what is known here; that of a register which has ended is its answer.
    return STATUSES.includes(record.status) || record.ended ? record : null;
  } catch {
    return null;
  }
}

function withRecord(answer, record) {
  const wrong = answer.facts ? differences(answer.facts, record) : [];
  const code = wrong.length ? "DIFFERS" : record.status;
  return { ...answer, code, online: record, wrong, isSigned: Boolean(answer.facts), facts: factsOf(record, answer.facts) };
}

// What is shown of a record, and of the signed text what the record leaves open. What the record hides is
// hidden here too: the name of a replaced certificate, all of an erased one.
function factsOf(record, facts) {
  if (!record.issued_on) return null;
  return {
    holder: record.holder,
    number: record.number,
    title: record.title,
    kind: record.kind,
    issuer: record.issuer,
    issuedOn: record.issued_on,
    validUntil: record.valid_until,
    nameCut: facts?.nameCut ?? false,
  };
}

// Which facts of the signed text are not those of the record, as far as the record tells them.
function differences(facts, record) {
  const same = {
    holder: () => sameText(facts.holder, record.holder),
    title: () => facts.title === null || sameText(facts.title, record.title.id),
    kind: () => facts.kind === record.kind,
    issued: () => facts.issuedOn === record.issued_on,
    until: () => facts.validUntil === record.valid_until,
  };
  const told = {
    holder: record.holder,
    title: record.title,
    kind: record.kind,
    issued: record.issued_on,
    until: record.issued_on, // null is "no last day" only where a day of issue is told
  };
  return Object.keys(same).filter((name) => told[name] != null && !same[name]());
}
