// What the launch form makes of literals; needs neither a page nor an engine.
import { expect, test } from '@playwright/test';
import { answerOf, type Answer, InputErrors, literalOf, turned } from '../../../main/console/src/lib/input';
import { messagePack, readMessagePack } from '../../../main/console/src/lib/messagepack';
import { shapeOf } from '../../../main/console/src/lib/shape';
import { BIG, INPUTS, integer, MICROSECOND, TYPES } from './literals';

type Json = Record<string, any>;

const filled = (type: Json, literal: Json) => answerOf(type, shapeOf(type), literal);
const sent = (type: Json, answer: Answer) => literalOf(type, shapeOf(type), answer);

/** The same answer, as if a person had typed each of its fields anew. */
const touched = ({ literal: _, ...answer }: Answer & { literal?: Json }) => answer as Answer;

function asJson(type: Json, literal: Json): string {
  const answer = filled(type, literal);
  return 'json' in answer ? answer.json : (turned(shapeOf(type), answer) as { json: string }).json;
}

function refusal(type: Json, answer: Answer): string {
  try {
    return JSON.stringify(sent(type, answer));
  } catch (e) {
    return (e as InputErrors).message;
  }
}

test('a literal that nobody has touched is sent as it is, also after a look at it as JSON', () => {
  for (const [name, type] of Object.entries<Json>(TYPES)) {
    const answer = filled(type, INPUTS[name]);
    expect(sent(type, answer), name).toBe(INPUTS[name]);
    expect(sent(type, turned(shapeOf(type), answer)), name).toBe(INPUTS[name]);
  }
});

test('a literal whose form or JSON is typed again is the same', () => {
  for (const [name, type] of Object.entries<Json>(TYPES)) {
    expect(sent(type, touched(filled(type, INPUTS[name]))), name).toEqual(INPUTS[name]);
    expect(sent(type, { json: asJson(type, INPUTS[name]) }), name).toEqual(INPUTS[name]);
  }
});

test('a union says in JSON which variant it is of, where its value alone does not', () => {
  expect(JSON.parse(asJson(TYPES.number, INPUTS.number))).toEqual({ type: 'int', value: 3 });
  expect(JSON.parse(asJson(TYPES.texts, INPUTS.texts))).toEqual({ type: 'str', value: 's3://bucket/text' });
  expect(JSON.parse(asJson(TYPES.whole, INPUTS.whole))).toBe(3);
});

test('whole numbers of 64 bits are exact in JSON', () => {
  expect(asJson(TYPES.longs, INPUTS.longs)).toContain(`  ${BIG},`);
  expect(sent(TYPES.longs, { json: `[${BIG}, -${BIG}, 7]` })).toEqual({ collection: { literals: [integer(BIG), integer(`-${BIG}`), integer('7')] } });
  const dict = sent(TYPES.settings, { json: `{"rate": 0.5, "size": ${BIG}, "name": "number ${BIG}", "at": "${MICROSECOND}"}` });
  const bytes = Uint8Array.from(atob(dict.scalar.binary.value), character => character.charCodeAt(0));
  expect(readMessagePack(bytes)).toEqual({ rate: 0.5, size: BigInt(BIG), name: `number ${BIG}`, at: MICROSECOND });
  expect(messagePack(BigInt(BIG))).toHaveLength(9);
  expect(refusal({ simple: 'INTEGER' }, { draft: '36893488147419103232' })).toBe('Expected a whole number of at most 64 bits.');
  expect(refusal({ simple: 'STRUCT' }, { draft: `{"size": ${BIG}1}` })).toContain('keeps its numbers as floats');
});

test('times keep their fraction of a second', () => {
  const time = (draft: string) => sent({ simple: 'DATETIME' }, { draft }).scalar.primitive.datetime;
  expect(time('2026-11-30T12:00:00.123456789Z')).toBe('2026-11-30T12:00:00.123456789Z');
  expect(time('2026-11-30T12:00:00.000001+02:00')).toBe('2026-11-30T10:00:00.000001Z');
  expect(time('2026-11-30T12:00:00Z')).toBe('2026-11-30T12:00:00Z');
  expect(refusal({ simple: 'DATETIME' }, { draft: 'noon' })).toContain('Expected a time');
  expect(refusal({ simple: 'DATETIME' }, { draft: '2026-11-30T12:00:00.1234567891Z' })).toContain('nine digits');
});

test('floats that are not finite are refused', () => {
  for (const draft of ['Infinity', '-Infinity', '1e400']) {
    expect(refusal({ simple: 'FLOAT' }, { draft })).toBe('Expected a finite number.');
  }
  expect(refusal({ collectionType: { simple: 'FLOAT' } }, { json: '[1, -1e400]' })).toContain('-1e400 is not a finite number');
  const infinite = { scalar: { primitive: { floatValue: 'Infinity' } } };
  expect(sent({ simple: 'FLOAT' }, filled({ simple: 'FLOAT' }, infinite))).toBe(infinite);
});
