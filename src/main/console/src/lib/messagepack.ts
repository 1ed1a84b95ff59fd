// MessagePack (msgpack.org), in which flytekit keeps dataclasses and dicts.
import type { Plain } from './literal';

/** The bytes of a value of JSON; whole numbers are integers, and others 64-bit floats. */
export function messagePack(value: unknown): Uint8Array {
  const bytes: number[] = [];
  write(bytes, value);
  return Uint8Array.from(bytes);
}

function write(bytes: number[], value: unknown): void {
  if (value === null || value === undefined) {
    bytes.push(0xc0);
  } else if (typeof value === 'boolean') {
    bytes.push(value ? 0xc3 : 0xc2);
  } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    integer(bytes, BigInt(value as number | bigint));
  } else if (typeof value === 'number') {
    bytes.push(0xcb);
    fixed(bytes, 8, view => view.setFloat64(0, value));
  } else if (typeof value === 'string') {
    const text = new TextEncoder().encode(value);
    head(bytes, text.length, 0xa0, 31, 0xd9);
    text.forEach(byte => bytes.push(byte));
  } else if (Array.isArray(value)) {
    head(bytes, value.length, 0x90, 15, null);
    value.forEach(each => write(bytes, each));
  } else {
    const entries = Object.entries(value as object);
    head(bytes, entries.length, 0x80, 15, null);
    for (const [name, each] of entries) {
      write(bytes, name);
      write(bytes, each);
    }
  }
}

function integer(bytes: number[], value: bigint) {
  if (value >= -32n && value < 128n) {
    bytes.push(Number(value) & 0xff);
  } else if (value < 0n) {
    bytes.push(0xd3);
    fixed(bytes, 8, view => view.setBigInt64(0, value));
  } else {
    bytes.push(0xcf);
    fixed(bytes, 8, view => view.setBigUint64(0, value));
  }
}

/**
 * The code and the length of a text, a list or a map.
 *
 * @param small the code of a short one, which holds the length
 * @param eight the code before a length of 8 bits, which only texts have; those of 16 and 32 bits follow it
 */
function head(bytes: number[], length: number, small: number, smallMax: number, eight: number | null) {
  if (length <= smallMax) {
    bytes.push(small | length);
  } else if (eight !== null && length < 0x100) {
    bytes.push(eight, length);
  } else {
    const sixteen = eight === null ? (small === 0x90 ? 0xdc : 0xde) : eight + 1;
    if (length < 0x10000) {
      bytes.push(sixteen);
      fixed(bytes, 2, view => view.setUint16(0, length));
    } else {
      bytes.push(sixteen + 1);
      fixed(bytes, 4, view => view.setUint32(0, length));
    }
  }
}

function fixed(bytes: number[], size: number, set: (view: DataView) => void) {
  const view = new DataView(new ArrayBuffer(size));
  set(view);
  for (let i = 0; i < size; i++) {
    bytes.push(view.getUint8(i));
  }
}

/** The value of bytes; throws if they are no MessagePack. */
export const readMessagePack = (bytes: Uint8Array): Plain => new Reader(bytes).read();

class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(): Plain {
    const code = this.view.getUint8(this.at++);
    if (code < 0x80) return code;
    if (code < 0x90) return this.map(code & 15);
    if (code < 0xa0) return this.list(code & 15);
    if (code < 0xc0) return this.text(code & 31);
    if (code >= 0xe0) return code - 256;
    switch (code) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.binary(this.uint(1));
      case 0xc5: return this.binary(this.uint(2));
      case 0xc6: return this.binary(this.uint(4));
      case 0xca: return this.take(4, at => this.view.getFloat32(at));
      case 0xcb: return this.take(8, at => this.view.getFloat64(at));
      case 0xcc: return this.uint(1);
      case 0xcd: return this.uint(2);
      case 0xce: return this.uint(4);
      case 0xcf: return this.take(8, at => this.safe(this.view.getBigUint64(at)));
      case 0xd0: return this.take(1, at => this.view.getInt8(at));
      case 0xd1: return this.take(2, at => this.view.getInt16(at));
      case 0xd2: return this.take(4, at => this.view.getInt32(at));
      case 0xd3: return this.take(8, at => this.safe(this.view.getBigInt64(at)));
      case 0xd9: return this.text(this.uint(1));
      case 0xda: return this.text(this.uint(2));
      case 0xdb: return this.text(this.uint(4));
      case 0xdc: return this.list(this.uint(2));
      case 0xdd: return this.list(this.uint(4));
      case 0xde: return this.map(this.uint(2));
      case 0xdf: return this.map(this.uint(4));
      default: throw new Error(`code ${code}`);
    }
  }

  private take<T>(length: number, read: (at: number) => T): T {
    const value = read(this.at);
    this.at += length;
    return value;
  }

  private safe(value: bigint): Plain {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  private uint(length: 1 | 2 | 4): number {
    return this.take(length, at => (length === 1 ? this.view.getUint8(at) : length === 2 ? this.view.getUint16(at) : this.view.getUint32(at)));
  }

  private text(length: number): string {
    return this.take(length, at => new TextDecoder().decode(this.bytes.subarray(at, at + length)));
  }

  private binary(length: number): string {
    this.at += length;
    return `${length} bytes`;
  }

  private list(length: number): Plain[] {
    return Array.from({ length }, () => this.read());
  }

  private map(length: number): Plain {
    const entries: [string, Plain][] = [];
    for (let i = 0; i < length; i++) {
      entries.push([String(this.read()), this.read()]);
    }
    return Object.fromEntries(entries);
  }
}
