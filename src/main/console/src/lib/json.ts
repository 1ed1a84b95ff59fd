// JSON whose whole numbers of 64 bits stay exact: a number of JavaScript holds 53.

/** A text of JSON, whose digits are no number, or a number. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** The value of a text of JSON, with a bigint where a number would not be exact; throws for a number beyond all floats. */
export function parseJson(text: string): unknown {
  const mark = markFor(JSON.stringify(JSON.parse(text)));
  const marked = text.replace(TOKEN, token => {
    if (token.startsWith('"')) {
      return token;
    }
    if (!Number.isFinite(Number(token))) {
      throw new Error(`${token} is not a finite number`);
    }
    return isLong(token) ? `"${mark}${token}"` : token;
  });
  return JSON.parse(marked, (_, value) => (typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value));
}

/** The text of a value, in lines; a number that JSON does not have, such as NaN, is quoted. */
export function jsonText(value: unknown): string {
  const text = (mark: string) =>
    JSON.stringify(
      value ?? null,
      (_, inner) => (typeof inner === 'bigint' ? mark + inner : typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner),
      2,
    );
  const mark = markFor(text(''));
  return text(mark).replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

/** The beginning of a text that stands for a number; no text in the JSON has it. */
function markFor(json: string): string {
  let mark = 'number ';
  while (json.includes(mark)) {
    mark = 'long ' + mark;
  }
  return mark;
}

const isLong = (token: string) => /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) && is64Bits(BigInt(token));

/** Whether a signed or an unsigned integer of 64 bits holds the number. */
export const is64Bits = (value: bigint) => value >= -(2n ** 63n) && value < 2n ** 64n;
