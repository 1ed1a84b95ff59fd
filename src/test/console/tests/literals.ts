// One input of each type, as the API writes it.
import { messagePack } from '../../../main/console/src/lib/messagepack';

/** 2^60 + 1, which no float holds. */
export const BIG = '1152921504606846977';
export const MICROSECOND = '2026-11-30T12:00:00.123456Z';

const INT = { simple: 'INTEGER', structure: { tag: 'int' } };
const FLOAT = { simple: 'FLOAT', structure: { tag: 'float' } };
const STRING = { simple: 'STRING', structure: { tag: 'str' } };
const NONE = { simple: 'NONE', structure: { tag: 'none' } };
const FILE = { blob: { dimensionality: 'SINGLE' }, structure: { tag: 'FlyteFilePath' } };
const NUMBER = { unionType: { variants: [FLOAT, INT] } };
const TEXT = { unionType: { variants: [FILE, STRING, NONE] } };
const SETTINGS = {
  simple: 'STRUCT',
  annotation: { annotations: { 'cache-key-metadata': { 'serialization-format': 'msgpack' } } },
  metadata: {
    type: 'object',
    title: 'Settings',
    required: ['rate', 'size', 'name', 'at'],
    properties: { rate: { type: 'number' }, size: { type: 'integer' }, name: { type: 'string' }, at: { type: 'string', format: 'date-time' } },
  },
};

const primitive = (value: object) => ({ scalar: { primitive: value } });
const list = (literals: object[]) => ({ collection: { literals } });
const union = (type: object, value: object) => ({ scalar: { union: { value, type } } });
const text = (stringValue: string) => primitive({ stringValue });
const packed = (value: object) => ({ scalar: { binary: { value: btoa(String.fromCharCode(...messagePack(value))), tag: 'msgpack' } } });
export const integer = (value: string) => primitive({ integer: value });

const NOTHING = { scalar: { noneType: {} } };

export const TYPES: Record<string, any> = {
  long: { simple: 'INTEGER' },
  longs: { collectionType: { simple: 'INTEGER' } },
  numbers: { collectionType: { simple: 'INTEGER' } },
  rate: { simple: 'FLOAT' },
  flag: { simple: 'BOOLEAN' },
  empty: { simple: 'STRING' },
  colour: { enumType: { values: ['red', 'blue'] } },
  moment: { simple: 'DATETIME' },
  took: { simple: 'DURATION' },
  none: { simple: 'NONE' },
  number: NUMBER,
  whole: NUMBER,
  texts: TEXT,
  nothing: TEXT,
  mixed: { collectionType: NUMBER },
  many: { collectionType: NUMBER },
  names: { mapValueType: TEXT },
  file: { blob: { dimensionality: 'SINGLE', format: 'csv' } },
  settings: SETTINGS,
  dict: { simple: 'STRUCT' },
};

export const INPUTS: Record<string, any> = {
  long: integer('1152921504606846976'),
  longs: list([integer(BIG), integer(`-${BIG}`), integer('1')]),
  numbers: list(Array.from({ length: 200 }, (_, i) => integer(i === 100 ? BIG : String(i)))),
  rate: primitive({ floatValue: 0.1 }),
  flag: primitive({ boolean: false }),
  empty: text(''),
  colour: text('blue'),
  moment: primitive({ datetime: MICROSECOND }),
  took: primitive({ duration: '5400.000001s' }),
  none: NOTHING,
  number: union(INT, integer('3')),
  whole: union(FLOAT, primitive({ floatValue: 3 })),
  texts: union(STRING, text('s3://bucket/text')),
  nothing: union(NONE, NOTHING),
  mixed: list([union(INT, integer('1')), union(FLOAT, primitive({ floatValue: 1 })), union(INT, integer(BIG))]),
  many: list(Array.from({ length: 200 }, (_, i) => (i % 2 ? union(INT, integer(String(i))) : union(FLOAT, primitive({ floatValue: i }))))),
  names: { map: { literals: { a: union(STRING, text('b')), type: union(NONE, NOTHING), value: union(FILE, { scalar: { blob: { uri: 's3://bucket/file', metadata: { type: { dimensionality: 'SINGLE' } } } } }) } } },
  file: { scalar: { blob: { uri: 's3://bucket/data.csv', metadata: { type: { dimensionality: 'SINGLE', format: 'csv' } } } } },
  settings: packed({ rate: 0.5, size: BigInt(BIG), name: 'tiny', at: '2026-11-30T12:00:00.123456' }),
  dict: { scalar: { generic: { deep: { a: [1, 2.5, null] } } } },
};
