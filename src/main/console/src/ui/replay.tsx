// The journal of an execution, step by step: what the tree and the graph were after each, and what each changed.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api, get } from '../lib/api';
import { count, duration } from '../lib/format';
import { type ExecutionModel, ReplayModel, type Step } from '../lib/model';
import { Problem, Tabs, useAnswer } from './basics';
import { GraphView } from './graph';
import { Nodes } from './nodes';

const PLAY_MILLIS = 4000;

interface Verdict {
  steps: number;
  nodes: number;
  differences: string[];
}

export function Replay({ model, chosen, onChoose }: { model: ExecutionModel; chosen: string | null; onChoose: (path: string) => void }) {
  const replay = useMemo(() => new ReplayModel(model), [model]);
  const steps = useSignal<Step[]>([]);
  const complete = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const at = useSignal(0);
  const playing = useSignal(false);
  const touched = useRef(false);
  const view = useSignal('nodes');
  const verdict = useAnswer<Verdict>(complete.value ? api.columns(model.id, '/verdict') : null, steps.value.length).data;

  useEffect(() => {
    let stopped = false;
    const load = async () => {
      let after = 0;
      for (let more = true; more && !stopped; ) {
        const answer = await get<{ steps: Step[]; more: boolean }>(api.columns(model.id, `/history?after=${after}`));
        steps.value = [...steps.value, ...answer.steps];
        more = answer.more;
        after = steps.value[steps.value.length - 1]?.seq ?? 0;
      }
      complete.value = true;
      if (!touched.current) {
        at.value = steps.value.length;
      }
    };
    load().catch(error => (problem.value = error));
    return () => {
      stopped = true;
    };
  }, [model]);

  useEffect(() => {
    replay.show(steps.value, at.value);
  }, [replay, steps.value, at.value]);

  useEffect(() => {
    if (!playing.value) {
      return;
    }
    const length = steps.value.length;
    const begin = at.value >= length ? 0 : at.value;
    const started = performance.now();
    const timer = setInterval(() => {
      const next = begin + Math.ceil(((performance.now() - started) / PLAY_MILLIS) * length);
      at.value = Math.min(length, next);
      playing.value = at.value < length;
    }, 40);
    return () => clearInterval(timer);
  }, [playing.value]);

  if (problem.value) {
    return <Problem error={problem.value} />;
  }
  const step = steps.value[at.value - 1];
  const last = steps.value[steps.value.length - 1];
  return (
    <div class="replay">
      <div class="replay-bar">
        <button type="button" aria-label={playing.value ? 'Pause' : 'Play'} onClick={() => (playing.value = !playing.value)}>
          {playing.value ? '❚❚' : '▶'}
        </button>
        <input
          type="range"
          aria-label="Step"
          min={0}
          max={steps.value.length}
          value={at.value}
          onInput={event => {
            playing.value = false;
            touched.current = true;
            at.value = Number(event.currentTarget.value);
          }}
        />
        <span class="mono">
          step {step?.seq ?? 0} of {last?.seq ?? 0} · {duration(step?.at ?? 0)}
        </span>
        <Tabs
          label="Replay"
          tabs={[
            { id: 'nodes', label: 'Timeline' },
            { id: 'graph', label: 'Graph' },
          ]}
          chosen={view.value}
          onChoose={id => (view.value = id)}
        />
        {verdict && (
          <span class={verdict.differences.length === 0 ? 'quiet' : 'wrong'} title={verdict.differences.join('\n')}>
            {verdict.differences.length === 0 ? `rows and journal agree: ${count(verdict.nodes, 'node')}` : `rows and journal differ in ${count(verdict.differences.length, 'place')}`}
          </span>
        )}
      </div>
      <ul class="replay-events" aria-label="Events of this step">
        {step &&
          pairs(step.events)
            .slice(0, 12)
            .map(([event, node], i) => (
              <li key={i}>
                {words(event)}
                {node && (
                  <>
                    {' '}
                    <button type="button" class="linklike mono" onClick={() => onChoose(node)}>
                      {node}
                    </button>
                  </>
                )}
              </li>
            ))}
        {step && step.events.length > 24 && <li class="quiet">and {step.events.length / 2 - 12} more</li>}
        {!step && <li class="quiet">accepted</li>}
      </ul>
      {view.value === 'graph' ? (
        <GraphView model={replay} chosen={chosen} onChoose={onChoose} />
      ) : (
        <Nodes model={replay} chosen={chosen} onChoose={onChoose} only={null} search="" now={step?.at ?? 0} total={last?.at} />
      )}
    </div>
  );
}

function pairs(events: (string | null)[]): [string, string | null][] {
  const all: [string, string | null][] = [];
  for (let i = 0; i < events.length; i += 2) {
    all.push([events[i]!, events[i + 1] ?? null]);
  }
  return all;
}

/** NodeSucceeded: node succeeded. */
const words = (event: string) => event.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
