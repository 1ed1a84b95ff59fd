// The address of the page: read from the browser, changed without loading anything.
import { computed, signal } from '@preact/signals';

const BASE = '/console';

const href = signal(location.pathname + location.search);

export const path = computed(() => {
  const text = href.value.split('?')[0] ?? '';
  return text.startsWith(BASE) ? text.slice(BASE.length) || '/' : text;
});

export const query = computed(() => new URLSearchParams(href.value.split('?')[1] ?? ''));

addEventListener('popstate', () => {
  href.value = location.pathname + location.search;
});

/** Goes to a path below /console. */
export function go(to: string, replace = false) {
  const full = BASE + to;
  if (full === location.pathname + location.search) {
    return;
  }
  history[replace ? 'replaceState' : 'pushState'](null, '', full);
  href.value = full;
  if (!replace) {
    scrollTo(0, 0);
  }
}

/** Changes parameters of the address; an empty value removes its parameter. */
export function setQuery(changes: Record<string, string | undefined>, replace = true) {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) {
      next.set(name, value);
    } else {
      next.delete(name);
    }
  }
  const text = next.toString().replace(/%2F/g, '/').replace(/%2C/g, ',');
  go(path.value + (text ? '?' + text : ''), replace);
}

export const link = (to: string) => BASE + to;

// Links of the page are followed without loading it again.
document.addEventListener('click', event => {
  const anchor = (event.target as Element).closest?.('a');
  const plain = !event.defaultPrevented && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!anchor || !plain || anchor.target || anchor.hasAttribute('download')) {
    return;
  }
  if (anchor.origin === location.origin && anchor.pathname.startsWith(BASE) && !anchor.pathname.startsWith(BASE + '/api')) {
    event.preventDefault();
    go(anchor.pathname.slice(BASE.length) + anchor.search);
  }
});

const e = encodeURIComponent;

export interface Id {
  project: string;
  domain: string;
  name: string;
}

export interface EntityId extends Id {
  resourceType?: string;
  version: string;
}

export const paths = {
  executions: (project: string, domain: string, parameters = '') =>
    `/projects/${e(project)}/domains/${e(domain)}/executions${parameters}`,
  execution: (id: Id, node?: string) =>
    `/projects/${e(id.project)}/domains/${e(id.domain)}/executions/${e(id.name)}` +
    (node ? `?node=${e(node).replace(/%2F/g, '/')}` : ''),
  definitions: (project: string, domain: string, kind: string) => `/projects/${e(project)}/domains/${e(domain)}/${kind}s`,
  definition: (kind: string, id: Id) => `/projects/${e(id.project)}/domains/${e(id.domain)}/${kind}/${e(id.name)}`,
  version: (kind: string, id: EntityId) =>
    `/projects/${e(id.project)}/domains/${e(id.domain)}/${kind}/${e(id.name)}/version/${e(id.version)}`,
};
