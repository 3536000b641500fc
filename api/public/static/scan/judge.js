// Does a certificate stand, by its QR alone? verifier/qr.py in the browser, with the same codes:
//
// unknown: QR_WITHOUT_TOKEN, KEY_UNKNOWN (the key file may be too old), KEY_COMPROMISED, NOT_YET_ISSUED,
//   STATUS_UNKNOWN
// does not stand: QR_URL_INVALID, CODE_…, TOKEN_…, HOST_UNKNOWN, KEY_UNKNOWN, FORGED, WITHDRAWN, EXPIRED
// stands: STANDS, and nothing else
//
// Nothing is fetched; key file and lists come verified from keyfile.js and withdrawn.js.

import { TokenError, holds, isCut, isoDay, parseDigits } from "../token.js";
import { milliseconds, sha256 } from "./statement.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE = /^[0-9A-HJKMNP-TV-Z]{13}$/;
const BASE_URL =
  /^(?:https:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::[1-9][0-9]{0,4})?)$/;
const URL_LIMIT = 400;
const DAY = 86400000;

// {base, code, page, token} of a QR's text; token is null without a fragment. Throws TokenError.
export function parseQr(text) {
  const mark = text.indexOf("#");
  const page = mark < 0 ? text : text.slice(0, mark);
  const cut = page.lastIndexOf("/v/");
  const [base, code] = [page.slice(0, cut), page.slice(cut + 3)];
  if (page.length > URL_LIMIT || cut < 0 || !BASE_URL.test(base)) throw new TokenError("QR_URL_INVALID");
  if (!CODE.test(code)) throw new TokenError("CODE_MALFORMED");
  if (checkCharacter(code.slice(0, 12)) !== code[12]) throw new TokenError("CODE_CHECK_WRONG");
  return { base, code, page, token: mark < 0 ? null : parseDigits(text.slice(mark + 1)) };
}

// Luhn mod 32, as in verifier/code.py.
function checkCharacter(body) {
  let total = 0;
  [...body].reverse().forEach((character, position) => {
    const addend = ALPHABET.indexOf(character) * (position % 2 ? 1 : 2);
    total += Math.floor(addend / 32) + (addend % 32);
  });
  return ALPHABET[(32 - (total % 32)) % 32];
}

// {verdict: "stands", "does not stand" or "unknown", code, qr, facts, list}. `lists` may be null; `now` is in
// milliseconds. facts are the signer's words where the signature holds and absent where it does not.
// Throws NoCryptoError.
export async function judge(text, keyFile, lists, now) {
  let qr;
  try {
    qr = parseQr(text);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { verdict: "does not stand", code: error.code, qr: null };
  }
  const { token } = qr;
  if (!keyFile.baseUrls.includes(qr.base)) return { verdict: "does not stand", code: "HOST_UNKNOWN", qr };
  if (token === null) return { verdict: "unknown", code: "QR_WITHOUT_TOKEN", qr };
  const candidates = keyFile.keys.filter((key) => key.purpose === "token" && key.kid === token.kid);
  if (!candidates.length) return { ...keyUnknown(token, keyFile), qr };
  candidates.sort((one, other) => other.from - one.from);
  for (const key of candidates) {
    if (await holds(token, qr.page, key.jwk)) {
      const list = lists?.get(key.organisation) ?? null;
      return { ...(await stands(token, key, list, now)), qr, list, facts: factsOf(token, key) };
    }
  }
  return { verdict: "does not stand", code: "FORGED", qr };
}

async function stands(token, key, list, now) {
  const today = dayIn(key.zone, now);
  if (key.compromised_from !== null) return { verdict: "unknown", code: "KEY_COMPROMISED" };
  if (list?.has((await sha256(token.bytes)).subarray(0, 8))) return { verdict: "does not stand", code: "WITHDRAWN" };
  if (token.validUntil !== null && today > isoDay(token.validUntil)) {
    return { verdict: "does not stand", code: "EXPIRED" };
  }
  if (isoDay(token.issuedOn) > today) return { verdict: "unknown", code: "NOT_YET_ISSUED" };
  if (!list || now > list.validUntil) return { verdict: "unknown", code: "STATUS_UNKNOWN" };
  return { verdict: "stands", code: "STANDS" };
}

// A key that signed before the key file was made would be in it; a day more, for any zone.
function keyUnknown(token, keyFile) {
  const madeOn = Math.floor(milliseconds(keyFile.issuedAt) / DAY);
  return { verdict: token.issuedOn - madeOn < -1 ? "does not stand" : "unknown", code: "KEY_UNKNOWN" };
}

function factsOf(token, key) {
  return {
    holder: token.holder,
    nameCut: isCut(token.holder),
    title: token.title,
    scheme: token.scheme,
    issuedOn: isoDay(token.issuedOn),
    validUntil: token.validUntil === null ? null : isoDay(token.validUntil),
    kind: key.kind,
    issuer: key.issuer,
    zone: key.zone,
  };
}

// The day that it is in a zone, as YYYY-MM-DD.
export function dayIn(timeZone, now) {
  const format = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}`;
}
