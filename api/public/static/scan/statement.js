// Statements in two lines, `payload LF signatures`, both RFC 8785 JSON: verifier/twoline.py in the browser.
//
// The payload's bytes are what is signed; JSON in any other spelling is refused, so that nothing can be said
// twice in one object. For integers, texts, true, false and null JSON.stringify writes RFC 8785 by itself.

import { NoCryptoError, utf8 } from "../token.js";

// What is not to be believed, with a stable code.
export class UntrustedError extends Error {
  constructor(code, why) {
    super(`${code}: ${why}`);
    this.code = code;
  }
}

export function split(text, format, members, code) {
  const end = text.indexOf("\n");
  if (end < 0) throw new UntrustedError(code, "it has not two lines");
  const payload = text.slice(0, end);
  const value = decode(payload, code);
  if (!hasExactly(value, ["format", ...members]) || value.format !== format) {
    throw new UntrustedError(code, "it is another kind of statement");
  }
  return { value, signatures: decode(text.slice(end + 1), code), message: utf8(`${format}\n${payload}`) };
}

export function hasExactly(value, members) {
  return (
    value !== null && typeof value === "object" && !Array.isArray(value) &&
    Object.keys(value).length === members.length && members.every((name) => Object.hasOwn(value, name))
  );
}

function decode(text, code) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UntrustedError(code, "it is no JSON");
  }
  if (canonical(value) !== text) throw new UntrustedError(code, "it is not in its one spelling");
  return value;
}

// RFC 8785 text of a value. Member names sort by UTF-16 code units, as JavaScript compares texts.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) return "";
  return JSON.stringify(value);
}

export function isText(value, limit = 300) {
  return typeof value === "string" && value.length > 0 && value.length <= limit;
}

export function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

// A time of the form YYYY-MM-DDThh:mm:ssZ in milliseconds; NaN for anything else.
export function milliseconds(text) {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return NaN;
  const moment = Date.parse(text);
  // Days and hours that do not exist come back as others.
  return Number.isNaN(moment) || new Date(moment).toISOString().replace(".000", "") !== text ? NaN : moment;
}

// The bytes of standard or URL-safe base64 with one spelling for each value; null for anything else.
export function base64Bytes(text, { urlSafe = false } = {}) {
  if (typeof text !== "string") return null;
  const standard = urlSafe ? text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat(-text.length & 3) : text;
  let binary;
  try {
    binary = atob(standard);
  } catch {
    return null;
  }
  if (btoa(binary) !== standard || (urlSafe && /[+/=]/.test(text))) return null;
  return Uint8Array.from(binary, (each) => each.charCodeAt(0));
}

export function base64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

export async function sha256(bytes) {
  if (!crypto.subtle) throw new NoCryptoError();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
