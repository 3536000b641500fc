// QR codes in a picture or a frame of the camera: by the browser's own BarcodeDetector where there is one, else
// by ZXing compiled to WebAssembly, which comes from this server and is loaded when it is first needed.

const LONGEST_SIDES = [1600, 4096]; // pixels: what is found in the small picture is found fast
const MOST = 20; // codes in one picture

let native = null;
let zxing = null;

async function nativeReader() {
  if (!("BarcodeDetector" in globalThis)) return null;
  const formats = await BarcodeDetector.getSupportedFormats();
  return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
}

async function zxingReader() {
  const module = await import("../zxing/reader/index.js");
  const locateFile = (name) => new URL(`../zxing/reader/${name}`, import.meta.url).href;
  await module.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
  return module;
}

// Load what reads, so that the first picture need not wait. Returns "native" or "zxing".
export async function prepare() {
  native ??= nativeReader();
  if (await native) return "native";
  zxing ??= zxingReader();
  zxing.catch(() => (zxing = null)); // so that the next try loads again
  await zxing;
  return "zxing";
}

async function withNative(canvas) {
  const reader = await native;
  try {
    return reader ? (await reader.detect(canvas)).map((code) => code.rawValue) : [];
  } catch {
    native = Promise.resolve(null); // announced, but not there: some systems lack the service behind it
    return [];
  }
}

async function withZxing(canvas) {
  zxing ??= zxingReader();
  const { readBarcodes } = await zxing;
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: MOST };
  return (await readBarcodes(pixels, options)).filter((code) => code.isValid).map((code) => code.text);
}

// The texts of the QR codes in a frame.
export async function readFrame(canvas) {
  return (await prepare()) === "native" ? withNative(canvas) : withZxing(canvas);
}

// The texts of the QR codes in a picture file. Throws when it is no picture that this browser knows.
export async function readPicture(file) {
  const bitmap = await createImageBitmap(file);
  const longest = Math.max(bitmap.width, bitmap.height);
  try {
    for (const side of LONGEST_SIDES) {
      const canvas = drawn(bitmap, Math.min(1, side / longest));
      await prepare();
      const texts = await withNative(canvas);
      const found = texts.length ? texts : await withZxing(canvas);
      if (found.length || longest <= side) return [...new Set(found)];
    }
    return [];
  } finally {
    bitmap.close();
  }
}

// A picture or frame, in this scale, on a canvas.
export function drawn(source, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round((source.videoWidth ?? source.width) * scale));
  canvas.height = Math.max(1, Math.round((source.videoHeight ?? source.height) * scale));
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}
