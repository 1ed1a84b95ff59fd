// What a form asks for: the shape of a value, from a type of Flyte or from the JSON schema of a dataclass.

type Json = Record<string, any>;

export type Shape =
  | { kind: 'text' | 'integer' | 'number' | 'boolean' | 'datetime' | 'duration' | 'none' | 'json' }
  /** One of these values; the form shows them as text. */
  | { kind: 'choice'; values: unknown[] }
  /** The address of a file or a table; in a dataclass it is the named field of an object. */
  | { kind: 'address'; of: string; takesUpload: boolean; field: string | null }
  | { kind: 'list'; item: Shape }
  | { kind: 'map'; value: Shape }
  | { kind: 'record'; title: string; fields: FieldShape[] }
  /** One of several shapes; {@code isTyped} if the literal says which. */
  | { kind: 'union'; variants: Shape[]; isTyped: boolean }
  /** A type of which the page can't make a value. */
  | { kind: 'unsupported'; type: string };

export interface FieldShape {
  name: string;
  shape: Shape;
  isRequired: boolean;
  /** Undefined if there is none. */
  preset: unknown;
  description: string;
}

/** Deeper parts of a schema, and schemas that hold themselves, are typed as JSON. */
const DEPTH_MAX = 8;

/** Flytekit's own dataclasses, by the field that has the address. */
const ADDRESS_FIELDS: Record<string, string> = { FlyteFile: 'path', FlyteDirectory: 'path', StructuredDataset: 'uri', FlyteSchema: 'remote_path' };

const SIMPLE: Record<string, Shape> = {
  NONE: { kind: 'none' },
  INTEGER: { kind: 'integer' },
  FLOAT: { kind: 'number' },
  STRING: { kind: 'text' },
  BOOLEAN: { kind: 'boolean' },
  DATETIME: { kind: 'datetime' },
  DURATION: { kind: 'duration' },
};

/** The shape of a literal type, as the API writes it. */
export function shapeOf(type: Json): Shape {
  if (type['collectionType']) {
    return { kind: 'list', item: shapeOf(type['collectionType']) };
  }
  if (type['mapValueType']) {
    return { kind: 'map', value: shapeOf(type['mapValueType']) };
  }
  if (type['unionType']) {
    return { kind: 'union', variants: type['unionType'].variants.map(shapeOf), isTyped: true };
  }
  if (type['enumType']) {
    return { kind: 'choice', values: type['enumType'].values };
  }
  if (type['blob']) {
    const isFolder = type['blob'].dimensionality === 'MULTIPART';
    return { kind: 'address', of: isFolder ? 'directory' : 'file', takesUpload: !isFolder, field: null };
  }
  if (type['structuredDatasetType'] || type['schema']) {
    return { kind: 'address', of: 'dataset', takesUpload: false, field: null };
  }
  if (type['simple'] === 'STRUCT') {
    return type['metadata'] ? schemaShape(type['metadata'], type['metadata'], 0) : { kind: 'json' };
  }
  return SIMPLE[type['simple']] ?? { kind: 'unsupported', type: String(type['simple']).toLowerCase() };
}

function schemaShape(given: Json, root: Json, depth: number): Shape {
  const schema = resolved(given, root);
  if (!schema || depth > DEPTH_MAX) {
    return { kind: 'json' };
  }
  const inner = (part: Json) => schemaShape(part, root, depth + 1);
  if (schema['enum'] || 'const' in schema) {
    return { kind: 'choice', values: schema['enum'] ?? [schema['const']] };
  }
  if (schema['anyOf'] ?? schema['oneOf']) {
    return union((schema['anyOf'] ?? schema['oneOf']).map(inner));
  }
  if (Array.isArray(schema['type'])) {
    return union(schema['type'].map((type: string) => inner({ ...schema, type })));
  }
  switch (schema['type']) {
    case 'string':
      return schema['format'] === 'date-time' ? { kind: 'datetime' } : { kind: 'text' };
    case 'number':
      return schema['format'] === 'time-delta' ? { kind: 'duration' } : { kind: 'number' };
    case 'integer':
    case 'boolean':
      return { kind: schema['type'] };
    case 'null':
      return { kind: 'none' };
    case 'array':
      return schema['items'] && !schema['prefixItems'] ? { kind: 'list', item: inner(schema['items']) } : { kind: 'json' };
    case 'object':
      return objectShape(schema, inner);
    default:
      return { kind: 'json' };
  }
}

function objectShape(schema: Json, inner: (part: Json) => Shape): Shape {
  const title = String(schema['title'] ?? 'dict');
  const properties = schema['properties'] as Json | undefined;
  const address = ADDRESS_FIELDS[title];
  if (address && properties?.[address]) {
    return { kind: 'address', of: title, takesUpload: title === 'FlyteFile', field: address };
  }
  if (properties) {
    const required: string[] = schema['required'] ?? [];
    // The order of the fields is lost on the way here, but that of the required ones.
    const names = [...required, ...Object.keys(properties).filter(name => !required.includes(name)).sort()];
    const fields = names
      .filter(name => properties[name])
      .map(name => ({
        name,
        shape: inner(properties[name]),
        isRequired: required.includes(name),
        preset: properties[name]['default'],
        description: String(properties[name]['description'] ?? ''),
      }));
    return { kind: 'record', title, fields };
  }
  const values = schema['additionalProperties'];
  return values && typeof values === 'object' ? { kind: 'map', value: inner(values) } : { kind: 'json' };
}

/** A part of a schema, or the part that it refers to; undefined if that is not there. */
function resolved(part: Json, root: Json): Json | undefined {
  const { allOf, $ref, ...own } = part;
  if (allOf?.length === 1) {
    return { ...resolved(allOf[0], root), ...own };
  }
  if (!$ref) {
    return part;
  }
  const found = String($ref)
    .replace(/^#\/?/, '')
    .split('/')
    .reduce((at: Json | undefined, name) => (name ? at?.[name] : at), root);
  return found && found !== part ? { ...found, ...own } : undefined;
}

/** A union without repetitions: a path is a string to the form. */
function union(variants: Shape[]): Shape {
  const different = variants.filter((variant, i) => variants.findIndex(each => shapeText(each) === shapeText(variant)) === i);
  return different.length === 1 ? different[0]! : { kind: 'union', variants: different, isTyped: false };
}

/** A shape as its author would write its type. */
export function shapeText(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return 'str';
    case 'integer':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'duration':
      return 'timedelta';
    case 'none':
      return 'None';
    case 'json':
      return 'dict';
    case 'choice':
      return `one of ${shape.values.join(', ')}`;
    case 'address':
      return shape.of;
    case 'list':
      return `list[${shapeText(shape.item)}]`;
    case 'map':
      return `dict[str, ${shapeText(shape.value)}]`;
    case 'record':
      return shape.title;
    case 'union':
      return shape.variants.map(shapeText).join(' | ');
    case 'unsupported':
      return shape.type;
    case 'datetime':
      return 'datetime';
  }
}

/** Whether a form for the shape has several fields, so that JSON may be the easier way to type it. */
export function isStructured(shape: Shape): boolean {
  return (
    shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'record' || (shape.kind === 'union' && shape.variants.some(isStructured))
  );
}
