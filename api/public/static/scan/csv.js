// CSV (RFC 4180) as spreadsheets write and read it: comma, semicolon or tab; UTF-8 or an older Windows set.

const NUMBER_NAMES = ["number", "certificate number", "nomor", "nomor sertifikat", "no sertifikat", "no. sertifikat"];
const HOLDER_NAMES = ["name", "holder", "name of the holder", "nama", "nama pemegang", "nama peserta"];

// The text of a file's bytes.
export function decodeText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// [{number, name}] of a file: by the headings of its first row, else its first two columns. Rows without a
// number or a name are left out.
export function numbersAndNames(text) {
  const rows = parse(text);
  const headings = (rows[0] ?? []).map((cell) => cell.trim().toLowerCase());
  const [number, name] = [NUMBER_NAMES, HOLDER_NAMES].map((names) => headings.findIndex((each) => names.includes(each)));
  const hasHeadings = number >= 0 && name >= 0;
  const [first, second] = hasHeadings ? [number, name] : [0, 1];
  return (hasHeadings ? rows.slice(1) : rows)
    .map((row) => ({ number: (row[first] ?? "").trim(), name: (row[second] ?? "").trim() }))
    .filter((row) => row.number && row.name);
}

// The rows of cells of a CSV text.
export function parse(text) {
  const separator = separatorOf(text);
  const rows = [[""]];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    const row = rows.at(-1);
    if (isQuoted) {
      if (character !== '"') row[row.length - 1] += character;
      else if (text[at + 1] === '"') row[row.length - 1] += text[++at];
      else isQuoted = false;
    } else if (character === '"' && row.at(-1) === "") isQuoted = true;
    else if (character === separator) row.push("");
    else if (character === "\n") rows.push([""]);
    else if (character !== "\r") row[row.length - 1] += character;
  }
  return rows.filter((row) => row.some((cell) => cell !== ""));
}

// The separator that the first line has most of.
function separatorOf(text) {
  const line = text.slice(0, text.search(/[\r\n]|$/));
  const count = (character) => line.split(character).length;
  return [",", ";", "\t"].reduce((best, each) => (count(each) > count(best) ? each : best));
}

// A CSV text of rows of cells, for spreadsheets: with a byte order mark, and with nothing that they would take
// for a formula.
export function write(rows) {
  const cell = (value) => {
    const text = String(value ?? "");
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n;]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
