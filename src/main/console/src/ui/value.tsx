// Values as people read them: scalars in a line, lists and dicts as trees that open, lists of alike dicts as tables.
import { useSignal } from '@preact/signals';
import { isBlob, type Plain, plainMap } from '../lib/literal';
import { exact, moment } from '../lib/format';
import { Copy } from './basics';

const SHOWN = 100;
const TEXT_SHOWN = 2000;

export function Values({ literals, empty }: { literals: Record<string, unknown> | undefined; empty: string }) {
  const values = plainMap((literals ?? {}) as Record<string, object>);
  const names = Object.keys(values);
  if (names.length === 0) {
    return <p class="quiet">{empty}</p>;
  }
  return (
    <dl class="values">
      {names.map(name => (
        <div key={name}>
          <dt>
            {name} <Copy text={json(values[name]!)} label={`Copy ${name}`} />
          </dt>
          <dd>
            <Value value={values[name]!} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export const json = (value: Plain) =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner), 2) ?? 'null';

export function Value({ value, depth = 0 }: { value: Plain; depth?: number }) {
  if (value === null) {
    return <span class="v-none">None</span>;
  }
  switch (typeof value) {
    case 'string':
      return <Text text={value} />;
    case 'number':
    case 'bigint':
      return <span class="v-number">{String(value)}</span>;
    case 'boolean':
      return <span class="v-number">{value ? 'True' : 'False'}</span>;
  }
  if (value instanceof Date) {
    return <time title={exact(value)}>{moment(value)}</time>;
  }
  if (Array.isArray(value)) {
    return <List list={value} depth={depth} />;
  }
  if (isBlob(value)) {
    return (
      <span class="v-blob">
        <span class="kind">{value.format}</span> <span class="mono">{value.blob}</span> <Copy text={value.blob} label="Copy the address" />
      </span>
    );
  }
  return <Dict dict={value as Record<string, Plain>} depth={depth} />;
}

function Text({ text }: { text: string }) {
  const whole = useSignal(false);
  const long = text.length > TEXT_SHOWN && !whole.value;
  return (
    <span class="v-text" dir="auto">
      {text === '' ? <span class="v-none">empty text</span> : long ? text.slice(0, TEXT_SHOWN) : text}
      {long && (
        <button type="button" class="ghost small" onClick={() => (whole.value = true)}>
          … all {text.length.toLocaleString()} characters
        </button>
      )}
    </span>
  );
}

function isSimple(value: Plain): boolean {
  return value === null || typeof value !== 'object' || value instanceof Date;
}

/** The common fields of a list of dicts, if it is worth a table. */
function columns(list: Plain[]): string[] | null {
  if (list.length < 2) {
    return null;
  }
  const fields = new Set<string>();
  for (const each of list.slice(0, SHOWN)) {
    if (isSimple(each) || Array.isArray(each) || isBlob(each)) {
      return null;
    }
    Object.keys(each as object).forEach(field => fields.add(field));
  }
  return fields.size <= 12 ? [...fields] : null;
}

function List({ list, depth }: { list: Plain[]; depth: number }) {
  const shown = useSignal(SHOWN);
  if (list.length === 0) {
    return <span class="v-none">empty list</span>;
  }
  const fields = columns(list);
  const more = list.length > shown.value && (
    <button type="button" class="ghost small" onClick={() => (shown.value += 1000)}>
      {(list.length - shown.value).toLocaleString()} more
    </button>
  );
  if (fields) {
    return (
      <div class="v-table" tabIndex={0} role="region" aria-label="Table">
        <table>
          <thead>
            <tr>
              {fields.map(field => (
                <th key={field}>{field}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {list.slice(0, shown.value).map((each, i) => (
              <tr key={i}>
                {fields.map(field => (
                  <td key={field}>
                    <Value value={(each as Record<string, Plain>)[field] ?? null} depth={depth + 1} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {more}
      </div>
    );
  }
  if (list.every(isSimple)) {
    return (
      <span class="v-list">
        {list.slice(0, shown.value).map((each, i) => (
          <span key={i} class="v-item">
            <Value value={each} />
          </span>
        ))}
        {more}
      </span>
    );
  }
  return (
    <details open={depth < 1} class="v-tree">
      <summary>{list.length.toLocaleString()} items</summary>
      <ol start={0}>
        {list.slice(0, shown.value).map((each, i) => (
          <li key={i}>
            <Value value={each} depth={depth + 1} />
          </li>
        ))}
      </ol>
      {more}
    </details>
  );
}

function Dict({ dict, depth }: { dict: Record<string, Plain>; depth: number }) {
  const names = Object.keys(dict);
  if (names.length === 0) {
    return <span class="v-none">empty dict</span>;
  }
  return (
    <details open={depth < 2} class="v-tree">
      <summary>{names.length === 1 ? '1 field' : `${names.length.toLocaleString()} fields`}</summary>
      <dl class="v-dict">
        {names.slice(0, 500).map(name => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value value={dict[name]!} depth={depth + 1} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
