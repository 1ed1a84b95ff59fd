// The elements of a map: a bar of phases, a pixel grid, how long they took, and a table with those that failed first.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api, type Data, get, type LogLink } from '../lib/api';
import { duration } from '../lib/format';
import type { ElementChange, ExecutionModel, Row } from '../lib/model';
import { isActive, type Phase, PHASES, taskPhase } from '../lib/phase';
import { clock, repaint, useAnswer } from './basics';
import { PhaseBar } from './phasebar';
import { name, PhaseIcon } from './phase';
import { Logs } from './panel';
import { Values } from './value';

const PAGE = 50;

/** The phases of all elements, and how often each was retried. */
interface Elements {
  phase: Uint8Array;
  retry: Uint16Array;
}

interface Props {
  model: ExecutionModel;
  row: Row;
  /** The inputs that each element gets whole. */
  whole: string[];
}

export function ElementMap({ model, row, whole }: Props) {
  const size = row.elements ?? 0;
  const elements = useRef<Elements>({ phase: new Uint8Array(size), retry: new Uint16Array(size) });
  /** The changes that have arrived since a read began; null while there is no read. */
  const changesSinceRead = useRef<ElementChange[] | null>(null);
  const drawn = useSignal(0);
  const only = useSignal<Phase | null>(null);
  const page = useSignal(0);
  const chosen = useSignal<number | null>(null);

  useEffect(() => {
    // The answer may be older than changes that arrive before it.
    const since: ElementChange[] = [];
    const isLatest = () => changesSinceRead.current === since;
    changesSinceRead.current = since;
    get<{ runs: number[] }>(api.columns(model.id, `/elements?${query(row)}`))
      .then(({ runs }) => {
        if (!isLatest()) {
          return;
        }
        const fresh = { phase: new Uint8Array(size), retry: new Uint16Array(size) };
        for (let i = 0; i < runs.length; i += 4) {
          const [from, phase, retry, length] = [runs[i]!, runs[i + 1]!, runs[i + 2]!, runs[i + 3]!];
          fresh.phase.fill(phase, from, from + length);
          fresh.retry.fill(retry, from, from + length);
        }
        since.forEach(change => put(fresh, change));
        elements.current = fresh;
        drawn.value++;
      })
      .finally(() => {
        if (isLatest()) {
          changesSinceRead.current = null;
        }
      });
  }, [row.id, row.attempt, size, model.connection.value]);

  useEffect(() => {
    // A subscriber first gets the last changes again; the read that begins with it is newer.
    let isFirst = true;
    return model.elementChanges.subscribe(changes => {
      const own = isFirst ? [] : changes.filter(change => change.id === row.id && change.index < size);
      isFirst = false;
      if (own.length > 0) {
        own.forEach(change => put(elements.current, change));
        changesSinceRead.current?.push(...own);
        drawn.value++;
      }
    });
  }, [row.id, size]);

  const ended = row.ended !== null;
  const phases = useMemo(() => Array.from({ length: 9 }, (_, number) => shown(number, ended)), [ended]);
  const { counts, sorted } = useMemo(() => inOrder(elements.current.phase, phases), [drawn.value, phases, size]);
  const listed = useMemo(() => {
    const wanted = only.value;
    return wanted ? sorted.filter(i => phases[elements.current.phase[i]!] === wanted) : sorted;
  }, [sorted, only.value]);
  const pages = Math.max(1, Math.ceil(listed.length / PAGE));
  const at = Math.min(page.value, pages - 1);

  return (
    <section class="elements" aria-label="Elements">
      <h3>{size.toLocaleString()} elements</h3>
      <PhaseBar counts={counts} only={only.value} onOnly={phase => (only.value = phase)} />
      <Grid elements={elements.current} phases={phases} drawn={drawn.value} onChoose={i => (chosen.value = i)} />
      {chosen.value !== null && <Element model={model} row={row} whole={whole} index={chosen.value} change={elements.current.phase[chosen.value]!} onClose={() => (chosen.value = null)} />}
      <Durations model={model} row={row} />
      <table class="plain">
        <thead>
          <tr>
            <th>Element</th>
            <th>Phase</th>
            <th>Attempts</th>
          </tr>
        </thead>
        <tbody>
          {Array.from(listed.subarray(at * PAGE, (at + 1) * PAGE), i => {
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

/** How many elements are in each phase, and the elements in the order of their phases. */
function inOrder(numbers: Uint8Array, phases: Phase[]): { counts: Map<Phase, number>; sorted: Int32Array } {
  const slots = phases.map(phase => PHASES.indexOf(phase));
  const each = new Uint32Array(PHASES.length);
  numbers.forEach(number => each[slots[number]!]!++);
  const counts = new Map<Phase, number>();
  const next = new Uint32Array(PHASES.length);
  let before = 0;
  PHASES.forEach((phase, slot) => {
    if (each[slot]! > 0) {
      counts.set(phase, each[slot]!);
    }
    next[slot] = before;
    before += each[slot]!;
  });
  const sorted = new Int32Array(numbers.length);
  numbers.forEach((number, i) => (sorted[next[slots[number]!]!++] = i));
  return { counts, sorted };
}

function put(elements: Elements, change: ElementChange) {
  elements.phase[change.index] = change.phase;
  elements.retry[change.index] = change.retry;
}

const query = (row: Row) => `node=${encodeURIComponent(row.id)}&attempt=${row.attempt}`;

function shown(number: number, ended: boolean): Phase {
  if (number === 0) {
    return ended ? 'not run' : 'queued';
  }
  return taskPhase(number);
}

/** The colours of phases as pixels of a canvas, in the order of the bytes that this machine has. */
function pixels(canvas: HTMLCanvasElement, phases: Phase[]): Uint32Array {
  const style = getComputedStyle(canvas);
  const context = new OffscreenCanvas(phases.length, 1).getContext('2d', { willReadFrequently: true })!;
  phases.forEach((phase, i) => {
    context.fillStyle = style.getPropertyValue(`--p-${phase.replace(' ', '-')}`).trim() || '#888';
    context.fillRect(i, 0, 1, 1);
  });
  return new Uint32Array(context.getImageData(0, 0, phases.length, 1).data.buffer);
}

/** One or more pixels for each element; failures are drawn a little larger than they are. */
function Grid({ elements, phases, drawn, onChoose }: { elements: Elements; phases: Phase[]; drawn: number; onChoose: (index: number) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = elements.phase.length;
  const width = 420;
  const cell = Math.max(1, Math.min(14, Math.floor(Math.sqrt((width * 240) / Math.max(1, size)))));
  const columns = Math.floor(width / cell);
  const rows = Math.max(1, Math.ceil(size / columns));
  useEffect(() => {
    const colours = pixels(canvas.current!, phases);
    const image = new ImageData(width, rows * cell);
    const drawing = new Uint32Array(image.data.buffer);
    const side = cell > 4 ? cell - 1 : cell;
    for (let i = 0; i < size; i++) {
      const colour = colours[elements.phase[i]!]!;
      const corner = Math.floor(i / columns) * cell * width + (i % columns) * cell;
      for (let y = 0; y < side; y++) {
        drawing.fill(colour, corner + y * width, corner + y * width + side);
      }
    }
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [drawn, size, phases, columns, rows, repaint.value]);
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

const BETWEEN_COUNTS = 5000;

/** How long the elements took: a row for each range of durations, with a bar of phases. */
function Durations({ model, row }: { model: ExecutionModel; row: Row }) {
  const turn = row.ended ?? Math.floor(clock.value / BETWEEN_COUNTS);
  const { data } = useAnswer<{ bounds: number[]; buckets: number[] }>(api.columns(model.id, `/durations?${query(row)}`), turn);
  if (!data || data.buckets.length === 0) {
    return null;
  }
  const counts = new Map<number, { phases: Map<Phase, number>; all: number }>();
  let longest = 0;
  for (let i = 0; i < data.buckets.length; i += 4) {
    const [bucket, number, count, most] = [data.buckets[i]!, data.buckets[i + 1]!, data.buckets[i + 2]!, data.buckets[i + 3]!];
    const there = counts.get(bucket) ?? { phases: new Map<Phase, number>(), all: 0 };
    there.phases.set(taskPhase(number), count);
    there.all += count;
    counts.set(bucket, there);
    longest = Math.max(longest, most);
  }
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  const most = Math.max(...[...counts.values()].map(each => each.all));
  return (
    <table class="plain histogram">
      <caption>How long they ran, {duration(longest)} at most</caption>
      <thead>
        <tr>
          <th>Duration</th>
          <th>Elements</th>
          <th aria-hidden="true" />
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: last - first + 1 }, (_, i) => first + i).map(bucket => {
          const { phases, all } = counts.get(bucket) ?? { phases: new Map<Phase, number>(), all: 0 };
          return (
            <tr key={bucket}>
              <th scope="row">{range(data.bounds, bucket)}</th>
              <td>
                {all.toLocaleString()}
                {phases.has('failed') && <span class="quiet"> ({phases.get('failed')!.toLocaleString()} failed)</span>}
              </td>
              <td aria-hidden="true">
                <div class="stack" style={{ width: `${(100 * all) / most}%` }}>
                  {PHASES.filter(phase => phases.has(phase)).map(phase => (
                    <span key={phase} class={`p-${name(phase)}`} style={{ flexGrow: phases.get(phase)! }} />
                  ))}
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function range(bounds: number[], bucket: number): string {
  const [from, to] = [bounds[bucket - 1], bounds[bucket]].map(bound => (bound === undefined ? undefined : round(bound)));
  return from === undefined ? `below ${to}` : to === undefined ? `${from} and more` : `${from} – ${to}`;
}

/** A bound of the histogram, which is a round number of one unit. */
function round(micros: number): string {
  const units: [number, string][] = [
    [3600e6, 'h'],
    [60e6, 'min'],
    [1e6, 's'],
    [1e3, 'ms'],
  ];
  const [size, unit] = units.find(([size]) => micros >= size) ?? [1, 'µs'];
  return `${micros / size} ${unit}`;
}

interface ElementAnswer {
  begun: boolean;
  id: string;
  phase: number;
  retry: number;
  cache: number;
  ran: number | null;
  logs: LogLink[];
}

/** One element with its own inputs, outputs and logs. */
function Element({ model, row, whole, index, change, onClose }: Props & { index: number; change: number; onClose: () => void }) {
  const { data, error } = useAnswer<ElementAnswer>(api.columns(model.id, `/element?${query(row)}&index=${index}`), `${change}.${row.ended}`);
  const phase = data?.begun ? taskPhase(data.phase) : 'queued';
  return (
    <section class="attempt" aria-label={`Element ${index}`}>
      <header>
        <strong>Element {index}</strong>
        <button type="button" class="ghost small" onClick={onClose}>
          close
        </button>
      </header>
      {error && <p class="quiet">{error.message}</p>}
      {!data && !error && <div class="loading" aria-busy="true" />}
      {data && !data.begun && <p class="quiet">It has not begun.</p>}
      {data?.begun && (
        <p>
          <PhaseIcon phase={phase} /> {phase}
          {data.ran !== null && !isActive(phase) && ` after ${duration(data.ran)}`}, <span class="mono">{data.id}</span>
        </p>
      )}
      <OwnValues model={model} row={row} whole={whole} index={index} />
      {data?.begun && <Logs logs={data.logs} active={isActive(phase)} />}
    </section>
  );
}

/** What one element got and returned: its entry of each list, and whole what is no list or is bound to all. */
function OwnValues({ model, row, whole, index }: Props & { index: number }) {
  const { data, error } = useAnswer<Data>(api.nodeData(model.id, row.id), row.ended);
  if (error) {
    return <p class="quiet">{error.message}</p>;
  }
  if (!data) {
    return <div class="loading" aria-busy="true" />;
  }
  const inputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data.fullInputs?.literals ?? {})) {
    const list = whole.includes(name) ? undefined : entries(value);
    inputs[name] = list ? list[index] : value;
  }
  const outputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data.fullOutputs?.literals ?? {})) {
    const entry = entries(value)?.[index];
    if (entry) {
      outputs[name] = entry;
    }
  }
  return (
    <>
      <h3>Inputs</h3>
      <Values literals={inputs} empty="No inputs." />
      {row.ended !== null && (
        <>
          <h3>Outputs</h3>
          <Values literals={outputs} empty="No outputs." />
        </>
      )}
    </>
  );
}

const entries = (literal: unknown) => (literal as { collection?: { literals: unknown[] } }).collection?.literals;
