// From what a person types into a form to Flyte's literals, and back.
import { is64Bits, jsonText, parseJson } from './json';
import { type Blob, isBlob, plain, typeText } from './literal';
import { messagePack } from './messagepack';
import { type Shape, shapeText } from './shape';

type Json = Record<string, any>;

/** What a person has typed for a shape; the text of a field, or the drafts inside. */
export type Draft =
  | string
  | { items: Draft[] }
  | { entries: { name: string; value: Draft }[] }
  /** Null for a field that is left to its default. */
  | { fields: Record<string, Draft | null> }
  | { variant: number; value: Draft };

/**
 * The draft of a form, or the same value typed as JSON. With the literal that it was made from as long as nobody has
 * changed it: that one is sent, as it is.
 */
export type Answer = ({ draft: Draft } | { json: string }) & { literal?: Json };

/** More fields than this are not worth a form. */
const FIELDS_MAX = 100;

/** What is wrong with an answer, by the paths of the fields: {@code .layers[2].size}; the whole is the empty path. */
export class InputErrors extends Error {
  constructor(readonly at: Record<string, string>) {
    super(Object.values(at).join(' '));
  }
}

/** A value of a union whose literal says which variant it is of. */
class Chosen {
  constructor(
    readonly variant: number,
    readonly value: Value,
  ) {}
}

/** The value of a literal as a form needs it: integers and times are exact, and unions have their variants. */
type Value = null | boolean | number | string | bigint | Blob | Chosen | Value[] | { [name: string]: Value };

/** The answer that is there before anybody types: a literal as the API writes it, or nothing. */
export function answerOf(type: Json, shape: Shape, literal: Json | null | undefined): Answer {
  if (!literal) {
    return { draft: emptyDraft(shape) };
  }
  const value = valueIn(type, literal);
  const draft = fits(shape, value) ? draftOf(shape, value) : null;
  return draft === null || count(draft) > FIELDS_MAX ? { json: textOf(shape, value), literal } : { draft, literal };
}

/** The same answer, typed in the other way; throws if the JSON does not fit. */
export function turned(shape: Shape, answer: Answer): Answer {
  const { literal } = answer;
  const other = 'json' in answer ? { draft: parsed(shape, answer.json) } : { json: textOf(shape, valueOf(shape, answer.draft, '', {})) };
  return literal ? { ...other, literal } : other;
}

/** The literal of an answer; throws {@link InputErrors}. */
export function literalOf(type: Json, shape: Shape, answer: Answer): Json {
  if (answer.literal) {
    return answer.literal;
  }
  const draft = 'json' in answer ? parsed(shape, answer.json) : answer.draft;
  const problems: Record<string, string> = {};
  const value = valueOf(shape, draft, '', problems);
  if (Object.keys(problems).length > 0) {
    throw new InputErrors(problems);
  }
  return literal(type, value);
}

/** The value of a literal that has the type, as far as it has. */
function valueIn(type: Json | undefined, literal: Json): Value {
  if (literal['collection']) {
    return (literal['collection'].literals ?? []).map((each: Json) => valueIn(type?.['collectionType'], each));
  }
  if (literal['map']) {
    return Object.fromEntries(Object.entries<Json>(literal['map'].literals ?? {}).map(([name, each]) => [name, valueIn(type?.['mapValueType'], each)]));
  }
  const union = literal['scalar']?.union;
  if (union) {
    const variants: Json[] = type?.['unionType']?.variants ?? [];
    const variant = variantOf(variants, union.type ?? {});
    const value = valueIn(variants[variant], union.value ?? {});
    return variant < 0 ? value : new Chosen(variant, value);
  }
  return literal['scalar']?.primitive?.datetime ?? (plain(literal) as Value);
}

/** The variant that a union's literal names by its type; -1 if the union has no such variant. */
function variantOf(variants: Json[], type: Json): number {
  const hasTag = (variant: Json) => type['structure']?.tag !== undefined && variant['structure']?.tag === type['structure'].tag;
  const isAlike = (variant: Json) => typeText(variant) === typeText(type);
  const matches = [(variant: Json) => hasTag(variant) && isAlike(variant), isAlike, hasTag];
  return matches.map(match => variants.findIndex(match)).find(found => found >= 0) ?? -1;
}

function parsed(shape: Shape, text: string): Draft {
  let value: Value;
  try {
    value = withVariants(shape, parseJson(text) as Value);
  } catch (e) {
    throw new InputErrors({ '': `This is no JSON: ${(e as Error).message}. Expected ${shapeText(shape)}.` });
  }
  if (!fits(shape, value)) {
    throw new InputErrors({ '': `Expected ${shapeText(shape)}.` });
  }
  return draftOf(shape, value);
}

/**
 * A value as JSON. A value of a union is written as <code>{"type": "float", "value": 3}</code> where the value alone
 * would be read as one of another variant.
 */
const textOf = (shape: Shape, value: Value) => jsonText(withoutVariants(shape, value));

function withoutVariants(shape: Shape, value: Value): Value {
  if (value instanceof Chosen && shape.kind === 'union') {
    const variant = shape.variants[value.variant]!;
    const inner = withoutVariants(variant, value.value);
    const read = withVariants(shape, inner);
    return read instanceof Chosen && read.variant === value.variant ? inner : { type: shapeText(variant), value: inner };
  }
  return inside(shape, value, withoutVariants);
}

/** The value of JSON with the variants of its unions: those that it names, else the first that fit. */
function withVariants(shape: Shape, value: Value): Value {
  if (shape.kind === 'union' && shape.isTyped) {
    if (isDict(value) && Object.keys(value).sort().join() === 'type,value') {
      const variant = shape.variants.findIndex(each => shapeText(each) === value['type']);
      if (variant >= 0) {
        return new Chosen(variant, withVariants(shape.variants[variant]!, value['value']!));
      }
    }
    const variant = shape.variants.findIndex(each => fits(each, withVariants(each, value)));
    return variant < 0 ? value : new Chosen(variant, withVariants(shape.variants[variant]!, value));
  }
  return inside(shape, value, withVariants);
}

/** A list or a map with each of its values changed; all else as it is. */
function inside(shape: Shape, value: Value, change: (shape: Shape, value: Value) => Value): Value {
  if (shape.kind === 'list' && Array.isArray(value)) {
    return value.map(each => change(shape.item, each));
  }
  if (shape.kind === 'map' && isDict(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(shape.value, each)]));
  }
  return value;
}

/** Whether there is nothing in an answer: the engine takes the default of an input that is not required. */
export const isBlank = (answer: Answer) => !answer.literal && ('json' in answer ? answer.json.trim() === '' : answer.draft === '');

function count(draft: Draft): number {
  if (typeof draft === 'string') {
    return 1;
  }
  const inner =
    'items' in draft ? draft.items : 'entries' in draft ? draft.entries.map(each => each.value) : 'fields' in draft ? Object.values(draft.fields) : [draft.value];
  return inner.reduce((sum: number, each) => sum + (each === null ? 1 : count(each)), 0);
}

/** A form that nobody has filled in: with the defaults of the fields. */
export function emptyDraft(shape: Shape): Draft {
  switch (shape.kind) {
    case 'list':
      return { items: [] };
    case 'map':
      return { entries: [] };
    case 'record':
      return {
        fields: Object.fromEntries(
          shape.fields.map(field => [
            field.name,
            field.preset !== undefined && fits(field.shape, field.preset as Value)
              ? draftOf(field.shape, field.preset as Value)
              : field.isRequired
                ? emptyDraft(field.shape)
                : null,
          ]),
        ),
      };
    case 'union': {
      const variant = Math.max(
        0,
        shape.variants.findIndex(each => each.kind === 'none'),
      );
      return { variant, value: emptyDraft(shape.variants[variant]!) };
    }
    default:
      return '';
  }
}

const isDict = (value: Value): value is { [name: string]: Value } => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Chosen);

function fits(shape: Shape, value: Value): boolean {
  if (value instanceof Chosen) {
    return shape.kind === 'union' && shape.isTyped && fits(shape.variants[value.variant]!, value.value);
  }
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string';
    case 'integer':
      return typeof value === 'bigint' || Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
    case 'none':
      return value === null;
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'duration':
      return typeof value === 'number' || (typeof value === 'string' && SECONDS.test(value));
    case 'choice':
      return shape.values.includes(value);
    case 'address':
      return typeof value === 'string' || (isDict(value) && (isBlob(value) || (shape.field !== null && typeof value[shape.field] === 'string')));
    case 'list':
      return Array.isArray(value) && value.every(each => fits(shape.item, each));
    case 'map':
      return isDict(value) && Object.values(value).every(each => fits(shape.value, each));
    case 'record':
      return isDict(value) && shape.fields.every(field => (field.name in value ? fits(field.shape, value[field.name]!) : !field.isRequired));
    case 'union':
      return shape.variants.some(variant => fits(variant, value));
    case 'json':
      return true;
    case 'unsupported':
      return false;
  }
}

/** Protobuf's JSON of a duration. */
const SECONDS = /^(-?\d+(?:\.\d+)?)s$/;

/** The draft of a value that fits. */
function draftOf(shape: Shape, value: Value): Draft {
  switch (shape.kind) {
    case 'list':
      return { items: (value as Value[]).map(each => draftOf(shape.item, each)) };
    case 'map':
      return { entries: Object.entries(value as Json).map(([name, each]) => ({ name, value: draftOf(shape.value, each) })) };
    case 'record': {
      const given = value as Json;
      return { fields: Object.fromEntries(shape.fields.map(({ name, shape: inner }) => [name, name in given ? draftOf(inner, given[name]) : null])) };
    }
    case 'union': {
      const chosen = value instanceof Chosen ? value : new Chosen(shape.variants.findIndex(each => fits(each, value)), value);
      return { variant: chosen.variant, value: draftOf(shape.variants[chosen.variant]!, chosen.value) };
    }
    case 'json':
      return jsonText(value);
    case 'address':
      return isDict(value) ? String(isBlob(value) ? value.blob : value[shape.field!]) : String(value);
    case 'duration':
      return typeof value === 'number' ? `${value}s` : String(value);
    case 'none':
      return '';
    default:
      return String(value);
  }
}

/** The value of a draft; what is wrong is added to the problems, by path. */
function valueOf(shape: Shape, draft: Draft, path: string, problems: Record<string, string>): Value {
  if (typeof draft === 'string') {
    try {
      return scalar(shape, draft);
    } catch (e) {
      problems[path] = (e as Error).message;
      return draft || null;
    }
  }
  if ('items' in draft && shape.kind === 'list') {
    return draft.items.map((each, i) => valueOf(shape.item, each, `${path}[${i}]`, problems));
  }
  if ('entries' in draft && shape.kind === 'map') {
    const names = draft.entries.map(each => each.name);
    const repeated = names.find((name, i) => names.indexOf(name) !== i);
    if (repeated !== undefined) {
      problems[path] = `The key ${repeated || 'without a name'} is there twice.`;
    }
    return Object.fromEntries(draft.entries.map((each, i) => [each.name, valueOf(shape.value, each.value, `${path}[${i}]`, problems)]));
  }
  if ('fields' in draft && shape.kind === 'record') {
    const given = shape.fields.filter(field => draft.fields[field.name] !== null);
    return Object.fromEntries(given.map(field => [field.name, valueOf(field.shape, draft.fields[field.name]!, `${path}.${field.name}`, problems)]));
  }
  if ('variant' in draft && shape.kind === 'union') {
    const value = valueOf(shape.variants[draft.variant]!, draft.value, path, problems);
    return shape.isTyped ? new Chosen(draft.variant, value) : value;
  }
  throw new Error(`a draft of another shape than ${shapeText(shape)}`);
}

function scalar(shape: Shape, text: string): Value {
  const trimmed = text.trim();
  switch (shape.kind) {
    case 'none':
      return null;
    case 'integer': {
      if (!/^[-+]?\d+$/.test(trimmed)) {
        throw new Error('Expected a whole number.');
      }
      const number = BigInt(trimmed.replace('+', ''));
      if (!is64Bits(number)) {
        throw new Error('Expected a whole number of at most 64 bits.');
      }
      return Number.isSafeInteger(Number(number)) ? Number(number) : number;
    }
    case 'number':
      if (trimmed === '' || Number.isNaN(Number(trimmed))) {
        throw new Error('Expected a number.');
      }
      if (!Number.isFinite(Number(trimmed))) {
        throw new Error('Expected a finite number.');
      }
      return Number(trimmed);
    case 'boolean':
      if (trimmed !== 'true' && trimmed !== 'false') {
        throw new Error('Expected true or false.');
      }
      return trimmed === 'true';
    case 'datetime':
      return WRITTEN_TIME.test(trimmed) && !Number.isNaN(Date.parse(trimmed)) ? trimmed : timestamp(trimmed);
    case 'duration':
      return durationSeconds(trimmed);
    case 'choice': {
      const found = shape.values.find(each => String(each) === text);
      if (found === undefined) {
        throw new Error(`Expected one of ${shape.values.join(', ')}.`);
      }
      return found as Value;
    }
    case 'address':
      if (!trimmed) {
        throw new Error(`Expected the address of a ${shape.of}.`);
      }
      return shape.field ? { [shape.field]: trimmed } : trimmed;
    case 'json':
      try {
        return parseJson(text) as Value;
      } catch (e) {
        throw new Error(`This is no JSON: ${(e as Error).message}.`);
      }
    case 'unsupported':
      throw new Error(`The console can't make a value of type ${shape.type}; pyflyte can.`);
    default:
      return text;
  }
}

/** A time as Python writes it, with or without a zone: it stays as it is in a dataclass. */
const WRITTEN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:\d\d)?$/;

/** Protobuf's JSON of a time, to the nanosecond; without a zone it is in the browser's. A Date would cut it to milliseconds. */
function timestamp(text: string): string {
  const fraction = /:\d\d\.(\d+)/.exec(text)?.[1] ?? '';
  const date = new Date(text.replace(/(:\d\d)\.\d+/, '$1'));
  if (Number.isNaN(date.getTime())) {
    throw new Error('Expected a time, such as 2026-11-30T12:00:00Z.');
  }
  if (fraction.length > 9) {
    throw new Error('Expected a time with at most nine digits after the second.');
  }
  return date.toISOString().replace('.000Z', `${fraction && '.' + fraction}Z`);
}

function durationSeconds(text: string): number {
  const match = /^(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  if (!match || text === '') {
    throw new Error('Expected a duration, such as 1h 30m or 90s.');
  }
  const [d, h, m, s] = match.slice(1).map(part => Number(part ?? 0));
  return d! * 86400 + h! * 3600 + m! * 60 + s!;
}

/** The literal of a value that has the shape of the type. */
function literal(type: Json, value: Value): Json {
  if (value instanceof Chosen) {
    const variant = type['unionType'].variants[value.variant];
    return { scalar: { union: { value: literal(variant, value.value), type: variant } } };
  }
  if (type['collectionType']) {
    return { collection: { literals: (value as Value[]).map(each => literal(type['collectionType'], each)) } };
  }
  if (type['mapValueType']) {
    return { map: { literals: Object.fromEntries(Object.entries(value as { [name: string]: Value }).map(([name, each]) => [name, literal(type['mapValueType'], each)])) } };
  }
  if (type['enumType']) {
    return { scalar: { primitive: { stringValue: value } } };
  }
  if (type['blob']) {
    return { scalar: { blob: { uri: value, metadata: { type: type['blob'] } } } };
  }
  if (type['structuredDatasetType']) {
    return { scalar: { structuredDataset: { uri: value, metadata: { structuredDatasetType: type['structuredDatasetType'] } } } };
  }
  if (type['schema']) {
    return { scalar: { schema: { uri: value, type: type['schema'] } } };
  }
  return { scalar: simple(type, value) };
}

function simple(type: Json, value: Value): Json {
  switch (type['simple']) {
    case 'NONE':
      return { noneType: {} };
    case 'STRUCT':
      return struct(type, value);
    case 'INTEGER':
      return { primitive: { integer: String(value) } };
    case 'FLOAT':
      return { primitive: { floatValue: value } };
    case 'BOOLEAN':
      return { primitive: { boolean: value } };
    case 'DATETIME':
      return { primitive: { datetime: timestamp(String(value)) } };
    case 'DURATION':
      return { primitive: { duration: `${value}s` } };
    default:
      return { primitive: { stringValue: value } };
  }
}

/** A dataclass or a dict: as MessagePack if its type says so, else as JSON, whose numbers are all floats. */
function struct(type: Json, value: Value): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputErrors({ '': 'Expected an object in JSON, such as {"a": 1}.' });
  }
  if (type['annotation']?.annotations?.['cache-key-metadata']?.['serialization-format'] !== 'msgpack') {
    return { generic: floats(value) };
  }
  return { binary: { value: btoa(Array.from(messagePack(value), byte => String.fromCharCode(byte)).join('')), tag: 'msgpack' } };
}

/** A value all of whose numbers are 64-bit floats. */
function floats(value: Value): Json {
  return JSON.parse(
    JSON.stringify(value, (_, inner) => {
      if (typeof inner === 'bigint' && BigInt(Number(inner)) !== inner) {
        throw new InputErrors({ '': `This type keeps its numbers as floats, and none is ${inner}.` });
      }
      return typeof inner === 'bigint' ? Number(inner) : inner;
    }),
  );
}
