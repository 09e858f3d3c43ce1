/** What a body is that is no JSON: recognised by its first bytes, so that the refusal can say what to send instead. */

/** First bytes of what clients pack bodies into. */
const packed: readonly { begins: readonly number[]; is: string; send: string }[] = [
  { begins: [0x1f, 0x8b], is: 'gzip', send: 'send `Content-Encoding: gzip` with it, or plain JSON' },
  {
    begins: [0x28, 0xb5, 0x2f, 0xfd],
    is: 'zstd',
    send: 'send gzip with `Content-Encoding: gzip`, or plain JSON',
  },
  { begins: [0x78, 0x01], is: 'deflate', send: 'send gzip with `Content-Encoding: gzip`, or plain JSON' },
  { begins: [0x78, 0x9c], is: 'deflate', send: 'send gzip with `Content-Encoding: gzip`, or plain JSON' },
  { begins: [0x78, 0xda], is: 'deflate', send: 'send gzip with `Content-Encoding: gzip`, or plain JSON' },
  { begins: [0x50, 0x4b, 0x03, 0x04], is: 'a ZIP file', send: 'send the FHIR JSON in it' },
];

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/**
 * Why bytes can be no JSON, in a sentence; null where they may be. Looks at the first few alone.
 * @param isUnpacked they were packed, as their header said
 */
export function whyNoJson(bytes: Uint8Array, isUnpacked = false): string | null {
  const pack = packed.find(({ begins }) => begins.every((byte, index) => bytes[index] === byte));
  if (pack && isUnpacked) return `the body is ${pack.is} inside gzip: pack it once`;
  if (pack) return `the body is ${pack.is}: ${pack.send}`;
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (isBlank(bytes[at])) at += 1;
  return bytes[at] === 0x3c ? 'the body is XML: send FHIR as JSON' : null;
}

/** Whether a text that is no JSON has a JSON object on its first line and another behind it. */
export function isLineByLine(text: string): boolean {
  const [, first = '', rest = ''] = /^\s*(\{[^\n]*\})[ \t\r]*\n\s*(\{|$)/.exec(text) ?? [];
  if (first === '' || rest === '') return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}
