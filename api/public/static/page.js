// The page of a certificate, opened from its QR: does the signed text in the QR say what this page says?
//
// The digits behind the # never reach the server. They are read, taken out of the address bar, verified under
// the issuer's keys of /keys for this page's address, and compared with what the page shows. Without this
// script the page is complete; it adds an answer about the paper, and takes the green away where paper and
// record do not agree.
//
// The page's server gives page, script and keys alike, so this shows a forged paper, not a forged server; that
// is what the scanner is for, which pins whom it believes.

import { NoCryptoError, holds, isCut, isoDay, parseDigits, sameText } from "./token.js";

const paper = document.querySelector("[data-code]");
const box = document.getElementById("qr");

async function check() {
  const digits = location.hash.slice(1);
  if (!/^[0-9]/.test(digits) || !paper) return;
  history.replaceState(null, "", location.pathname + location.search);
  // A reader who changes the language keeps the QR.
  for (const link of document.querySelectorAll(".lang a")) link.hash = digits;
  const { answer, cut, wrong } = await judge(digits);
  show(answer, cut, wrong);
}

// {answer: "matches", "genuine", "differs", "forged" or why it "cannot…", cut, wrong: names of facts}
async function judge(digits) {
  let token;
  try {
    token = parseDigits(digits);
  } catch {
    return { answer: "forged", wrong: [] };
  }
  try {
    // Kept keys do unless they do not fit: this one may be younger than what the browser has kept.
    const answer = await verify(token, "force-cache");
    return answer.again ? await verify(token, "reload") : answer;
  } catch (error) {
    return { answer: error instanceof NoCryptoError ? "cannot-browser" : "cannot-keys", wrong: [] };
  }
}

async function verify(token, cache) {
  const response = await fetch("/keys", { cache });
  if (!response.ok) throw new Error(`/keys: ${response.status}`);
  const { base_urls: addresses, keys } = JSON.parse((await response.text()).split("\n")[0]);
  if (!addresses.includes(location.origin)) return { answer: "cannot-address", wrong: [], again: true };
  for (const key of keys.filter((each) => each.purpose === "token" && each.kid === token.kid)) {
    for (const address of addresses) {
      if (await holds(token, `${address}/v/${paper.dataset.code}`, key.jwk)) {
        return key.compromised_from === null ? compare(token, key) : { answer: "cannot-keys", wrong: [] };
      }
    }
  }
  return { answer: "forged", wrong: [], again: true };
}

function compare(token, key) {
  const { code, ...printed } = paper.dataset; // kind, scheme, title, issued, until, as far as this page tells them
  const name = paper.querySelector(".name bdi");
  if (name) printed.holder = name.textContent;
  const claimed = {
    holder: token.holder,
    kind: key.kind,
    issued: isoDay(token.issuedOn),
    until: token.validUntil === null ? "" : isoDay(token.validUntil),
    scheme: token.scheme,
    title: token.title ?? printed.title,
  };
  const wrong = Object.keys(printed).filter((fact) => !sameText(claimed[fact], printed[fact]));
  const named = printed.holder && printed.issued && (printed.scheme || (printed.title && token.title));
  return { answer: wrong.length ? "differs" : named ? "matches" : "genuine", wrong, cut: isCut(token.holder) };
}

function show(answer, cut, wrong) {
  const status = document.querySelector(".status");
  const bad = answer === "forged" || answer === "differs";
  const card = document.getElementById("qr-words").content.querySelector(`[data-answer=${answer}]`).cloneNode(true);
  for (const line of card.querySelectorAll("[data-fact]")) wrong.includes(line.dataset.fact) || line.remove();
  if (!cut) card.querySelector("[data-cut]")?.remove();
  // Green says that the paper can be relied on, which a bad QR refutes.
  status.classList.toggle("doubt", bad);
  card.classList.toggle("good", answer === "matches" && status.classList.contains("VALID"));
  box.setAttribute("role", bad ? "alert" : "status");
  if (bad) status.before(box);
  else status.after(box);
  box.replaceChildren(card);
  if (bad) document.title = `${card.querySelector("h2").textContent} – ${document.title}`;
}

addEventListener("hashchange", check);
check();
