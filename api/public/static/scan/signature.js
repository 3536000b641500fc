// Public keys and the four signature algorithms of the ledger: verifier/publickey.py and verifier/webauthn.py
// in the browser, over WebCrypto.
//
// | alg              | key     | sig                                    | over                            |
// | ed25519          | Ed25519 | 64 bytes                               | the message                     |
// | es256            | P-256   | r||s, 64 bytes, low s                  | the message (SHA-256 inside)    |
// | webauthn-ed25519 | Ed25519 | 64 bytes                               | an assertion whose challenge is |
// | webauthn-es256   | P-256   | DER, as the authenticator gave it      | SHA-256 of the message          |

import { bytesOf, utf8, verifyEd25519 } from "../token.js";
import { base64Bytes, base64Url, canonical, hasExactly, sha256 } from "./statement.js";

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const FLAGS = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backupState: 0x10, attested: 0x40 };
const EXTENSIONS = 0x80;
const AUTHENTICATOR_DATA = 37; // bytes without extensions

export async function thumbprint(jwk) {
  return base64Url(await sha256(utf8(canonical(jwk))));
}

export function isKey(jwk, alg) {
  const coordinate = (text) => base64Bytes(text, { urlSafe: true })?.length === 32;
  if (alg === "ed25519" || alg === "webauthn-ed25519") {
    return hasExactly(jwk, ["crv", "kty", "x"]) && jwk.crv === "Ed25519" && jwk.kty === "OKP" && coordinate(jwk.x);
  }
  if (alg !== "es256" && alg !== "webauthn-es256") return false;
  const named = hasExactly(jwk, ["crv", "kty", "x", "y"]) && jwk.crv === "P-256" && jwk.kty === "EC";
  return named && coordinate(jwk.x) && coordinate(jwk.y);
}

// Whether `parts`, the signature object without key and alg, is a signature over `message` by the key.
// `sites` are the {origin, rp_id} whose assertions count. Throws NoCryptoError.
export async function verify({ jwk, alg }, message, parts, sites) {
  const isWebauthn = alg.startsWith("webauthn-");
  if (!hasExactly(parts, isWebauthn ? ["authenticatorData", "clientDataJSON", "sig"] : ["sig"])) return false;
  let signature = base64Bytes(parts.sig);
  let signed = message;
  if (isWebauthn) {
    signed = await assertionBytes(message, base64Bytes(parts.authenticatorData), base64Bytes(parts.clientDataJSON), sites);
  }
  if (signature === null || signed === null) return false;
  if (alg.endsWith("ed25519")) return signature.length === 64 && verifyEd25519(jwk, signature, signed);
  signature = alg === "webauthn-es256" ? rawFromDer(signature) : lowS(signature);
  if (signature === null) return false;
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed);
}

function lowS(signature) {
  return signature.length === 64 && integer(signature.subarray(32)) <= P256_ORDER / 2n ? signature : null;
}

function integer(bytes) {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

// r||s of a strict DER SEQUENCE of two INTEGERs, or null.
function rawFromDer(der) {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return null;
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const size = der[at + 1];
    const bytes = der.subarray(at + 2, at + 2 + size);
    if (der[at] !== 2 || !size || bytes.length !== size || bytes[0] & 0x80) return null;
    if (bytes[0] === 0 && (size === 1 || !(bytes[1] & 0x80))) return null; // zero, or a longer form than needed
    const bare = bytes[0] === 0 ? bytes.subarray(1) : bytes;
    if (bare.length > 32) return null;
    raw.set(bare, end - bare.length);
    at += 2 + size;
  }
  return at === der.length ? raw : null;
}

// What an assertion over this message signed (WebAuthn Level 3 section 7.2), or null when it does not count.
async function assertionBytes(message, data, clientData, sites) {
  if (data === null || clientData === null || data.length < AUTHENTICATOR_DATA) return null;
  let client;
  try {
    client = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(clientData));
  } catch {
    return null;
  }
  if (client?.type !== "webauthn.get" || client.challenge !== base64Url(await sha256(message))) return null;
  if ((client.crossOrigin ?? false) !== false || "topOrigin" in client) return null;
  const flags = data[32];
  const isVerified = flags & FLAGS.userPresent && flags & FLAGS.userVerified;
  const contradicts = flags & FLAGS.backupState && !(flags & FLAGS.backupEligible);
  const isExtended = data.length > AUTHENTICATOR_DATA;
  if (!isVerified || contradicts || flags & FLAGS.attested || isExtended !== Boolean(flags & EXTENSIONS)) return null;
  for (const site of sites) {
    const hash = await sha256(utf8(site.rp_id));
    if (site.origin === client.origin && hash.every((byte, at) => byte === data[at])) {
      return bytesOf(data, await sha256(clientData));
    }
  }
  return null;
}
