// Flyte's literals as plain values.
import { readMessagePack } from './messagepack';

export interface Blob {
  blob: string;
  format: string;
  many: boolean;
}

export type Plain = null | boolean | number | string | bigint | Date | Blob | Plain[] | { [name: string]: Plain };

export const isBlob = (value: unknown): value is Blob & { [name: string]: Plain } =>
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
    return readMessagePack(bytes);
  } catch {
    return `${bytes.length} bytes that are no MessagePack`;
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
