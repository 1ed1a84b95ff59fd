// The elements of a map: a bar of phases, a pixel grid, and a table with those that failed first.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api, type Attempt, type Data, get } from '../lib/api';
import type { ExecutionModel, Row } from '../lib/model';
import { isActive, type Phase, PHASES, taskPhase, taskPhaseOf } from '../lib/phase';
import { useAnswer } from './basics';
import { PhaseBar } from './phasebar';
import { PhaseIcon } from './phase';
import { Logs } from './panel';
import { Values } from './value';

const PAGE = 50;

/** The phases of all elements, and how often each was retried. */
interface Elements {
  phase: Uint8Array;
  retry: Uint16Array;
}

export function ElementMap({ model, row }: { model: ExecutionModel; row: Row }) {
  const size = row.elements ?? 0;
  const elements = useRef<Elements>({ phase: new Uint8Array(size), retry: new Uint16Array(size) });
  const drawn = useSignal(0);
  const only = useSignal<Phase | null>(null);
  const page = useSignal(0);
  const chosen = useSignal<number | null>(null);

  useEffect(() => {
    const fresh = { phase: new Uint8Array(size), retry: new Uint16Array(size) };
    get<{ runs: number[] }>(api.columns(model.id, `/elements?node=${encodeURIComponent(row.id)}&attempt=0`)).then(({ runs }) => {
      for (let i = 0; i < runs.length; i += 4) {
        const [from, phase, retry, length] = [runs[i]!, runs[i + 1]!, runs[i + 2]!, runs[i + 3]!];
        fresh.phase.fill(phase, from, from + length);
        fresh.retry.fill(retry, from, from + length);
      }
      elements.current = fresh;
      drawn.value++;
    });
  }, [row.id, size, model.connection.value]);

  useEffect(
    () =>
      model.elementChanges.subscribe(changes => {
        let any = false;
        for (const change of changes) {
          if (change.id === row.id && change.index < size) {
            elements.current.phase[change.index] = change.phase;
            elements.current.retry[change.index] = change.retry;
            any = true;
          }
        }
        if (any) {
          drawn.value++;
        }
      }),
    [row.id, size],
  );

  const ended = row.ended !== null;
  const phases = useMemo(() => Array.from({ length: 9 }, (_, number) => shown(number, ended)), [ended]);
  const counts = new Map<Phase, number>();
  elements.current.phase.forEach(number => counts.set(phases[number]!, (counts.get(phases[number]!) ?? 0) + 1));

  const listed = useMemo(() => {
    const byPhase = new Map<Phase, number[]>(PHASES.map(phase => [phase, []]));
    const lists = phases.map(phase => byPhase.get(phase)!);
    elements.current.phase.forEach((number, i) => lists[number]!.push(i));
    return only.value ? byPhase.get(only.value)! : PHASES.flatMap(phase => byPhase.get(phase)!);
  }, [drawn.value, only.value, phases]);
  const pages = Math.max(1, Math.ceil(listed.length / PAGE));
  const at = Math.min(page.value, pages - 1);

  return (
    <section class="elements" aria-label="Elements">
      <h3>{size.toLocaleString()} elements</h3>
      <PhaseBar counts={counts} only={only.value} onOnly={phase => (only.value = phase)} />
      <Grid elements={elements.current} phases={phases} drawn={drawn.value} onChoose={i => (chosen.value = i)} />
      {chosen.value !== null && <Element model={model} row={row} index={chosen.value} onClose={() => (chosen.value = null)} />}
      <table class="plain">
        <thead>
          <tr>
            <th>Element</th>
            <th>Phase</th>
            <th>Attempts</th>
          </tr>
        </thead>
        <tbody>
          {listed.slice(at * PAGE, (at + 1) * PAGE).map(i => {
            const phase = phases[elements.current.phase[i]!]!;
            return (
              <tr key={i}>
                <td>
                  <button type="button" class="linklike" onClick={() => (chosen.value = i)}>
                    #{i}
                  </button>
                </td>
                <td>
                  <PhaseIcon phase={phase} /> {phase}
                </td>
                <td>{elements.current.phase[i] ? elements.current.retry[i]! + 1 : ''}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {pages > 1 && (
        <nav class="pager" aria-label="Elements">
          <button type="button" class="small" disabled={at === 0} onClick={() => (page.value = at - 1)}>
            before
          </button>
          <span class="quiet">
            page {(at + 1).toLocaleString()} of {pages.toLocaleString()}
          </span>
          <button type="button" class="small" disabled={at === pages - 1} onClick={() => (page.value = at + 1)}>
            after
          </button>
        </nav>
      )}
    </section>
  );
}

function shown(number: number, ended: boolean): Phase {
  if (number === 0) {
    return ended ? 'not run' : 'queued';
  }
  return taskPhase(number);
}

/** One or more pixels for each element; failures are drawn a little larger than they are. */
function Grid({ elements, phases, drawn, onChoose }: { elements: Elements; phases: Phase[]; drawn: number; onChoose: (index: number) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = elements.phase.length;
  const width = 420;
  const cell = Math.max(1, Math.min(14, Math.floor(Math.sqrt((width * 240) / Math.max(1, size)))));
  const columns = Math.floor(width / cell);
  const rows = Math.ceil(size / columns);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    const style = getComputedStyle(canvas.current!);
    const colours = phases.map(phase => style.getPropertyValue(`--p-${phase.replace(' ', '-')}`).trim() || '#888');
    context.clearRect(0, 0, width, rows * cell);
    const gap = cell > 4 ? 1 : 0;
    for (let number = 0; number < phases.length; number++) {
      context.fillStyle = colours[number]!;
      for (let i = 0; i < size; i++) {
        if (elements.phase[i] === number) {
          context.fillRect((i % columns) * cell, Math.floor(i / columns) * cell, cell - gap, cell - gap);
        }
      }
    }
  }, [drawn, size, phases, columns, rows]);
  return (
    <canvas
      ref={canvas}
      class="grid"
      width={width}
      height={rows * cell}
      role="img"
      aria-label="A pixel for each element; the table below has the same"
      onClick={event => {
        const bounds = event.currentTarget.getBoundingClientRect();
        const factor = width / bounds.width;
        const x = Math.floor(((event.clientX - bounds.left) * factor) / cell);
        const y = Math.floor(((event.clientY - bounds.top) * factor) / cell);
        const i = y * columns + x;
        if (x < columns && i < size) {
          onChoose(i);
        }
      }}
    />
  );
}

/** One element with its logs, as far as Flyte's API tells of it. */
function Element({ model, row, index, onClose }: { model: ExecutionModel; row: Row; index: number; onClose: () => void }) {
  const found = useSignal<Attempt['closure']['metadata'] | null>(null);
  const asked = useRef('');
  const key = `${row.id}.${row.ended}`;
  if (asked.current !== key) {
    asked.current = key;
    get<{ taskExecutions: Attempt[] }>(api.attempts(model.id, row.id)).then(answer => (found.value = answer.taskExecutions[0]?.closure.metadata ?? null));
  }
  const element = found.value?.externalResources.find(each => each.index === index);
  return (
    <div class="attempt">
      <header>
        <strong>Element {index}</strong>
        <button type="button" class="ghost small" onClick={onClose}>
          close
        </button>
      </header>
      {element ? (
        <>
          <p>
            <PhaseIcon phase={taskPhaseOf(element.phase)} /> {taskPhaseOf(element.phase)}, <span class="mono">{element.externalId}</span>
          </p>
          {row.ended !== null && <Outputs model={model} row={row} index={index} />}
          <Logs logs={element.logs ?? []} active={isActive(taskPhaseOf(element.phase))} />
        </>
      ) : (
        <p class="quiet">{found.value ? 'It has not begun.' : 'loading…'}</p>
      )}
    </div>
  );
}

/** What one element returned: the outputs of an array are lists with an entry for each element. */
function Outputs({ model, row, index }: { model: ExecutionModel; row: Row; index: number }) {
  const { data, error } = useAnswer<Data>(api.nodeData(model.id, row.id), row.ended);
  if (error) {
    return <p class="quiet">{error.message}</p>;
  }
  if (!data) {
    return <div class="loading" aria-busy="true" />;
  }
  const own: Record<string, unknown> = {};
  for (const [name, list] of Object.entries(data.fullOutputs?.literals ?? {})) {
    const entry = (list as { collection?: { literals: unknown[] } }).collection?.literals[index];
    if (entry) {
      own[name] = entry;
    }
  }
  return (
    <>
      <h3>Outputs</h3>
      <Values literals={own} empty="No outputs." />
    </>
  );
}
