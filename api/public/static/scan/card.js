// An answer as a card: the template of its code, with the facts and times of this answer in it.
//
// All words stand in the page; this fills their places. A fact is set as text, never as HTML.

export class Words {
  // `root` is the element whose data say how times are written: lang, zone, zoneName, moment.
  constructor(root) {
    const { lang, zone, zoneName, moment } = root.dataset;
    Object.assign(this, { lang, zoneName, momentText: moment });
    const locale = lang === "en" ? "en-GB" : lang;
    const day = { day: "numeric", month: "long", year: "numeric" };
    this.dayFormat = new Intl.DateTimeFormat(locale, { ...day, timeZone: "UTC" });
    this.zonedDay = new Intl.DateTimeFormat(locale, { ...day, timeZone: zone });
    this.time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  }

  // A day, YYYY-MM-DD, as people write it.
  day(iso) {
    return this.dayFormat.format(new Date(`${iso}T00:00:00Z`));
  }

  // A moment in milliseconds, in the server's zone.
  moment(at) {
    const text = this.momentText.replace("{day}", this.zonedDay.format(at)).replace("{time}", this.time.format(at));
    return `${text} ${this.zoneName}`;
  }

  // A copy of a template's content with texts in the places that carry their names; a place without a text
  // goes, and with it what is there only for it (data-with).
  fill(id, texts) {
    const copy = document.getElementById(id).content.cloneNode(true);
    for (const place of copy.querySelectorAll("[data-put]")) {
      if (texts[place.dataset.put] == null) (place.closest("[data-with]") ?? place).remove();
      else place.textContent = texts[place.dataset.put];
    }
    return copy;
  }

  // The text of a list of texts (`words-…`) that has this key.
  text(id, key) {
    return document.getElementById(`words-${id}`).content.querySelector(`[data-key="${key}"]`)?.textContent ?? "";
  }
}

// Which card tells an answer; several codes share one.
export function cardOf({ code, verdict, online }) {
  if (code.startsWith("TOKEN_")) return "FORGED";
  if (code.startsWith("CODE_")) return "QR_URL_INVALID";
  if (code === "KEY_UNKNOWN" && verdict === "does not stand") return "FORGED";
  if (code === "EXPIRED" && verdict && !online) return "LAST_DAY_OVER";
  if (code === "CANNOT_CHECK" && online?.ended) return "ENDED";
  return code;
}

export function display(code) {
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;
}

// The card of an answer as an element; `scanned` is the QR's text.
export function card(answer, scanned, words, store) {
  const span = answer.list ? answer.list : store.listSpan();
  const holder = document.createElement("div");
  holder.append(
    words.fill(`card-${cardOf(answer)}`, {
      listed: span && words.moment(span.issuedAt),
      until: span && Number.isFinite(span.validUntil) ? words.moment(span.validUntil) : null,
      checked: answer.online && words.moment(Date.parse(answer.online.checked_at)),
      successor: answer.online?.ended?.successor,
      scanned: scanned.slice(0, 100),
    }),
  );
  for (const line of holder.querySelectorAll("[data-fact]")) {
    if (!answer.wrong?.includes(line.dataset.fact)) line.remove();
  }
  for (const line of holder.querySelectorAll("[data-signed]")) {
    if (line.dataset.signed !== (answer.isSigned ? "yes" : "no")) line.remove();
  }
  const link = holder.querySelector("[data-page]");
  link.parentElement.before(facts(answer, words));
  if (answer.facts || (answer.qr && answer.verdict === "unknown")) link.href = `/v/${answer.qr.code}?lang=${words.lang}`;
  else link.parentElement.remove();
  return holder.firstElementChild;
}

function facts({ facts, qr }, words) {
  const title = titles(facts?.title, words.lang);
  return words.fill("facts", {
    holder: facts?.holder,
    cut: facts?.nameCut && facts.holder ? "…" : null,
    number: facts?.number,
    title: title[0],
    otherTitle: title[1],
    scheme: facts && !title[0] ? facts.scheme : null,
    kind: facts?.kind ? words.text("kinds", facts.kind) : null,
    issuer: facts?.issuer,
    issued: facts && words.day(facts.issuedOn),
    lastDay: facts?.validUntil ? words.day(facts.validUntil) : null,
    endless: facts && !facts.validUntil ? words.text("kinds", "endless") : null,
    code: qr && display(qr.code),
  });
}

// The title in the reader's language and the other one. A token has the Indonesian one only.
function titles(title, lang) {
  if (!title || typeof title === "string") return [title ?? null, null];
  const [first, second] = lang === "en" ? [title.en, title.id] : [title.id, title.en];
  return [first ?? second, first && second !== first ? second : null];
}
