// Many at once, for a human-resources desk: pictures with QR codes, or a table of numbers and names.
//
// One after another, a row at a time, so that the server serves others too. A number and name are asked of
// `/check`, which gives a status and nothing else; where it asks to wait, this waits. Results are shown as they
// come and can be saved as CSV. Nothing is kept.

import { cardOf, display } from "./card.js";
import { check } from "./check.js";
import { decodeText, numbersAndNames, write } from "./csv.js";
import { readPicture } from "./reader.js";

const PAUSE = 250; // milliseconds between two questions to the server
const PATIENCE = 10000;
const TRIES = 5;
const MOST = 2000;

export class Bulk {
  constructor(root, words, store) {
    this.root = root;
    this.words = words;
    this.store = store;
    this.body = root.querySelector("tbody");
    this.progress = root.querySelector("progress");
    this.results = [];
    this.isStopped = false;
    root.querySelector("[data-do=stop]").addEventListener("click", () => (this.isStopped = true));
    root.querySelector("[data-do=save]").addEventListener("click", () => this.save());
  }

  // Check every QR code in these files.
  async pictures(files) {
    await this.run([...files].slice(0, MOST), async (file) => {
      let texts;
      try {
        texts = await readPicture(file);
      } catch {
        return [{ source: file.name, code: "NO_PICTURE" }];
      }
      if (!texts.length) return [{ source: file.name, code: "NO_QR" }];
      const found = [];
      for (const text of texts) found.push(this.ofQr(file.name, await check(text, this.store)));
      return found;
    });
  }

  // Check every number and name of a CSV file. Returns whether there were any.
  async table(file) {
    const rows = numbersAndNames(decodeText(await file.arrayBuffer()));
    if (!rows.length) return false;
    await this.run(rows.slice(0, MOST), async (row, place) => {
      if (place) await sleep(PAUSE);
      return [{ source: String(place + 1), ...row, code: await this.ask(row), at: this.store.now() }];
    });
    return true;
  }

  async run(items, one) {
    this.results = [];
    this.isStopped = false;
    this.body.replaceChildren();
    this.root.hidden = false;
    this.root.classList.add("busy");
    this.progress.max = items.length || 1;
    this.root.querySelector("[data-done]").replaceChildren();
    let done = 0;
    for (; done < items.length && !this.isStopped; done++) {
      this.tell(done, items.length);
      for (const result of await one(items[done], done)) this.add(result);
    }
    this.root.classList.remove("busy");
    this.root.querySelector("[data-count]").replaceChildren();
    this.root.querySelector("[data-done]").replaceChildren(this.words.fill("done", { done, total: items.length }));
  }

  // The status of a number and name, CANNOT_CHECK when the server does not tell.
  async ask({ number, name }) {
    for (let tries = 0; tries < TRIES && !this.isStopped; tries++) {
      try {
        const response = await fetch("/check", {
          method: "POST",
          body: new URLSearchParams({ number, name }),
          headers: { accept: "application/json" },
          signal: AbortSignal.timeout(PATIENCE),
        });
        if (response.status !== 429) {
          const { status, ended } = await response.json();
          return cardOf({ code: status ?? "CANNOT_CHECK", online: { ended } });
        }
        await sleep(1000 * Number(response.headers.get("retry-after") || 10));
      } catch {
        return "CANNOT_CHECK";
      }
    }
    return "CANNOT_CHECK";
  }

  ofQr(source, answer) {
    const { qr, facts, online, list } = answer;
    const basis = online ? "online" : list ? "list" : "none";
    const at = online ? Date.parse(online.checked_at) : list?.issuedAt;
    const code = cardOf(answer);
    return { source, code, number: facts?.number, name: facts?.holder, certificate: qr?.code, basis, at };
  }

  add(result) {
    this.results.push(result);
    const row = this.words.fill("row", {
      source: result.source,
      name: result.name ?? "–",
      number: result.number ?? (result.certificate ? display(result.certificate) : "–"),
    });
    row.querySelector("[data-result]").append(this.mark(result.code));
    this.body.append(row);
  }

  // Icon and word of a code, in its colour.
  mark(code) {
    const card = document.getElementById(`card-${code}`).content;
    const mark = document.createElement("span");
    mark.className = `mark ${card.querySelector(".status").dataset.tone}`;
    mark.append(card.querySelector("svg").cloneNode(true), card.querySelector("h2").textContent);
    return mark;
  }

  tell(done, total) {
    this.progress.value = done;
    const count = this.words.fill("count", { done, total });
    this.root.querySelector("[data-count]").replaceChildren(count);
  }

  save() {
    const { words } = this;
    const heading = ["source", "number", "name", "certificate", "result", "meaning", "basis", "time"];
    const rows = this.results.map(({ source, number, name, certificate, code, basis, at }) => [
      source, number, name, certificate && display(certificate), code,
      document.getElementById(`card-${code}`).content.querySelector("h2").textContent,
      basis && words.text("bases", basis), at && words.moment(at),
    ]);
    const headings = heading.map((name) => words.text("columns", name));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([write([headings, ...rows])], { type: "text/csv" }));
    link.download = words.text("columns", "file");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
