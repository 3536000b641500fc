// The key file: which keys issue, as two custodians say. verifier/keyfile.py in the browser.
//
// Trust is {origin, custodians, sites, version}: at first what the page gives (the founders of the root file) or,
// without that, whom the first key file itself names; then whom each verified file names. A file that is older than
// what is trusted, another log's, or not signed by two of those people is refused, and what was known stays.

import { isKey, thumbprint, verify } from "./signature.js";
import { UntrustedError, hasExactly, isCount, isText, milliseconds, split } from "./statement.js";

const FORMAT = "certledger/key-file/v1";
const MEMBERS = ["base_urls", "custodians", "issued_at", "keys", "origin", "size", "version"];
const KEY_MEMBERS = [
  "alg", "compromised_from", "from", "issuer", "jwk", "kid", "kind", "organisation", "purpose", "to", "zone",
];
const CUSTODIAN_MEMBERS = ["alg", "jwk", "person", "staff"];
const PURPOSES = ["credential", "token", "status", "pdf"];
const KINDS = ["TRAINING", "COMPETENCE", "UNIT_STATEMENT"];
const ID = /^[A-Za-z0-9._-]{1,128}$/;
const STAFF = /^staff\/[A-Za-z0-9._-]{1,128}$/;
const INVALID = "KEY_FILE_INVALID";
const UNTRUSTED = "KEY_FILE_UNTRUSTED";

// Trust in whom a file names that nobody has verified: at first use, when nothing better is at hand. `site` is
// the {origin, rp_id} whose assertions count.
export function trustAtFirstUse(text, site) {
  const { value } = read(text);
  return { origin: value.origin, custodians: value.custodians, sites: [site], version: 0 };
}

function trustAfter(file, trust) {
  return { origin: trust.origin, custodians: file.custodians, sites: trust.sites, version: file.version };
}

// {version, origin, size, issuedAt, baseUrls, keys, custodians} of a file that trusted custodians signed.
// Keys are as in the file. Throws UntrustedError, NoCryptoError.
export async function parseKeyFile(text, trust) {
  const { value, signatures, message } = read(text);
  if (value.origin !== trust.origin) throw new UntrustedError(UNTRUSTED, "it is about another log");
  if (value.version < trust.version) throw new UntrustedError(UNTRUSTED, "it is older than the one known");
  await checkSignatures(message, signatures, trust);
  return {
    version: value.version,
    origin: value.origin,
    issuedAt: value.issued_at,
    baseUrls: value.base_urls,
    keys: value.keys,
    custodians: value.custodians,
  };
}

// The newest file, after every version that leads from those trusted to it. `fetchVersion(n)` gives a text.
export async function followKeyFile(newest, trust, fetchVersion) {
  try {
    return await adopted(newest, trust);
  } catch (error) {
    if (error.code !== UNTRUSTED) throw error;
    const { version } = read(newest).value;
    if (version <= trust.version + 1) throw error;
    let step = trust;
    for (let number = trust.version + 1; number < version; number++) {
      step = (await adopted(await fetchVersion(number), step)).trust;
    }
    return adopted(newest, step);
  }
}

// {text, file, before: whom one had to trust to believe it, trust: whom to trust from now on}
async function adopted(text, before) {
  const file = await parseKeyFile(text, before);
  return { text, file, before, trust: trustAfter(file, before) };
}

async function checkSignatures(message, signatures, trust) {
  if (!Array.isArray(signatures) || signatures.length !== 2) throw new UntrustedError(UNTRUSTED, "two sign it");
  const names = await Promise.all(trust.custodians.map((one) => thumbprint(one.jwk)));
  const people = new Set();
  for (const { alg, key, ...parts } of signatures) {
    const signer = trust.custodians[names.indexOf(key)];
    if (!signer || signer.alg !== alg || !(await verify(signer, message, parts, trust.sites))) {
      throw new UntrustedError(UNTRUSTED, "somebody signed it who is no custodian, or not this");
    }
    people.add(signer.person);
  }
  if (people.size !== 2) throw new UntrustedError(UNTRUSTED, "both signatures are of one person");
}

function read(text) {
  const statement = split(text, FORMAT, MEMBERS, INVALID);
  const { base_urls: urls, custodians, keys, issued_at: issuedAt, origin, size, version } = statement.value;
  const isWell =
    isCount(version) && version > 0 && isCount(size) && isText(origin) && !Number.isNaN(milliseconds(issuedAt)) &&
    isList(urls) && urls.length > 0 && urls.every((url) => isText(url)) &&
    isList(custodians) && custodians.every(isCustodian) && isList(keys) && keys.every(isIssuerKey);
  if (!isWell) throw new UntrustedError(INVALID, "a member is malformed");
  return statement;
}

function isList(value) {
  return Array.isArray(value) && value.length <= 10000;
}

function isCustodian(value) {
  return (
    hasExactly(value, CUSTODIAN_MEMBERS) && isKey(value.jwk, value.alg) &&
    isText(value.staff) && STAFF.test(value.staff) && isText(value.person) && STAFF.test(value.person)
  );
}

function isIssuerKey(value) {
  if (!hasExactly(value, KEY_MEMBERS) || !isKey(value.jwk, value.alg)) return false;
  const { organisation, issuer, zone, purpose, kind, kid, from, to, compromised_from: compromised } = value;
  const isToken = purpose === "token";
  return (
    isText(organisation) && ID.test(organisation) && isText(issuer, 200) && isText(zone, 200) &&
    PURPOSES.includes(purpose) && isToken === KINDS.includes(kind) && isToken === (kid !== null) &&
    (!isToken || (isCount(kid) && kid < 256)) &&
    isCount(from) && (to === null || isCount(to)) && (compromised === null || isCount(compromised))
  );
}

// Whether a key's owner may say what no longer stands.
export function isStatusKey(key, organisation) {
  return (
    key.organisation === organisation && key.purpose === "status" && key.to === null && key.compromised_from === null
  );
}
