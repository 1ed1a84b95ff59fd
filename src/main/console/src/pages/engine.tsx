// The engine itself: what it does now, from the figures that it gives to Prometheus.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../lib/api';
import { bytes, count, duration } from '../lib/format';
import { Problem } from '../ui/basics';
import { PhaseIcon } from '../ui/phase';

const BETWEEN_LOOKS = 2000;
const BETWEEN_MEMBERS = 5000;
const KEPT = 90;

/** All figures at one moment, by name and labels. */
interface Look {
  at: number;
  figures: Map<string, number>;
}

const help = new Map<string, string>();

function parse(text: string): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) {
      const [name, ...words] = line.slice(7).split(' ');
      help.set(name!, words.join(' '));
    } else if (line && !line.startsWith('#')) {
      const at = line.lastIndexOf(' ');
      figures.set(line.slice(0, at), Number(line.slice(at + 1)));
    }
  }
  return figures;
}

/** The sum of a figure over all its labels. */
function sum(look: Look, name: string): number | null {
  let total: number | null = null;
  for (const [key, value] of look.figures) {
    if (key === name || key.startsWith(name + '{')) {
      total = (total ?? 0) + value;
    }
  }
  return total;
}

function rate(before: Look | undefined, now: Look, name: string): number | null {
  const [a, b] = [before && sum(before, name), sum(now, name)];
  return before && a !== null && a !== undefined && b !== null ? Math.max(0, b - a) / ((now.at - before.at) / 1000) : null;
}

/** The mean of what a timer has measured since the last look, in its own unit. */
function mean(before: Look | undefined, now: Look, name: string): number | null {
  const [total, times] = [rate(before, now, name + '_sum'), rate(before, now, name + '_count')];
  return total !== null && times ? total / times : null;
}

type Read = (before: Look | undefined, now: Look) => number | null;

const CARDS: [title: string, read: Read, show: (value: number) => string][] = [
  ['Nodes ended a second', (before, now) => rate(before, now, 'turboprop_nodes_ended_total'), figure],
  ['Executions in memory', (_, now) => sum(now, 'turboprop_executions_in_memory'), figure],
  ['Journal, mean of a write', (before, now) => mean(before, now, 'turboprop_journal_latency_ms'), value => duration(value * 1000)],
  ['Until rows show a step', (before, now) => mean(before, now, 'turboprop_publisher_lag_ms'), value => duration(value * 1000)],
  ['Slots taken', (_, now) => sum(now, 'turboprop_local_slots_taken'), figure],
  ['Tasks that wait for a slot', (_, now) => sum(now, 'turboprop_local_queue'), figure],
  ['Parked executions', (_, now) => sum(now, 'turboprop_executions_parked'), figure],
  ['Calls a second', (before, now) => rate(before, now, 'turboprop_rpc_seconds_count'), figure],
  ['Steps not shown yet', (_, now) => sum(now, 'turboprop_publisher_waiting_steps'), figure],
  ['Retries a second', (before, now) => rate(before, now, 'turboprop_node_retries_total'), figure],
  ['Memory of the engine', (_, now) => sum(now, 'jvm_memory_used_bytes'), bytes],
  ['Processor', (_, now) => sum(now, 'process_cpu_usage'), value => `${(value * 100).toFixed(0)} %`],
];

/** The cluster as this node sees it; -1 stands for what a node did not answer in time. */
interface Cluster {
  self: string;
  members: {
    address: string;
    api: string;
    roles: string[];
    version: string;
    status: string;
    reachable: boolean;
    oldest: boolean;
    living: boolean;
    shards: number;
    executions: number;
  }[];
  shards: number;
  executions: number;
}

export function EnginePage() {
  const cluster = useSignal<Cluster | null>(null);
  const looks = useSignal<Look[]>([]);
  const problem = useSignal<Error | null>(null);
  const search = useSignal('');
  const all = useSignal(false);
  const checks = useSignal<[string, string][]>([]);
  useEffect(() => {
    const look = async () => {
      try {
        const figures = parse(await (await fetch('/metrics')).text());
        looks.value = [...looks.value.slice(1 - KEPT), { at: Date.now(), figures }];
        const ready = (await (await fetch('/ready')).json()) as { checks?: Record<string, string> };
        checks.value = Object.entries(ready.checks ?? {});
        problem.value = null;
      } catch {
        problem.value = new Error('The engine does not answer.');
      }
    };
    const members = async () => {
      try {
        cluster.value = await get<Cluster>('/cluster');
      } catch (e) {
        problem.value = e as Error;
      }
    };
    void look();
    void members();
    const timers = [setInterval(look, BETWEEN_LOOKS), setInterval(members, BETWEEN_MEMBERS)];
    return () => timers.forEach(clearInterval);
  }, []);
  const now = looks.value[looks.value.length - 1];
  const text = search.value.toLowerCase();
  const listed = all.value && now ? [...now.figures].filter(([key]) => !key.includes('_bucket{') && key.toLowerCase().includes(text)) : [];
  return (
    <main class="page">
      <div class="page-head">
        <h1>Engine</h1>
        <span class="quiet">this node, each two seconds</span>
      </div>
      {problem.value && <Problem error={problem.value} />}
      {checks.value.length > 0 && (
        <ul class="checks" aria-label="Checks">
          {checks.value.map(([name, said]) => (
            <li key={name} class={said === 'ok' ? '' : 'wrong'}>
              <PhaseIcon phase={said === 'ok' ? 'succeeded' : 'failed'} /> {name}
              {said !== 'ok' && `: ${said}`}
            </li>
          ))}
        </ul>
      )}
      <dl class="cards">
        {CARDS.map(([title, read, show]) => {
          const values = looks.value.map((look, i) => read(looks.value[i - 1], look));
          const value = values[values.length - 1];
          return (
            <div key={title} class="card">
              <dt>{title}</dt>
              <dd>{value === null || value === undefined ? <small>nothing yet</small> : show(value)}</dd>
              <Line values={values.map(each => each ?? 0)} />
            </div>
          );
        })}
      </dl>
      {cluster.value && <Members cluster={cluster.value} />}
      <button type="button" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
        {all.value ? 'Hide all figures' : 'All figures'}
      </button>
      {all.value && (
        <>
          <div class="filters apart">
            <input id="search" type="search" class="wide" placeholder="Search figures" aria-label="Search figures" value={search.value} onInput={event => (search.value = event.currentTarget.value)} />
            <span class="quiet">{count(listed.length, 'figure')}</span>
          </div>
          <table class="list figures">
            <thead>
              <tr>
                <th>Figure</th>
                <th class="number">Now</th>
              </tr>
            </thead>
            <tbody>
              {listed.map(([key, value]) => (
                <tr key={key} title={help.get(key.split('{')[0]!)}>
                  <td class="mono">{key}</td>
                  <td class="number mono">{figure(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </main>
  );
}

function Members({ cluster }: { cluster: Cluster }) {
  return (
    <section class="members" aria-label="Members">
      <h2>
        {count(cluster.members.length, 'node')}, {known(cluster.shards)} shards begun, {known(cluster.executions)} executions in memory
      </h2>
      <table class="list">
        <thead>
          <tr>
            <th>Node</th>
            <th>State</th>
            <th>Roles</th>
            <th class="wide-only">API</th>
            <th class="wide-only">Version</th>
            <th class="number">Shards</th>
            <th class="number">Executions</th>
          </tr>
        </thead>
        <tbody>
          {cluster.members.map(member => {
            const well = member.status === 'up' && member.reachable && member.living;
            return (
              <tr key={member.address}>
                <td class="mono">
                  {member.address}
                  {member.address === cluster.self && <span class="kind">this node</span>}
                  {member.oldest && <span class="kind">oldest</span>}
                </td>
                <td>
                  <PhaseIcon phase={well ? 'succeeded' : 'failed'} /> {member.status}
                  {!member.reachable && ', not reachable'}
                  {!member.living && ', no session at the database'}
                </td>
                <td>{[...member.roles].sort().join(', ')}</td>
                <td class="mono wide-only">{member.api}</td>
                <td class="mono wide-only">{member.version}</td>
                <td class="number">{known(member.shards)}</td>
                <td class="number">{known(member.executions)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const known = (value: number) => (value < 0 ? 'no answer' : value.toLocaleString());

/** The last minutes of a figure as a line from 0 to its largest value. */
function Line({ values }: { values: number[] }) {
  const most = Math.max(1e-9, ...values);
  const points = values.map((value, i) => `${((KEPT - values.length + i) / (KEPT - 1)) * 100},${33 - (value / most) * 32}`).join(' ');
  return (
    <svg viewBox="0 0 100 34" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}

function figure(value: number): string {
  if (!Number.isFinite(value)) {
    return '';
  }
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString() : String(Number(value.toPrecision(3)));
}
