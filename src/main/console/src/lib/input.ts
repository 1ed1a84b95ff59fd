// From what a person types to Flyte's literals.
import { type Plain, plain, typeText } from './literal';

type Json = Record<string, any>;

/** What is wrong with an input, for the person who typed it. */
export class InputError extends Error {}

const PRIMITIVES = new Set(['INTEGER', 'FLOAT', 'STRING', 'BOOLEAN', 'DATETIME', 'DURATION']);

/** Whether a type is typed as JSON: anything but a single value. */
export function isStructured(type: Json): boolean {
  if (type['unionType']) {
    return type['unionType'].variants.some((variant: Json) => variant['simple'] !== 'NONE' && isStructured(variant));
  }
  return !!(type['collectionType'] || type['mapValueType'] || type['simple'] === 'STRUCT' || type['simple'] === 'BINARY');
}

/** Reads a text: JSON for a structured type, else the value itself. */
export function parseInput(type: Json, text: string): Json {
  if (isStructured(type)) {
    if (text.trim() === '' && allowsNone(type)) {
      return literal(type, null);
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (e) {
      throw new InputError(`This is no JSON: ${(e as Error).message}. Expected ${typeText(type)}.`);
    }
    return literal(type, value);
  }
  if (text === '' && allowsNone(type)) {
    return literal(type, null);
  }
  return literal(type, text);
}

const allowsNone = (type: Json): boolean =>
  type['simple'] === 'NONE' || !!type['unionType']?.variants.some((variant: Json) => variant['simple'] === 'NONE');

function literal(type: Json, value: unknown): Json {
  if (type['collectionType']) {
    if (!Array.isArray(value)) {
      throw new InputError(`Expected a list: ${typeText(type)}.`);
    }
    return { collection: { literals: value.map(each => literal(type['collectionType'], each)) } };
  }
  if (type['mapValueType']) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(`Expected a dict: ${typeText(type)}.`);
    }
    const literals = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, literal(type['mapValueType'], each)]));
    return { map: { literals } };
  }
  if (type['unionType']) {
    return union(type, value);
  }
  if (type['enumType']) {
    const values = type['enumType'].values as string[];
    if (!values.includes(String(value))) {
      throw new InputError(`Expected one of ${values.join(', ')}.`);
    }
    return { scalar: { primitive: { stringValue: String(value) } } };
  }
  if (type['blob']) {
    return { scalar: { blob: { uri: address(value, type), metadata: { type: type['blob'] } } } };
  }
  if (type['structuredDatasetType']) {
    return {
      scalar: { structuredDataset: { uri: address(value, type), metadata: { structuredDatasetType: type['structuredDatasetType'] } } },
    };
  }
  if (type['schema']) {
    return { scalar: { schema: { uri: address(value, type), type: type['schema'] } } };
  }
  return simple(String(type['simple']), value);
}

function address(value: unknown, type: Json): string {
  const text = String(value ?? '');
  if (!text) {
    throw new InputError(`Expected the address of a ${typeText(type)}.`);
  }
  return text;
}

function simple(type: string, value: unknown): Json {
  if (type === 'NONE') {
    if (value !== null && value !== '') {
      throw new InputError('Expected nothing.');
    }
    return { scalar: { noneType: {} } };
  }
  if (PRIMITIVES.has(type)) {
    return { scalar: { primitive: primitive(type, value) } };
  }
  if (type === 'STRUCT') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError('Expected an object in JSON, such as {"a": 1}.');
    }
    return { scalar: { generic: value } };
  }
  throw new InputError(`The console can't make a value of type ${type.toLowerCase()}; pyflyte can.`);
}

function primitive(type: string, value: unknown): Json {
  const text = String(value).trim();
  switch (type) {
    case 'INTEGER':
      if (!/^[-+]?\d+$/.test(text)) {
        throw new InputError('Expected a whole number.');
      }
      return { integer: text.replace('+', '') };
    case 'FLOAT': {
      const number = Number(text);
      if (text === '' || Number.isNaN(number)) {
        throw new InputError('Expected a number.');
      }
      return { floatValue: number };
    }
    case 'BOOLEAN':
      if (!/^(true|false)$/i.test(text)) {
        throw new InputError('Expected true or false.');
      }
      return { boolean: text.toLowerCase() === 'true' };
    case 'DATETIME': {
      const date = new Date(text);
      if (Number.isNaN(date.getTime())) {
        throw new InputError('Expected a time, such as 2026-11-30T12:00:00Z.');
      }
      return { datetime: date.toISOString() };
    }
    case 'DURATION':
      return { duration: durationText(text) };
    default:
      return { stringValue: String(value) };
  }
}

function durationText(text: string): string {
  const match = /^(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  if (!match || text === '') {
    throw new InputError('Expected a duration, such as 1h 30m or 90s.');
  }
  const [d, h, m, s] = match.slice(1).map(part => Number(part ?? 0));
  return `${d! * 86400 + h! * 3600 + m! * 60 + s!}s`;
}

function union(type: Json, value: unknown): Json {
  const variants = [...(type['unionType'].variants as Json[])].sort((a, b) => rank(a) - rank(b));
  let problem: unknown = new InputError(`Expected ${typeText(type)}.`);
  for (const variant of variants) {
    if (variant['simple'] === 'NONE' && value !== null && value !== '') {
      continue;
    }
    try {
      return { scalar: { union: { value: literal(variant, value), type: variant } } };
    } catch (e) {
      problem = e;
    }
  }
  throw problem;
}

/** Text takes any value, so it is tried last. */
const rank = (variant: Json) => (variant['simple'] === 'NONE' ? 0 : variant['simple'] === 'STRING' ? 2 : 1);

/** A literal as the text that {@link parseInput} reads. */
export function inputText(type: Json, of: Json | null | undefined): string {
  if (!of) {
    return '';
  }
  const value: Plain = plain(of);
  if (value === null) {
    return '';
  }
  if (isStructured(type)) {
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner), 2);
  }
  if (value instanceof Date) {
    return value.toISOString();
  }
  return typeof value === 'object' && 'blob' in value ? String(value.blob) : String(value);
}
