// The nodes of an execution: their tree, and beside each its bar on a common scale of time.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { count, duration } from '../lib/format';
import { type ExecutionModel, type Item, phaseOf, startUp, workStart } from '../lib/model';
import type { Phase } from '../lib/phase';
import { scale, type Scale, spans, ticks } from '../lib/spans';
import { PhaseIcon, name as className } from './phase';

const ROW = 28;
const MARGIN = 12;

/** Longer lists of children are closed at first. */
const FOLDED = 200;

interface Props {
  model: ExecutionModel;
  chosen: string | null;
  onChoose: (path: string) => void;
  only: Phase | null;
  search: string;
  now: number;
  /** The end of the scale, if it is not the execution's own. */
  total?: number;
}

export function Nodes({ model, chosen, onChoose, only, search, now, total: whole }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  const open = useSignal<Map<string, boolean>>(new Map());
  const range = useSignal<[number, number] | null>(null);
  const cutIdle = useSignal(true);
  const version = model.version.value;
  const items = model.tree();
  const header = model.header.value;
  const ended = header?.ended ?? false;
  const end = Math.max(1, header?.endedAt ?? now);
  const total = Math.max(whole ?? 0, end);

  useEffect(() => {
    const element = box.current!;
    const sized = new ResizeObserver(() => (height.value = element.clientHeight));
    sized.observe(element);
    return () => sized.disconnect();
  }, []);

  const isOpen = (item: Item) => open.value.get(item.path) ?? item.children.length <= FOLDED;

  const rows = useMemo(() => {
    const text = search.toLowerCase();
    const fits = (item: Item) =>
      (!only || phaseOf(item, ended) === only) &&
      (!text || item.name.toLowerCase().includes(text) || item.path.includes(text) || !!item.entity?.name.toLowerCase().includes(text));
    const found: Item[] = [];
    if (only || text) {
      for (const item of model.byPath.values()) {
        if (fits(item)) {
          found.push(item);
        }
      }
      return found;
    }
    const add = (list: Item[]) => {
      for (const item of list) {
        found.push(item);
        if (item.children.length > 0 && isOpen(item)) {
          add(item.children);
        }
      }
    };
    add(items);
    return found;
  }, [version, items, open.value, only, search, ended]);

  const work = useMemo(() => spans(model.byPath.values(), total).work, [version, items, ended ? 0 : Math.floor(now / 1e6)]);
  const [from, to] = range.value ?? [0, total];
  const time = useMemo(() => scale(from, to, work, cutIdle.value && !range.value), [from, to, work, cutIdle.value]);

  const toggle = (item: Item, value = !isOpen(item)) => {
    open.value = new Map(open.value).set(item.path, value);
  };

  // A chosen node is in sight, with those around it open.
  useEffect(() => {
    const item = chosen ? model.byPath.get(chosen) : undefined;
    if (!item) {
      return;
    }
    const opened = new Map(open.value);
    for (let around = item.parent; around; around = around.parent) {
      opened.set(around.path, true);
    }
    open.value = opened;
  }, [chosen, items.length > 0]);

  useEffect(() => {
    const at = rows.findIndex(item => item.path === chosen);
    const element = box.current!;
    if (at >= 0 && (at * ROW < element.scrollTop || (at + 1) * ROW > element.scrollTop + element.clientHeight - ROW)) {
      element.scrollTop = Math.max(0, at * ROW - element.clientHeight / 2);
    }
  }, [chosen]);

  const choose = (step: number) => {
    const at = rows.findIndex(item => item.path === chosen);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next) {
      onChoose(next.path);
    }
  };
  /** Shows a longer or a shorter part of the time, around the chosen node. */
  const zoom = (factor: number) => {
    const length = (to - from) * factor;
    const row = chosen ? model.byPath.get(chosen)?.row : null;
    const middle = row ? ((workStart(row) ?? row.created) + (row.ended ?? end)) / 2 : (from + to) / 2;
    const begin = Math.min(total - length, Math.max(0, middle - length / 2));
    range.value = length >= total ? null : [begin, begin + length];
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const item = chosen ? model.byPath.get(chosen) : undefined;
    const actions: Record<string, () => void> = {
      ArrowDown: () => choose(1),
      j: () => choose(1),
      ArrowUp: () => choose(-1),
      k: () => choose(-1),
      ArrowRight: () => item && toggle(item, true),
      ArrowLeft: () => item && (item.children.length > 0 && isOpen(item) ? toggle(item, false) : item.parent && onChoose(item.parent.path)),
      Home: () => rows[0] && onChoose(rows[0].path),
      '+': () => zoom(0.5),
      '-': () => zoom(2),
      0: () => (range.value = null),
      End: () => rows.length > 0 && onChoose(rows[rows.length - 1]!.path),
    };
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if ((event.key === 'j' || event.key === 'k') && !target.closest('input, textarea, select, dialog, [role=tree]')) {
        onKey(event);
      }
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  });

  const first = Math.max(0, Math.floor(top.value / ROW) - MARGIN);
  const last = Math.min(rows.length, Math.ceil((top.value + height.value) / ROW) + MARGIN);
  const flat = !!(only || search);

  return (
    <div class="nodes">
      <div class="nodes-head">
        <div class="nodes-title">
          <span>{count(rows.length, 'node')}</span>
        </div>
        <Axis time={time} range={range.value} onRange={chosenRange => (range.value = chosenRange)} />
        <div class="nodes-time">
          {time.cuts.length > 0 || !cutIdle.value ? (
            <button type="button" class="ghost small" onClick={() => (cutIdle.value = !cutIdle.value)}>
              {cutIdle.value ? 'show idle time' : 'cut idle time'}
            </button>
          ) : range.value ? (
            <button type="button" class="ghost small" onClick={() => (range.value = null)}>
              whole
            </button>
          ) : (
            'duration'
          )}
        </div>
      </div>
      <div
        ref={box}
        class="nodes-body"
        role="tree"
        aria-label="Nodes"
        tabIndex={0}
        aria-activedescendant={chosen ? `node-${chosen}` : undefined}
        onScroll={event => (top.value = event.currentTarget.scrollTop)}
        onKeyDown={onKey}
      >
        <div class="nodes-sized" role="presentation" style={{ height: `${rows.length * ROW}px` }}>
          {rows.slice(first, last).map((item, i) => (
            <NodeRow
              key={item.path}
              item={item}
              top={(first + i) * ROW}
              isOpen={!flat && isOpen(item)}
              flat={flat}
              isChosen={item.path === chosen}
              phase={phaseOf(item, ended)}
              time={time}
              now={end}
              onChoose={onChoose}
              onToggle={toggle}
            />
          ))}
        </div>
        {rows.length === 0 && <div class="empty">{flat ? 'No node fits.' : header ? 'This workflow has no nodes.' : 'Loading…'}</div>}
      </div>
    </div>
  );
}

interface RowProps {
  item: Item;
  top: number;
  isOpen: boolean;
  flat: boolean;
  isChosen: boolean;
  phase: Phase;
  time: Scale;
  now: number;
  onChoose: (path: string) => void;
  onToggle: (item: Item) => void;
}

const KINDS: Record<string, string> = {
  workflow: 'workflow',
  branch: 'branch',
  'launch plan': 'execution',
  approve: 'approval',
  signal: 'signal',
  sleep: 'sleep',
  array: 'map',
};

function NodeRow({ item, top, isOpen, flat, isChosen, phase, time, now, onChoose, onToggle }: RowProps) {
  const row = item.row;
  const kind = item.isFailureNode ? 'on failure' : KINDS[item.kind];
  const hasChildren = item.children.length > 0;
  return (
    <div
      id={`node-${item.path}`}
      class={`node-row${isChosen ? ' chosen' : ''}${row ? '' : ' unborn'}`}
      role="treeitem"
      aria-level={flat ? 1 : item.depth + 1}
      aria-selected={isChosen}
      aria-expanded={hasChildren && !flat ? isOpen : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onChoose(item.path)}
    >
      <div class="node-name" style={{ paddingLeft: `${8 + (flat ? 0 : item.depth * 16)}px` }}>
        {hasChildren && !flat ? (
          <span
            class={`twist${isOpen ? ' open' : ''}`}
            aria-hidden="true"
            onClick={event => {
              event.stopPropagation();
              onToggle(item);
            }}
          />
        ) : (
          <span class="twist none" />
        )}
        <PhaseIcon phase={phase} />
        <span class="name" title={`${item.path}${item.entity ? '\n' + item.entity.name : ''}`}>
          {item.name}
        </span>
        {item.arm && <span class="arm">{item.arm}</span>}
        {kind && <span class="kind">{kind}{item.row?.elements != null ? ` × ${item.row.elements.toLocaleString()}` : ''}</span>}
        {row && row.attempt > 0 && <span class="kind attempt">attempt {row.attempt + 1}</span>}
        {row?.cache === 2 && <span class="kind cached">cached</span>}
        {row?.hasDeck && <span class="kind">deck</span>}
        {hasChildren && !isOpen && !flat && <span class="kind">{item.children.length.toLocaleString()} inside</span>}
      </div>
      <div class="node-bars">{row && <Bar item={item} phase={phase} time={time} now={now} />}</div>
      <div class="node-duration">{row && phase !== 'skipped' && duration((row.ended ?? now) - row.created)}</div>
    </div>
  );
}

function Bar({ item, phase, time, now }: { item: Item; phase: Phase; time: Scale; now: number }) {
  const row = item.row!;
  if (phase === 'skipped') {
    return null;
  }
  const end = row.ended ?? now;
  const start = workStart(row) ?? end;
  if (end < time.from || row.created > time.to) {
    return null;
  }
  const up = startUp(row, end);
  const waited = up ? Math.min(up[0], start) : start;
  const began = up ? Math.max(up[1], start) : start;
  const place = (value: number) => Math.min(1, Math.max(0, time.x(value)));
  const [a, b, c, d] = [place(row.created), place(waited), place(began), place(end)];
  const ran = row.task === null && item.kind !== 'task' ? 'open' : 'ran';
  const title = `${item.name}: ${phase}\nqueued ${duration(waited - row.created)}\n${up ? `start-up ${duration(began - waited)}\n` : ''}${ran} ${duration(end - began)}`;
  return (
    <div class="bar" title={title}>
      {b > a && <div class="bar-queued" style={{ left: `${a * 100}%`, width: `${(b - a) * 100}%` }} />}
      {c > b && <div class={`bar-start p-${className(phase)}`} style={{ left: `${b * 100}%`, width: `${(c - b) * 100}%` }} />}
      <div
        class={`bar-run p-${className(phase)}${item.children.length > 0 ? ' holds' : ''}`}
        style={{ left: `${c * 100}%`, width: `max(2px, ${(d - c) * 100}%)` }}
      />
    </div>
  );
}

function Axis({ time, range, onRange }: { time: Scale; range: [number, number] | null; onRange: (range: [number, number] | null) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const drag = useSignal<[number, number] | null>(null);
  const width = useSignal(800);
  useEffect(() => {
    const element = box.current!;
    const sized = new ResizeObserver(() => (width.value = element.clientWidth));
    sized.observe(element);
    return () => sized.disconnect();
  }, []);
  const marks = useComputed(() => Math.max(2, Math.floor(width.value / 90)));
  const at = (event: PointerEvent) => {
    const bounds = box.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - bounds.left) / bounds.width));
  };
  useSignalEffect(() => {
    document.body.classList.toggle('dragging', drag.value !== null);
  });
  return (
    <div
      ref={box}
      class="axis"
      title="Drag to look closer; double-click for the whole"
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.value = [at(event), at(event)];
      }}
      onPointerMove={event => drag.value && (drag.value = [drag.value[0], at(event)])}
      onPointerUp={() => {
        const [x, y] = drag.value ?? [0, 0];
        drag.value = null;
        if (Math.abs(x - y) > 0.005) {
          onRange([time.time(Math.min(x, y)), time.time(Math.max(x, y))]);
        }
      }}
      onDblClick={() => range && onRange(null)}
    >
      {ticks(time, marks.value).filter(mark => time.x(mark) < 1 - 50 / width.value).map(mark => (
        <span key={mark} class="tick" style={{ left: `${time.x(mark) * 100}%` }}>
          {mark === 0 ? '0' : duration(mark)}
        </span>
      ))}
      {time.cuts.map(cut => (
        <span key={cut.x} class="cut" style={{ left: `${cut.x * 100}%` }} title={`${duration(cut.length)} in which no task ran`} />
      ))}
      {drag.value && (
        <span
          class="drag"
          style={{
            left: `${Math.min(...drag.value) * 100}%`,
            width: `${Math.abs(drag.value[0] - drag.value[1]) * 100}%`,
          }}
        />
      )}
    </div>
  );
}
