// The scanner without a network: its page, scripts and reader come from the browser's cache, as they were when
// this version was installed. Nothing else is answered from here; what the scanner knows it keeps by itself.
//
// SHELL and READER are filled in by the server, VERSION changes with them. Asking for the page always gives the
// kept one: a newer version is installed beside it and takes over when the page is opened next.

const VERSION = "{{ version }}";
const PAGES = { id: "/scan?lang=id", en: "/scan?lang=en" };
const SHELL = [/*{{ shell }}*/];
const READER = [/*{{ reader }}*/]; // needed only where the browser reads no QR codes itself
const PREFIX = "scanner-shell-";
const NAME = PREFIX + VERSION;

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(sweep()));
addEventListener("message", (event) => event.data === "take over" && skipWaiting());
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === "/scan") event.respondWith(page(url));
  else if (url.pathname.startsWith("/scan/")) event.respondWith(kept(event.request));
});

async function keep() {
  const cache = await caches.open(NAME);
  const files = [...Object.values(PAGES), ...SHELL, ...((await readsByItself()) ? [] : READER)];
  await cache.addAll(files.map((file) => new Request(file, { cache: "reload" })));
}

async function readsByItself() {
  return "BarcodeDetector" in self && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function sweep() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
  }
  await clients.claim();
}

function page(url) {
  const lang = url.searchParams.get("lang") ?? navigator.language.slice(0, 2);
  return kept(new Request(lang === "en" ? PAGES.en : PAGES.id));
}

async function kept(request) {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}
