// The executions of a project and domain: newest first, found by name, label, input, phase, user and time, all in the address.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api, type Execution, get, headline, put, remove } from '../lib/api';
import { duration, seconds } from '../lib/format';
import { isActive, type Phase, workflowPhaseOf } from '../lib/phase';
import { type Id, link, paths, query, setQuery } from '../lib/router';
import { Ago, clock, Empty, EntityLink, Problem, useAnswer } from '../ui/basics';
import { PhaseIcon } from '../ui/phase';

const PAGE = 50;

/** After reading the list a page rests so many times as long, so that many pages do not keep a busy engine busier. */
const RESTS = 9;
const REST_MIN = 300;

/** The server may not know of all changes, since other nodes of a cluster make some. */
const UNTOLD = 5000;

/** The names of Flyte's phases behind each choice. */
const CHOICES: [Phase, string[]][] = [
  ['failed', ['FAILED', 'FAILING']],
  ['running', ['RUNNING', 'SUCCEEDING']],
  ['queued', ['UNDEFINED', 'QUEUED']],
  ['succeeded', ['SUCCEEDED']],
  ['aborted', ['ABORTED', 'ABORTING']],
  ['timed out', ['TIMED_OUT']],
];

const SINCE: Record<string, number> = { '15m': 15 * 60, '1h': 3600, '24h': 86400, '7d': 7 * 86400 };

/** What is listed on top when failed executions go first. */
const FAILED = 'value_in(phase,FAILED;FAILING;TIMED_OUT)';
const FAILED_MAX = 20;

/** The newest executions with a value among their inputs. */
interface Found {
  names: string[];
  searched: number;
  /** Whether all executions of the domain have been searched. */
  complete: boolean;
}

interface List {
  executions: Execution[];
  token: string;
}

/** The list's address at the API, from the page's own parameters. */
function address(project: string, domain: string, parameters: URLSearchParams, token: string, extra: string[] = [], limit = PAGE): string {
  const filters = [...extra];
  const text = parameters.get('q');
  if (text) {
    filters.push(`contains(name,${text})`);
  }
  const workflow = parameters.get('workflow');
  if (workflow) {
    filters.push(`eq(workflow.name,${workflow})`);
  }
  const user = parameters.get('user');
  if (user) {
    filters.push(`eq(user,${user})`);
  }
  const label = parameters.get('label');
  if (label) {
    const [key, value] = label.split('=', 2).map(part => part.trim());
    filters.push(`eq(execution_tag.key,${key})`);
    if (value) {
      filters.push(`eq(execution_tag.value,${value})`);
    }
  }
  const phases = (parameters.get('phase') ?? '').split(',').filter(Boolean);
  const names = CHOICES.filter(([phase]) => phases.includes(phase)).flatMap(([, all]) => all);
  if (names.length > 0) {
    filters.push(`value_in(phase,${names.join(';')})`);
  }
  const since = SINCE[parameters.get('since') ?? ''];
  if (since) {
    filters.push(`gte(created_at,${new Date(Date.now() - since * 1000).toISOString()})`);
  }
  if (parameters.get('archived')) {
    filters.push('eq(state,EXECUTION_ARCHIVED)');
  }
  const search = new URLSearchParams({ limit: String(limit), 'sort_by.key': 'created_at', 'sort_by.direction': 'DESCENDING' });
  if (filters.length > 0) {
    search.set('filters', filters.join('+'));
  }
  if (token) {
    search.set('token', token);
  }
  return `/api/v1/executions/${encodeURIComponent(project)}/${encodeURIComponent(domain)}?${search}`;
}

export function Executions({ project, domain }: { project: string; domain: string }) {
  const parameters = query.value;
  const chosen = useSignal<Set<string>>(new Set());
  const text = parameters.get('q') ?? '';
  const phases = (parameters.get('phase') ?? '').split(',').filter(Boolean);
  const input = parameters.get('input') ?? '';
  const e = encodeURIComponent;
  const found = useAnswer<Found>(input ? `/console/api/v1/inputs/${e(project)}/${e(domain)}?value=${e(input)}` : null);
  const toggle = (phase: string) => {
    const next = phases.includes(phase) ? phases.filter(each => each !== phase) : [...phases, phase];
    setQuery({ phase: next.join(',') });
  };
  return (
    <main class="page">
      <div class="page-head">
        <h1>Executions</h1>
      </div>
      <div class="filters" role="search">
        <Delayed value={text} onValue={value => setQuery({ q: value })} placeholder="Search by name" id="search" wide />
        <Delayed value={parameters.get('workflow') ?? ''} onValue={value => setQuery({ workflow: value })} placeholder="Workflow" />
        <Delayed value={parameters.get('label') ?? ''} onValue={value => setQuery({ label: value })} placeholder="Label key=value" />
        <Delayed value={input} onValue={value => setQuery({ input: value })} placeholder="Input name=value" />
        <Delayed value={parameters.get('user') ?? ''} onValue={value => setQuery({ user: value })} placeholder="User" />
        <div class="choices" role="group" aria-label="Phases">
          {CHOICES.map(([phase]) => (
            <button key={phase} type="button" class="small" aria-pressed={phases.includes(phase)} onClick={() => toggle(phase)}>
              <PhaseIcon phase={phase} /> {phase}
            </button>
          ))}
        </div>
        <select aria-label="Time" value={parameters.get('since') ?? ''} onChange={event => setQuery({ since: event.currentTarget.value })}>
          <option value="">any time</option>
          <option value="15m">last 15 minutes</option>
          <option value="1h">last hour</option>
          <option value="24h">last day</option>
          <option value="7d">last week</option>
        </select>
        <label class="check">
          <input type="checkbox" checked={!!parameters.get('first')} onChange={event => setQuery({ first: event.currentTarget.checked ? 'failed' : '' })} /> failed first
        </label>
        <label class="check">
          <input type="checkbox" checked={!!parameters.get('archived')} onChange={event => setQuery({ archived: event.currentTarget.checked ? '1' : '' })} /> archived
        </label>
      </div>
      <Selection project={project} domain={domain} chosen={chosen.value} onDone={() => (chosen.value = new Set())} archived={!!parameters.get('archived')} />
      {input && found.error && <Problem error={found.error} />}
      {found.data && (
        <p class="quiet" role="status">
          {found.data.names.length.toLocaleString()} of {found.data.complete ? 'all' : 'the newest'} {found.data.searched.toLocaleString()} executions have this input.
        </p>
      )}
      {(!input || (found.data && found.data.names.length > 0)) && (
        <ExecutionTable
          project={project}
          domain={domain}
          chosen={chosen.value}
          onChosen={next => (chosen.value = next)}
          extra={input ? [`value_in(name,${found.data!.names.join(';')})`] : []}
        />
      )}
    </main>
  );
}

/** A text field that waits until the person pauses. */
export function Delayed({ value, onValue, placeholder, id, wide }: { value: string; onValue: (value: string) => void; placeholder: string; id?: string; wide?: boolean }) {
  const typed = useSignal(value);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const told = useRef(value);
  if (told.current !== value) {
    told.current = value;
    typed.value = value;
  }
  return (
    <input
      id={id}
      type="search"
      class={wide ? 'wide' : ''}
      placeholder={placeholder}
      aria-label={placeholder}
      value={typed.value}
      onInput={event => {
        const next = event.currentTarget.value;
        typed.value = next;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          told.current = next.trim();
          onValue(next.trim());
        }, 200);
      }}
    />
  );
}

interface TableProps {
  project: string;
  domain: string;
  extra?: string[];
  chosen?: Set<string>;
  onChosen?: (chosen: Set<string>) => void;
}

/** A live table: the first page is read again when the engine says that something has changed. */
export function ExecutionTable({ project, domain, extra, chosen, onChosen }: TableProps) {
  const rows = useSignal<Execution[] | null>(null);
  const first = useSignal<Execution[]>([]);
  const token = useSignal('');
  const problem = useSignal<Error | null>(null);
  const busy = useSignal(false);
  const parameters = query.value.toString();
  const filters = (extra ?? []).join('+');

  useEffect(() => {
    let stopped = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    let reading = false;
    let missed = false;
    let restUntil = 0;
    rows.value = null;
    const plan = (millis: number) => {
      clearTimeout(again);
      again = setTimeout(read, millis);
    };
    const changed = () => {
      missed = reading;
      if (!reading) {
        plan(Math.max(0, restUntil - Date.now()));
      }
    };
    const read = async () => {
      reading = true;
      missed = false;
      clearTimeout(again);
      const begin = Date.now();
      try {
        const asked = new URLSearchParams(parameters);
        const [answer, failed] = await Promise.all([
          get<List>(address(project, domain, asked, '', extra)),
          asked.get('first') ? get<List>(address(project, domain, asked, '', [...(extra ?? []), FAILED], FAILED_MAX)) : null,
        ]);
        if (!stopped) {
          first.value = failed?.executions ?? [];
          const before = rows.value;
          if (before && before.length > PAGE) {
            // further pages stay as they are behind the fresh first one
            const fresh = new Set(answer.executions.map(each => each.id.name));
            rows.value = [...answer.executions, ...before.slice(PAGE).filter(each => !fresh.has(each.id.name))];
          } else {
            rows.value = answer.executions;
            token.value = answer.token;
          }
          problem.value = null;
        }
      } catch (e) {
        problem.value = e as Error;
      }
      reading = false;
      const took = Date.now() - begin;
      const rest = Math.max(REST_MIN, RESTS * took);
      restUntil = begin + took + rest;
      if (!stopped && document.visibilityState === 'visible') {
        plan(missed ? rest : UNTOLD);
      }
    };
    // Only while somebody looks: a browser has six connections to a server for all its tabs.
    let events: EventSource | null = null;
    const listen = () => {
      events?.close();
      events = null;
      if (document.visibilityState === 'visible') {
        events = new EventSource('/console/api/v1/changes');
        events.addEventListener('changes', changed);
        changed();
      }
    };
    listen();
    document.addEventListener('visibilitychange', listen);
    return () => {
      stopped = true;
      clearTimeout(again);
      document.removeEventListener('visibilitychange', listen);
      events?.close();
    };
  }, [project, domain, parameters, filters]);

  const more = async () => {
    busy.value = true;
    try {
      const answer = await get<List>(address(project, domain, new URLSearchParams(parameters), token.value, extra));
      rows.value = [...(rows.value ?? []), ...answer.executions];
      token.value = answer.token;
    } catch (e) {
      problem.value = e as Error;
    }
    busy.value = false;
  };

  const onTop = new Set(first.value.map(each => each.id.name));
  if (problem.value && !rows.value) {
    return <Problem error={problem.value} />;
  }
  if (!rows.value) {
    return <div class="loading" aria-busy="true" />;
  }
  if (rows.value.length === 0) {
    return (
      <Empty>
        {parameters ? (
          <>No execution fits. <a href={link(paths.executions(project, domain))}>Show all</a></>
        ) : (
          <>
            <p>Nothing has run here yet.</p>
            <pre>{`FLYTE_PLATFORM_URL=${location.host} FLYTE_PLATFORM_INSECURE=true pyflyte run --remote FILE WORKFLOW`}</pre>
          </>
        )}
      </Empty>
    );
  }
  return (
    <>
      {problem.value && <Problem error={problem.value} />}
      <table class="list">
        <thead>
          <tr>
            {onChosen && <th class="narrow"><span class="hidden">Choose</span></th>}
            <th class="what">Execution</th>
            <th>Workflow</th>
            <th class="wide-only">By</th>
            <th>Created</th>
            <th class="number">Duration</th>
          </tr>
        </thead>
        <tbody>
          {[...first.value, ...rows.value.filter(each => !onTop.has(each.id.name))].map(execution => (
            <ExecutionRow key={execution.id.name} execution={execution} chosen={chosen} onChosen={onChosen} />
          ))}
        </tbody>
      </table>
      {token.value && (
        <button type="button" class="more" disabled={busy.value} onClick={more}>
          More
        </button>
      )}
    </>
  );
}

function ExecutionRow({ execution, chosen, onChosen }: { execution: Execution; chosen?: Set<string>; onChosen?: (chosen: Set<string>) => void }) {
  const { id, spec, closure } = execution;
  const phase = workflowPhaseOf(closure.phase);
  const message = closure.error ? headline(closure.error) : (closure.abortMetadata?.cause ?? '');
  const started = closure.startedAt ?? closure.createdAt;
  const ran = isActive(phase) && started ? (clock.value - new Date(started).getTime()) * 1000 : seconds(closure.duration);
  const mark = (on: boolean) => {
    const next = new Set(chosen);
    if (on) {
      next.add(id.name);
    } else {
      next.delete(id.name);
    }
    onChosen?.(next);
  };
  return (
    <tr>
      {onChosen && (
        <td class="narrow">
          <input type="checkbox" aria-label={`Choose ${id.name}`} checked={chosen?.has(id.name)} onChange={event => mark(event.currentTarget.checked)} />
        </td>
      )}
      <td class="what">
        <PhaseIcon phase={phase} />
        <a class="mono" href={link(paths.execution(id))}>
          {id.name}
        </a>
        {spec.metadata.mode !== 'MANUAL' && spec.metadata.mode !== 'RELAUNCH' && <span class="kind">{spec.metadata.mode.toLowerCase().replace('_', ' ')}</span>}
        {message && (
          <span class="line-error" title={closure.error?.message.slice(0, 2000) ?? message} dir="auto">
            {message}
          </span>
        )}
      </td>
      <td>{closure.workflowId && <EntityLink id={{ ...closure.workflowId, resourceType: 'WORKFLOW' }} short />}</td>
      <td class="wide-only">{spec.metadata.principal}</td>
      <td>
        <Ago time={closure.createdAt} />
      </td>
      <td class="number">{duration(ran)}</td>
    </tr>
  );
}

function Selection({ project, domain, chosen, onDone, archived }: { project: string; domain: string; chosen: Set<string>; onDone: () => void; archived: boolean }) {
  const said = useSignal('');
  if (chosen.size === 0) {
    return said.value ? <p class="quiet" role="status">{said.value}</p> : null;
  }
  const each = async (what: string, act: (id: Id) => Promise<unknown>) => {
    let failed = 0;
    for (const name of chosen) {
      try {
        await act({ project, domain, name });
      } catch {
        failed++;
      }
    }
    said.value = `${chosen.size - failed} ${what}${failed ? `, ${failed} refused: they have ended, or not yet` : ''}`;
    onDone();
  };
  return (
    <div class="selection" role="status">
      <strong>{chosen.size} chosen</strong>
      <button type="button" onClick={() => each('terminated', id => remove(api.execution(id), { cause: 'terminated in the console' }))}>
        Terminate
      </button>
      <button
        type="button"
        onClick={() => each(archived ? 'brought back' : 'archived', id => put(api.execution(id), { id, state: archived ? 'EXECUTION_ACTIVE' : 'EXECUTION_ARCHIVED' }))}
      >
        {archived ? 'Bring back' : 'Archive'}
      </button>
      {chosen.size === 2 && (
        <a href={link(`/projects/${project}/domains/${domain}/compare?a=${encodeURIComponent([...chosen][0]!)}&b=${encodeURIComponent([...chosen][1]!)}`)}>Compare</a>
      )}
      <button type="button" class="ghost" onClick={onDone}>
        Choose none
      </button>
    </div>
  );
}
