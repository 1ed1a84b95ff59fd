import { signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../lib/api';
import { ago, exact, moment } from '../lib/format';
import { type EntityId, type Id, link, paths } from '../lib/router';

/** Ticks once a second, for times that grow. */
export const clock = signal(Date.now());
setInterval(() => (clock.value = Date.now()), 1000);

/** Grows when colours change, for what is painted on a canvas. */
export const repaint = signal(0);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => repaint.value++);
new MutationObserver(() => repaint.value++).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });

export function Ago({ time }: { time: string | Date | undefined }) {
  if (!time) {
    return null;
  }
  const date = new Date(time);
  return (
    <time dateTime={date.toISOString()} title={exact(date)}>
      {ago(clock.value - date.getTime())}
    </time>
  );
}

export function Moment({ time }: { time: string | Date | undefined }) {
  if (!time) {
    return null;
  }
  const date = new Date(time);
  return (
    <time dateTime={date.toISOString()} title={exact(date)}>
      {moment(date)}
    </time>
  );
}

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => (copied.value = false), 1200);
  };
  return (
    <button type="button" class="ghost copy" title={`${label}: ${text.slice(0, 200)}`} aria-label={label} onClick={copy}>
      <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
        {copied.value ? (
          <path d="m3 8.5 3.2 3.2L13 4.5" class="line" />
        ) : (
          <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" class="line" />
        )}
      </svg>
      {copied.value && <span class="said">copied</span>}
    </button>
  );
}

export function Problem({ error, children }: { error: Error; children?: ComponentChildren }) {
  return (
    <div class="problem" role="alert">
      <strong>{error.message}</strong>
      {children}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** What a call answers; asked again when the path or the key changes, and the last answer stays meanwhile. */
export function useAnswer<T>(path: string | null, key: unknown = 0): { data: T | null; error: Error | null; again: () => void } {
  const [answer, setAnswer] = useState<{ path: string; data: T | null; error: Error | null }>({ path: '', data: null, error: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!path) {
      return;
    }
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      data => setAnswer({ path, data, error: null }),
      error => {
        if (!abort.signal.aborted) {
          setAnswer(before => ({ path, data: before.path === path ? before.data : null, error }));
        }
      },
    );
    return () => abort.abort();
  }, [path, key, turn]);
  const fits = answer.path === path;
  return { data: fits ? answer.data : null, error: fits ? answer.error : null, again: () => setTurn(turn + 1) };
}

export const KIND_WORDS: Record<string, string> = { TASK: 'task', WORKFLOW: 'workflow', LAUNCH_PLAN: 'launch_plan', '1': 'task', '2': 'workflow', '3': 'launch_plan' };

export function EntityLink({ id, short }: { id: EntityId; short?: boolean }) {
  const kind = KIND_WORDS[id.resourceType ?? ''] ?? 'workflow';
  return (
    <a href={link(paths.version(kind, id))} title={`${id.name}\nversion ${id.version}`}>
      {short ? shortName(id.name) : id.name}
    </a>
  );
}

export function ExecutionLink({ id, children }: { id: Id; children?: ComponentChildren }) {
  return (
    <a class="mono" href={link(paths.execution(id))}>
      {children ?? id.name}
    </a>
  );
}

/** The last parts of a long dotted name, which are those that differ. */
export function shortName(name: string): string {
  const parts = name.split('.');
  return parts.length > 2 ? parts.slice(-2).join('.') : name;
}

export function Dialog({ title, children, onClose }: { title: string; children: ComponentChildren; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} aria-label={title} onClose={onClose} onClick={event => event.target === ref.current && ref.current?.close()}>
      <header>
        <h2>{title}</h2>
        <button type="button" class="ghost" aria-label="Close" onClick={() => ref.current?.close()}>
          ✕
        </button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

export interface Tab {
  id: string;
  label: ComponentChildren;
}

export function Tabs({ tabs, chosen, onChoose, label }: { tabs: Tab[]; chosen: string; onChoose: (id: string) => void; label: string }) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step) {
      event.preventDefault();
      const at = tabs.findIndex(tab => tab.id === chosen);
      const next = tabs[(at + step + tabs.length) % tabs.length]!;
      onChoose(next.id);
      (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map(tab => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          data-tab={tab.id}
          aria-selected={tab.id === chosen}
          tabIndex={tab.id === chosen ? 0 : -1}
          onClick={() => onChoose(tab.id)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
