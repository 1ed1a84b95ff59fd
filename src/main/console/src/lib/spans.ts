// What an execution's time went to, and a scale of time that cuts what is idle.
import type { Item } from './model';
import { startUp, workStart } from './model';

type Interval = [from: number, to: number];

export interface Spans {
  /** Times at which some task ran or was started up, merged and in order. */
  work: Interval[];
  /** Times at which some task ran, without those at which tasks were only started up, as far as that is known. */
  code: Interval[];
  /** Times at which something was queued or waited, or ran, merged and in order. */
  busy: Interval[];
}

function merged(intervals: Interval[]): Interval[] {
  intervals.sort((a, b) => a[0] - b[0]);
  const all: Interval[] = [];
  for (const [from, to] of intervals) {
    const last = all[all.length - 1];
    if (last && from <= last[1]) {
      last[1] = Math.max(last[1], to);
    } else {
      all.push([from, to]);
    }
  }
  return all;
}

const length = (intervals: Interval[]) => intervals.reduce((sum, [from, to]) => sum + to - from, 0);

const WAITS = new Set(['approve', 'signal', 'sleep']);

/** Looks at the innermost nodes; those with nodes inside only hold them. */
export function spans(items: Iterable<Item>, now: number): Spans {
  const work: Interval[] = [];
  const code: Interval[] = [];
  const busy: Interval[] = [];
  for (const item of items) {
    const row = item.row;
    if (!row || item.children.length > 0 || item.kind === 'branch' || item.kind === 'workflow') {
      continue;
    }
    const end = row.ended ?? now;
    const start = workStart(row);
    busy.push([row.created, end]);
    if (WAITS.has(item.kind)) {
      continue;
    }
    const up = startUp(row, end);
    if (start !== null || up) {
      work.push([Math.min(start ?? end, up?.[0] ?? end), end]);
    }
    if (start !== null) {
      code.push([Math.max(start, up?.[1] ?? start), end]);
    }
  }
  return { work: merged(work), code: merged(code), busy: merged(busy) };
}

/** How long the tasks ran, were only started up, how long everything waited, and what is left for the engine itself. */
export function shares(of: Spans, total: number): { tasks: number; startUp: number; waiting: number; engine: number } {
  const tasks = length(of.code);
  const work = length(of.work);
  const busy = length(of.busy);
  return { tasks, startUp: Math.max(0, work - tasks), waiting: Math.max(0, busy - work), engine: Math.max(0, total - busy) };
}

/** A scale from time to the interval 0..1. */
export interface Scale {
  x(time: number): number;
  time(x: number): number;
  /** Where idle time was cut out, and how much. */
  cuts: { x: number; length: number }[];
  from: number;
  to: number;
}

/** Idle times are cut out if they are long, and a large part of the whole. */
const CUT_SHARE = 0.2;
const CUT_MICROS = 5e6;
const CUT_WIDTH = 0.012;

export function scale(from: number, to: number, work: Interval[], cutIdle: boolean): Scale {
  const total = Math.max(1, to - from);
  const gaps: Interval[] = [];
  if (cutIdle) {
    let at = from;
    for (const [start, end] of [...work, [to, to] as Interval]) {
      if (start > at && start - at > Math.max(total * CUT_SHARE, CUT_MICROS) && start <= to) {
        const margin = Math.min(total * 0.004, (start - at) / 10);
        gaps.push([at + margin, start - margin]);
      }
      at = Math.max(at, end);
    }
  }
  const idle = length(gaps);
  const room = 1 - gaps.length * CUT_WIDTH;
  const unit = room / Math.max(1, total - idle);
  const points: [time: number, x: number][] = [[from, 0]];
  let x = 0;
  let at = from;
  for (const [start, end] of gaps) {
    x += (start - at) * unit;
    points.push([start, x]);
    x += CUT_WIDTH;
    points.push([end, x]);
    at = end;
  }
  points.push([to, 1]);
  const between = (value: number, a: 0 | 1, b: 0 | 1) => {
    let i = 1;
    while (i < points.length - 1 && points[i]![a] < value) {
      i++;
    }
    const [p, q] = [points[i - 1]!, points[i]!];
    const span = q[a] - p[a];
    return span === 0 ? p[b] : p[b] + ((value - p[a]) / span) * (q[b] - p[b]);
  };
  return {
    x: time => between(time, 0, 1),
    time: position => between(position, 1, 0),
    cuts: gaps.map(([start, end]) => ({ x: between((start + end) / 2, 0, 1), length: end - start })),
    from,
    to,
  };
}

/** Round times for the marks of a scale, about this many. */
export function ticks(of: Scale, about: number): number[] {
  const cut = of.cuts.reduce((sum, each) => sum + each.length, 0);
  const raw = Math.max(1, (of.to - of.from - cut) / about);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= raw) ?? raw;
  const marks: number[] = [];
  let last = -1;
  for (let time = Math.ceil(of.from / step) * step; time <= of.to && marks.length < 200; time += step) {
    const x = of.x(time);
    if (x - last > 0.6 / about) {
      marks.push(time);
      last = x;
    } else {
      const next = of.time(last + 0.7 / about);
      time = Math.max(time, Math.floor(next / step) * step);
    }
  }
  return marks;
}
