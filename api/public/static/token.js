// The signed token in a certificate's QR, as verifier/token.py has it: read strictly, verified with WebCrypto.
//
// A COSE_Sign1 (RFC 9052) in deterministic CBOR (RFC 8949 section 4.2.1), Ed25519, external_aad = the
// certificate's address. What has another spelling is refused: lengths in their shortest form, labels in
// order and once, nothing left over.
//
// Not done here: whose key it is, and whether the certificate still stands. Points of small order are left to
// the browser: only who holds the key, or signs the key file, could make use of them.

const TOKEN_LIMIT = 400; // bytes
const DIGITS_LIMIT = 964;
const SIGNATURE_SIZE = 64;
const LAST_DAY = 2932896; // 9999-12-31
const PROTECTED = [0xa2, 1, 0x32, 4, 0x41]; // {1: -19, 4: h'..'}, the key id is one byte
const TEXT_LIMITS = { holder: 200, scheme: 80, title: 250 };
const LABELS = { 2: "holder", 4: "validUntil", 6: "issuedOn", 0x21: "scheme", 0x22: "title" };
const CUT = "…";

export class TokenError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// This browser has no Ed25519 in WebCrypto, or no WebCrypto because the page came without TLS.
export class NoCryptoError extends Error {}

// The token that the digits of a QR's fragment spell. Throws TokenError. Days count from 1970-01-01; title
// and validUntil are null when the token has none.
export function parseDigits(digits) {
  if (digits.length > DIGITS_LIMIT) throw new TokenError("TOKEN_TOO_LARGE");
  if (!/^[1-9][0-9]*$/.test(digits)) invalid();
  const hex = BigInt(digits).toString(16);
  const even = hex.padStart(hex.length + (hex.length % 2), "0");
  return parseToken(Uint8Array.from(even.match(/../g), (byte) => parseInt(byte, 16)));
}

export function parseToken(bytes) {
  if (bytes.length > TOKEN_LIMIT) throw new TokenError("TOKEN_TOO_LARGE");
  const outer = new Reader(bytes);
  outer.expect(4, 4);
  const head = outer.octets();
  outer.expect(5, 0);
  const payload = outer.octets();
  const signature = outer.octets();
  outer.end();
  if (head.length !== 6 || PROTECTED.some((byte, at) => head[at] !== byte)) invalid();
  if (signature.length !== SIGNATURE_SIZE) invalid();
  return { kid: head[5], ...parseClaims(payload), bytes, head, payload, signature };
}

function parseClaims(payload) {
  const reader = new Reader(payload);
  const claims = { validUntil: null, title: null };
  let last = -1;
  for (let left = reader.head(5); left > 0; left--) {
    const label = reader.byte();
    const name = LABELS[label];
    if (!name || label <= last) invalid();
    last = label;
    claims[name] = name in TEXT_LIMITS ? reader.text(TEXT_LIMITS[name]) : reader.day();
  }
  reader.end();
  if (claims.holder === undefined || claims.scheme === undefined || claims.issuedOn === undefined) invalid();
  if (claims.validUntil !== null && claims.validUntil < claims.issuedOn) invalid();
  return claims;
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  // The argument of the next item, which must be of this major type and in its shortest form.
  head(major) {
    const initial = this.byte();
    if (initial >> 5 !== major) invalid();
    const short = initial & 31;
    if (short < 24) return short;
    const size = { 24: 1, 25: 2, 26: 4 }[short];
    if (!size) invalid();
    const value = this.take(size).reduce((sum, byte) => sum * 256 + byte, 0);
    if (value < { 1: 24, 2: 256, 4: 65536 }[size]) invalid();
    return value;
  }

  expect(major, count) {
    if (this.head(major) !== count) invalid();
  }

  octets() {
    return this.take(this.head(2));
  }

  day() {
    const day = this.head(0);
    if (day > LAST_DAY) invalid();
    return day;
  }

  text(limit) {
    let text;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(this.head(3)));
    } catch {
      invalid();
    }
    const length = [...text].length;
    if (length < 1 || length > limit || /\p{Cc}/u.test(text)) invalid();
    return text;
  }

  byte() {
    return this.take(1)[0];
  }

  take(size) {
    if (this.at + size > this.bytes.length) invalid();
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  end() {
    if (this.at !== this.bytes.length) invalid();
  }
}

function invalid() {
  throw new TokenError("TOKEN_INVALID");
}

// Whether the token is signed for this page (its address before the #) with the key of this JSON Web Key.
// Throws NoCryptoError.
export async function holds(token, page, jwk) {
  const message = bytesOf(
    [0x84, 0x6a], utf8("Signature1"), byteString(token.head), byteString(utf8(page)), byteString(token.payload),
  );
  return verifyEd25519(jwk, token.signature, message);
}

export async function verifyEd25519(jwk, signature, message) {
  let key;
  try {
    const raw = Uint8Array.from(atob(jwk.x.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
    key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    throw new NoCryptoError();
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

function byteString(bytes) {
  const size = bytes.length;
  const head = size < 24 ? [0x40 + size] : size < 256 ? [0x58, size] : [0x59, size >> 8, size & 255];
  return bytesOf(head, bytes);
}

export function bytesOf(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function utf8(text) {
  return new TextEncoder().encode(text);
}

// Whether a printed name or title is the token's. A token has spaces for control characters, and a name that
// was too long for the QR ends in an ellipsis.
export function sameText(claimed, printed) {
  const plain = printed.replace(/[\0-\x1f\x7f-\x9f]/g, " ").trim();
  return claimed === plain || (isCut(claimed) && plain.startsWith(claimed.slice(0, -CUT.length)));
}

export function isCut(text) {
  return text.endsWith(CUT);
}

// A day of a token as YYYY-MM-DD.
export function isoDay(day) {
  return new Date(day * 86400000).toISOString().slice(0, 10);
}
