// The scanner's page: what its buttons do, and what it tells about itself.

import { NoCryptoError } from "../token.js";
import { Bulk } from "./bulk.js";
import { Camera } from "./camera.js";
import { Words, card } from "./card.js";
import { check } from "./check.js";
import { thumbprint } from "./signature.js";
import { UntrustedError } from "./statement.js";
import { Store } from "./store.js";
import { prepare, readPicture } from "./reader.js";

const RENEWED_AFTER = 30 * 60000; // milliseconds

const root = document.getElementById("scan");
const words = new Words(root);
const store = new Store(root.dataset.founders ? JSON.parse(root.dataset.founders) : null);
const camera = new Camera(find("video"));
const bulk = new Bulk(find("#bulk"), words, store);

function find(selector) {
  return root.querySelector(selector);
}

function on(selector, event, act) {
  find(selector).addEventListener(event, act);
}

// One line under the buttons: a text of the page by its key, or nothing.
function say(key) {
  find("#said").textContent = key ? words.text("said", key) : "";
}

// Show what is to be said of a QR's text, and a line (`note`) with it.
async function show(text, note = null) {
  say("checking");
  const shown = card(await check(text, store), text, words, store);
  say(note);
  find("#result").replaceChildren(shown);
  shown.querySelector("h2").focus();
  shown.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion)").matches ? "auto" : "smooth" });
  await tell();
}

// -- camera and picture

async function scan() {
  say(null);
  find("#result").replaceChildren();
  try {
    await camera.start();
  } catch (error) {
    say(error.name === "NotAllowedError" ? "camera-refused" : navigator.mediaDevices ? "camera-none" : "camera-tls");
    return;
  }
  root.classList.add("looking");
  find("[data-do=stop-camera]").focus();
  find("video").scrollIntoView({ block: "nearest" });
  let texts = [];
  try {
    texts = await camera.find();
  } catch {
    say("reader-missing");
  }
  close();
  if (texts.length) await show(texts[0]);
}

function close() {
  camera.stop();
  root.classList.remove("looking");
}

async function picture(file) {
  say("reading");
  let texts;
  try {
    texts = await readPicture(file);
  } catch (error) {
    say(error instanceof TypeError ? "reader-missing" : "no-picture");
    return;
  }
  if (texts.length) await show(texts[0], texts.length > 1 ? "several" : null);
  else say("no-qr");
}

// Let a button open a field for files, and hand the chosen ones on; the same ones can be chosen again.
function chosen(name, act) {
  on(`[data-opens=${name}]`, "click", () => find(`#${name}`).click());
  on(`#${name}`, "change", async ({ target }) => {
    const files = [...target.files];
    target.value = "";
    if (files.length) await act(files);
  });
}

on("[data-do=camera]", "click", scan);
on("[data-do=stop-camera]", "click", () => (close(), find("[data-do=camera]").focus()));
chosen("picture", ([file]) => picture(file));
chosen("pictures", (files) => bulk.pictures(files));
chosen("table", async ([file]) => {
  find("#table-empty").hidden = true;
  find("#table-empty").hidden = await bulk.table(file);
});

// -- what the scanner knows

async function tell(problem = null) {
  const span = store.listSpan();
  const now = store.now();
  const isFresh = span !== null && store.isClockSound && now <= span.validUntil;
  const file = store.keyFile;
  const trusted = await Promise.all((store.keys?.before.custodians ?? []).map((one) => thumbprint(one.jwk)));
  const known = words.fill("known-facts", {
    now: store.contact && words.moment(now),
    listed: span && words.moment(span.issuedAt),
    until: span && words.moment(span.validUntil),
  });
  const believed = words.fill("believed", {
    hosts: file?.baseUrls.join(" "),
    version: file?.version,
    signed: file && words.moment(Date.parse(file.issuedAt)),
    custodians: trusted.length ? trusted.join("\n") : null,
  });
  const state = problem ?? (!span ? "none" : !store.isClockSound ? "clock" : isFresh ? "fresh" : "stale");
  find("#state").className = `state ${isFresh && !problem ? "ready" : "not-ready"}`;
  find("#state").textContent = words.text("states", state);
  find("#known").replaceChildren(known);
  find("#believed-now").replaceChildren(believed);
}

async function renew() {
  let problem = null;
  find("#state").setAttribute("aria-busy", "true");
  try {
    await store.refresh();
  } catch (error) {
    if (error instanceof NoCryptoError) problem = "crypto";
    else if (error instanceof UntrustedError) problem = store.keys ? "untrusted" : "untrusted-first";
    else if (!store.keys) problem = "unreachable";
  }
  await tell(problem);
  find("#state").setAttribute("aria-busy", "false");
}

on("[data-do=renew]", "click", renew);
on("[data-do=forget]", "click", async () => {
  if (!confirm(words.text("said", "forget"))) return;
  await store.forget();
  await renew();
});
addEventListener("online", renew);
setInterval(() => {
  if (document.visibilityState === "visible" && navigator.onLine) renew();
}, RENEWED_AFTER);

// -- installing

let installing = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installing = event;
  find("[data-do=install]").hidden = false;
});
on("[data-do=install]", "click", () => {
  installing?.prompt();
  find("[data-do=install]").hidden = true;
});

// A newer scanner that waits takes over before anything has been done here.
async function install() {
  if (!("serviceWorker" in navigator)) return "no-offline";
  const registration = await navigator.serviceWorker.register("/scan/sw.js", { scope: "/scan" });
  if (registration.waiting && navigator.serviceWorker.controller) {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage("take over");
  }
  await navigator.serviceWorker.ready;
  registration.update().catch(() => null); // without a network there is nothing newer
  await navigator.storage?.persist?.();
  return "offline";
}

install()
  .catch(() => "no-offline")
  .then((key) => (find("#offline").textContent = words.text("said", key)));
await store.load().catch(() => null);
await tell();
await renew();
prepare().catch(() => null);
root.dataset.ready = "yes";
