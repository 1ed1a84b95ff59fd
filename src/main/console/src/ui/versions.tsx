// What differs between two versions of a definition.
import { useMemo } from 'preact/hooks';
import { api } from '../lib/api';
import type { EntityId } from '../lib/router';
import { Problem, useAnswer } from './basics';

const SHOWN = 300;

/** Fields that differ between any two versions. */
const EVERY_TIME = /(^|\.)(id\.version|version|createdAt|resourceType)$/;

/** All values of a document, by the way to each. */
function flat(value: unknown, at: string, into: Map<string, string>) {
  if (typeof value !== 'object' || value === null) {
    if (value !== null && value !== '' && !EVERY_TIME.test(at)) {
      into.set(at, String(value));
    }
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    // a node or a connection is found by its id, not by its place
    const key = Array.isArray(value) ? ((inner as { id?: unknown })?.id ?? name) : name;
    flat(inner, at ? `${at}.${typeof key === 'object' ? ((key as { name?: string }).name ?? name) : key}` : name, into);
  }
}

export function VersionDifference({ kind, before, after }: { kind: string; before: EntityId; after: EntityId }) {
  const answers = [useAnswer<object>(api.version(kind, before)), useAnswer<object>(api.version(kind, after))];
  const [a, b] = answers.map(answer => answer.data);
  const differences = useMemo(() => {
    if (!a || !b) {
      return null;
    }
    const [x, y] = [new Map<string, string>(), new Map<string, string>()];
    flat(a, '', x);
    flat(b, '', y);
    return [...new Set([...x.keys(), ...y.keys()])].filter(key => x.get(key) !== y.get(key)).map(key => ({ key, before: x.get(key), after: y.get(key) }));
  }, [a, b]);
  const error = answers.find(answer => answer.error)?.error;
  if (error) {
    return <Problem error={error} />;
  }
  if (!differences) {
    return <div class="loading" aria-busy="true" />;
  }
  if (differences.length === 0) {
    return <p class="quiet">Nothing but their names differs between these versions.</p>;
  }
  return (
    <table class="plain difference">
      <thead>
        <tr>
          <th>What</th>
          <th class="mono">{before.version}</th>
          <th class="mono">{after.version}</th>
        </tr>
      </thead>
      <tbody>
        {differences.slice(0, SHOWN).map(each => (
          <tr key={each.key}>
            <td class="mono">{each.key.replace(/^closure\.(compiledWorkflow|compiledTask)\./, '')}</td>
            <td class="was">{each.before?.slice(0, 500)}</td>
            <td class="is">{each.after?.slice(0, 500)}</td>
          </tr>
        ))}
        {differences.length > SHOWN && (
          <tr>
            <td colSpan={3} class="quiet">
              and {(differences.length - SHOWN).toLocaleString()} more
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
