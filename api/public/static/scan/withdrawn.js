// The lists of withdrawn certificates, one for each issuer: verifier/withdrawn.py in the browser.

import { isStatusKey } from "./keyfile.js";
import { thumbprint, verify } from "./signature.js";
import { UntrustedError, base64Bytes, hasExactly, isCount, milliseconds, split } from "./statement.js";

const FORMAT = "certledger/withdrawn/v1";
const MEMBERS = ["issued_at", "organisation", "origin", "size", "tokens", "valid_until"];
const DIGEST_SIZE = 8;
const INVALID = "WITHDRAWN_INVALID";
const UNTRUSTED = "WITHDRAWN_UNTRUSTED";

// A Map from organisation to {organisation, issuedAt, validUntil (milliseconds), has(digest)}; each list must
// hold. Throws UntrustedError, NoCryptoError.
export async function parseWithdrawn(text, keyFile) {
  const lines = text === "" ? [] : text.split("\n");
  if (lines.length % 2) throw new UntrustedError(INVALID, "each list has two lines");
  const found = new Map();
  for (let at = 0; at < lines.length; at += 2) {
    const list = await parseOne(`${lines[at]}\n${lines[at + 1]}`, keyFile);
    if (found.has(list.organisation)) throw new UntrustedError(INVALID, "an organisation has two lists");
    found.set(list.organisation, list);
  }
  return found;
}

async function parseOne(text, keyFile) {
  const { value, signatures: signature, message } = split(text, FORMAT, MEMBERS, INVALID);
  const { organisation, origin, size, tokens, issued_at: issued, valid_until: until } = value;
  if (origin !== keyFile.origin) throw new UntrustedError(UNTRUSTED, "it is another log's");
  const [issuedAt, validUntil] = [milliseconds(issued), milliseconds(until)];
  const digests = base64Bytes(tokens);
  const isWell =
    hasExactly(signature, ["alg", "key", "sig"]) && typeof organisation === "string" && isCount(size) &&
    !Number.isNaN(issuedAt) && !Number.isNaN(validUntil) && digests !== null && digests.length % DIGEST_SIZE === 0;
  if (!isWell) throw new UntrustedError(INVALID, "a member is malformed");
  const { alg, key: name, ...parts } = signature;
  for (const key of keyFile.keys) {
    if (!isStatusKey(key, organisation) || key.alg !== alg || (await thumbprint(key.jwk)) !== name) continue;
    if (!(await verify(key, message, parts, []))) break;
    return { organisation, issuedAt, validUntil, has: lookup(digests) };
  }
  throw new UntrustedError(UNTRUSTED, "no status key in use of its issuer signed it");
}

// A search in digests that stand one after another in order, each once.
function lookup(digests) {
  const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  const count = digests.length / DIGEST_SIZE;
  for (let at = 1; at < count; at++) {
    if (view.getBigUint64((at - 1) * DIGEST_SIZE) >= view.getBigUint64(at * DIGEST_SIZE)) {
      throw new UntrustedError(INVALID, "its tokens are not sorted");
    }
  }
  return (digest) => {
    const wanted = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
    let [least, most] = [0, count];
    while (least < most) {
      const middle = (least + most) >> 1;
      if (view.getBigUint64(middle * DIGEST_SIZE) < wanted) least = middle + 1;
      else most = middle;
    }
    return least < count && view.getBigUint64(least * DIGEST_SIZE) === wanted;
  };
}
