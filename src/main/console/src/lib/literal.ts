// Flyte's literals as plain values.

export interface Blob {
  blob: string;
  format: string;
  many: boolean;
}

export type Plain = null | boolean | number | string | bigint | Date | Blob | Plain[] | { [name: string]: Plain };

export const isBlob = (value: Plain): value is Blob & { [name: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'blob' in value && 'format' in value && 'many' in value;

type Json = Record<string, any>;

/** The value of a literal as the API writes it. */
export function plain(literal: Json | null | undefined): Plain {
  if (!literal) {
    return null;
  }
  if (literal.collection) {
    return (literal.collection.literals ?? []).map(plain);
  }
  if (literal.map) {
    return plainMap(literal.map.literals ?? {});
  }
  if (literal.offloadedMetadata) {
    return { blob: literal.offloadedMetadata.uri, format: 'offloaded literal', many: false };
  }
  return literal.scalar ? scalar(literal.scalar) : null;
}

export function plainMap(literals: Json): { [name: string]: Plain } {
  return Object.fromEntries(Object.entries(literals).map(([name, value]) => [name, plain(value as Json)]));
}

function scalar(value: Json): Plain {
  if (value.primitive) {
    return primitive(value.primitive);
  }
  if (value.union) {
    return plain(value.union.value);
  }
  if (value.generic) {
    return value.generic as Plain;
  }
  if (value.binary) {
    return binary(value.binary);
  }
  if (value.blob) {
    const type = value.blob.metadata?.type;
    return { blob: value.blob.uri, format: type?.format || 'file', many: type?.dimensionality === 'MULTIPART' };
  }
  if (value.structuredDataset) {
    const format = value.structuredDataset.metadata?.structuredDatasetType?.format;
    return { blob: value.structuredDataset.uri, format: format || 'dataset', many: true };
  }
  if (value.schema) {
    return { blob: value.schema.uri, format: 'schema', many: true };
  }
  if (value.error) {
    return { error: value.error.message, node: value.error.failedNodeId } as Plain;
  }
  return null;
}

function primitive(value: Json): Plain {
  if ('integer' in value) {
    const number = Number(value.integer);
    return Number.isSafeInteger(number) ? number : BigInt(value.integer);
  }
  if ('floatValue' in value) {
    return Number(value.floatValue);
  }
  if ('boolean' in value) {
    return value.boolean as boolean;
  }
  if ('datetime' in value) {
    return new Date(value.datetime);
  }
  return (value.stringValue ?? value.duration ?? null) as Plain;
}

function binary(value: Json): Plain {
  const bytes = Uint8Array.from(atob(value.value ?? ''), character => character.charCodeAt(0));
  if (value.tag !== 'msgpack') {
    return `${bytes.length} bytes${value.tag ? ' of ' + value.tag : ''}`;
  }
  try {
    return new MessagePack(bytes).read();
  } catch {
    return `${bytes.length} bytes that are no MessagePack`;
  }
}

/** Reads MessagePack, in which flytekit writes dataclasses and dicts. */
class MessagePack {
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

/** A type of Flyte as its author would write it: list[int], str | None. */
export function typeText(type: Json | null | undefined): string {
  if (!type) {
    return '';
  }
  if (type.simple !== undefined) {
    const simple: Record<string, string> = {
      NONE: 'None', INTEGER: 'int', FLOAT: 'float', STRING: 'str', BOOLEAN: 'bool', DATETIME: 'datetime', DURATION: 'timedelta', BINARY: 'bytes', ERROR: 'error', STRUCT: 'dict',
    };
    const title = type.metadata?.title ?? (type.metadata?.$ref as string | undefined)?.split('/').pop();
    return type.simple === 'STRUCT' && title ? String(title) : (simple[type.simple] ?? String(type.simple).toLowerCase());
  }
  if (type.collectionType) {
    return `list[${typeText(type.collectionType)}]`;
  }
  if (type.mapValueType) {
    return `dict[str, ${typeText(type.mapValueType)}]`;
  }
  if (type.unionType) {
    return (type.unionType.variants ?? []).map(typeText).join(' | ');
  }
  if (type.enumType) {
    return `one of ${(type.enumType.values ?? []).join(', ')}`;
  }
  if (type.blob) {
    const format = type.blob.format ? ` (${type.blob.format})` : '';
    return (type.blob.dimensionality === 'MULTIPART' ? 'directory' : 'file') + format;
  }
  if (type.structuredDatasetType) {
    return 'dataset';
  }
  return type.schema ? 'schema' : '?';
}
