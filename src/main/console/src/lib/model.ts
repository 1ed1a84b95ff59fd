// One execution as the page holds it: the rows of its nodes, the graphs of its plan, and the tree that both make.
import { batch, signal } from '@preact/signals';
import { type ErrorInfo, get, api } from './api';
import { nodePhase, type Phase, taskPhase, workflowPhase } from './phase';
import type { EntityId, Id } from './router';

/** What has happened to a node. Times are microseconds since the execution was accepted. */
export interface Row {
  path: string;
  id: string;
  phase: number;
  attempt: number;
  created: number;
  started: number | null;
  ended: number | null;
  task: number | null;
  taskStarted: number | null;
  /** When the attempt began to be set up (a pod), and when its own code began (a process); null where nobody tells. */
  initializing: number | null;
  codeBegan: number | null;
  elements: number | null;
  cache: number;
  error: string | null;
  isParent: boolean;
  hasDeck: boolean;
  hasOutputs: boolean;
}

/** A graph as the server sends it: columns of nodes, and edges as pairs of numbers. */
export interface Graph {
  id: string[];
  name: (string | null)[];
  kind: string[];
  entity: number[];
  edges: number[];
  failureNode: number;
  details: Record<string, Details>;
}

interface Details {
  graph?: Graph;
  arms?: Record<string, string>;
  signal?: string;
  sleepMillis?: number;
  element?: string;
  whole?: string[];
  details?: Record<string, Details>;
}

interface Graphs {
  root: Graph;
  made: { path: string; attempt: number; graph: Graph }[];
  entities: string[][];
}

/** A node of the tree, whether it has run or not. */
export interface Item {
  path: string;
  nodeId: string;
  name: string;
  kind: string;
  entity: EntityId | null;
  depth: number;
  parent: Item | null;
  children: Item[];
  row: Row | null;
  /** The condition of the arm of a branch. */
  arm: string | null;
  signal: string | null;
  /** The inputs that each element of an array gets whole, though they may be lists. */
  whole: string[];
  isFailureNode: boolean;
  /** The graph inside, if the node has one. */
  graph: Graph | null;
}

export interface Header {
  phase: number;
  ended: boolean;
  archived: boolean;
  parallelism: number;
  workflow: EntityId;
  launched: EntityId;
  startedAt: number | null;
  endedAt: number | null;
  updatedAt: number;
  error: ErrorInfo | null;
  abort: string | null;
  parked: string | null;
}

interface Columns {
  seq: number;
  truncated: boolean;
  accepted: number;
  execution: Record<string, any>;
  nodes: Record<string, any[]>;
}

export type Connection = 'connecting' | 'live' | 'lost' | 'gone';

const entity = (parts: string[]): EntityId => ({
  resourceType: parts[0] ?? '',
  project: parts[1] ?? '',
  domain: parts[2] ?? '',
  name: parts[3] ?? '',
  version: parts[4] ?? '',
});

/** An element of an array that has changed. */
export type ElementChange = { id: string; index: number; phase: number; retry: number };

/** The server sends something at least each ten seconds; without anything for longer, the connection is dead. */
const SILENCE_MAX = 25_000;

const HIDDEN_AFTER = 30_000;

export class ExecutionModel {
  /** Grows with every change; views read it to be drawn again. */
  readonly version = signal(0);
  readonly connection = signal<Connection>('connecting');
  readonly failure = signal<Error | null>(null);
  readonly header = signal<Header | null>(null);
  readonly elementChanges = signal<ElementChange[]>([]);

  accepted = 0;
  /** Whether the execution has more nodes than the page gets. */
  truncated = false;
  items: Item[] = [];
  readonly byPath = new Map<string, Item>();

  private seq = 0;
  protected graphs: Graphs | null = null;
  protected readonly rows = new Map<string, Row>();
  protected readonly byId = new Map<string, Row>();
  private events: EventSource | null = null;
  private closed = false;
  protected isStale = true;
  private askedFor = new Set<string>();
  private heardAt = 0;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private isAway = false;
  private readonly watchdog: ReturnType<typeof setInterval> | null;

  /**
   * @param isLive whether it reads the execution and follows it; else nothing is read
   */
  constructor(
    readonly id: Id,
    isLive = true,
  ) {
    if (!isLive) {
      this.watchdog = null;
      return;
    }
    void this.load();
    addEventListener('offline', this.lose);
    addEventListener('online', this.resume);
    document.addEventListener('visibilitychange', this.seen);
    this.watchdog = setInterval(() => {
      if (this.events && !this.isAway && Date.now() - this.heardAt > SILENCE_MAX) {
        this.resume();
      }
    }, 5000);
  }

  close() {
    this.closed = true;
    this.events?.close();
    removeEventListener('offline', this.lose);
    removeEventListener('online', this.resume);
    document.removeEventListener('visibilitychange', this.seen);
    clearTimeout(this.hiding);
    clearInterval(this.watchdog ?? undefined);
  }

  private readonly lose = () => {
    this.events?.close();
    this.connection.value = 'lost';
  };

  /** A browser has six connections to a server for all its tabs, so one that nobody looks at gives its own back. */
  private readonly seen = () => {
    clearTimeout(this.hiding);
    if (document.visibilityState === 'hidden') {
      this.hiding = setTimeout(() => {
        this.isAway = true;
        this.events?.close();
      }, HIDDEN_AFTER);
    } else if (this.isAway) {
      this.isAway = false;
      this.resume();
    }
  };

  /** Listens again, from the last step that the page knows. */
  private readonly resume = () => {
    if (!this.closed && this.events) {
      this.events.close();
      this.connection.value = 'lost';
      this.follow();
    }
  };

  /** Microseconds since the acceptance, by the browser's clock. */
  now(): number {
    return Math.max(Date.now() * 1000 - this.accepted, this.header.peek()?.updatedAt ?? 0);
  }

  phase(): Phase {
    return workflowPhase(this.header.peek()?.phase ?? 0);
  }

  private async load() {
    try {
      // The rows before the graphs: a graph that a row belongs to is stored before the row.
      const columns = await get<Columns>(api.columns(this.id));
      const graphs = await get<Graphs>(api.columns(this.id, '/graph'));
      if (this.closed) {
        return;
      }
      this.graphs = graphs;
      this.take(columns);
      this.failure.value = null;
      this.follow();
    } catch (failure) {
      if (!this.closed) {
        this.failure.value = failure as Error;
        this.connection.value = 'lost';
        if ((failure as { status?: number }).status !== 404) {
          setTimeout(() => this.load(), 2000);
        }
      }
    }
  }

  private take(columns: Columns) {
    const nodes = columns.nodes;
    this.seq = columns.seq;
    this.accepted = columns.accepted;
    this.truncated = columns.truncated;
    this.rows.clear();
    this.byId.clear();
    let created = 0;
    const paths = nodes['path'] as string[];
    const cell = (name: string, i: number) => nodes[name]![i];
    const later = (name: string, i: number, since: number): number | null => {
      const after = nodes[name]?.[i] ?? null;
      return after === null ? null : since + after;
    };
    for (let i = 0; i < paths.length; i++) {
      created += cell('created', i);
      const started = cell('started', i) === null ? null : created + cell('started', i);
      const flags = cell('flags', i) as number;
      this.add({
        path: paths[i]!,
        id: cell('id', i) ?? paths[i]!.replaceAll('/', '-'),
        phase: cell('phase', i),
        attempt: cell('attempt', i),
        created,
        started,
        ended: cell('ended', i) === null ? null : (started ?? created) + cell('ended', i),
        task: cell('task', i),
        taskStarted: later('taskStarted', i, created),
        initializing: later('initializing', i, created),
        codeBegan: later('codeBegan', i, created),
        elements: cell('elements', i),
        cache: cell('cache', i),
        error: cell('error', i),
        isParent: (flags & 1) > 0,
        hasDeck: (flags & 2) > 0,
        hasOutputs: (flags & 4) > 0,
      });
    }
    const e = columns.execution;
    this.isStale = true;
    batch(() => {
      this.header.value = {
        phase: e['phase'],
        ended: e['ended'],
        archived: e['archived'],
        parallelism: e['parallelism'],
        workflow: entity(e['workflow']),
        launched: entity(e['launched']),
        startedAt: e['started'] ?? null,
        endedAt: e['ended_at'] ?? null,
        updatedAt: e['updated'] ?? 0,
        error: e['error'] ?? null,
        abort: e['abort'] ?? null,
        parked: e['parked'] ?? null,
      };
      this.version.value++;
    });
  }

  private add(row: Row) {
    this.rows.set(row.path, row);
    this.byId.set(row.id, row);
  }

  /** Listens from the step on that the rows show; after a short break the browser itself resumes. */
  private follow() {
    const events = new EventSource(api.columns(this.id, `/events?after=${this.seq}`));
    this.events = events;
    this.heardAt = Date.now();
    events.onopen = () => {
      this.heardAt = Date.now();
      this.connection.value = 'live';
    };
    events.addEventListener('beat', () => (this.heardAt = Date.now()));
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) {
        events.close();
        setTimeout(() => !this.closed && this.load(), 1000);
      }
      this.connection.value = 'lost';
    };
    events.addEventListener('changes', event => {
      this.heardAt = Date.now();
      this.seq = Number(event.lastEventId);
      this.apply(JSON.parse(event.data).rows);
    });
    events.addEventListener('position', event => {
      const now = JSON.parse(event.data);
      const header = this.header.peek();
      if (header) {
        this.header.value = { ...header, phase: now.phase, ended: now.ended, archived: now.archived, parked: now.parked };
        this.version.value++;
      }
    });
    events.addEventListener('reset', () => {
      events.close();
      void this.load();
    });
    events.addEventListener('gone', () => {
      events.close();
      this.connection.value = 'gone';
    });
  }

  protected apply(rows: Record<string, any>[]) {
    const elements: ElementChange[] = [];
    let header = this.header.peek();
    for (const change of rows) {
      switch (change['row']) {
        case 'execution':
          header = header && {
            ...header,
            phase: change['phase'] ?? header.phase,
            ended: header.ended || !!change['ended'],
            startedAt: header.startedAt ?? change['started'] ?? null,
            endedAt: change['ended_at'] ?? header.endedAt,
            updatedAt: change['updated'] ?? header.updatedAt,
            error: change['error'] ?? header.error,
            abort: change['abort'] ?? header.abort,
          };
          break;
        case 'node':
          this.changeNode(change);
          break;
        case 'task':
          this.changeTask(change);
          break;
        case 'element':
          elements.push(change as ElementChange);
      }
    }
    batch(() => {
      this.header.value = header;
      if (elements.length > 0) {
        this.elementChanges.value = elements;
      }
      this.version.value++;
    });
  }

  private changeNode(change: Record<string, any>) {
    let row = this.rows.get(change['path']);
    if (!row) {
      row = {
        path: change['path'],
        id: change['id'],
        phase: 0,
        attempt: 0,
        created: change['created'] ?? change['started'] ?? change['updated'],
        started: null,
        ended: null,
        task: null,
        taskStarted: null,
        initializing: null,
        codeBegan: null,
        elements: null,
        cache: 0,
        error: null,
        isParent: false,
        hasDeck: false,
        hasOutputs: false,
      };
      this.add(row);
      const item = this.byPath.get(row.path);
      if (item) {
        item.row = row;
      } else {
        this.isStale = true;
      }
    }
    if (row.attempt !== change['attempt']) {
      row.task = null;
      row.taskStarted = null;
      row.initializing = null;
      row.codeBegan = null;
      this.isStale ||= row.isParent;
    }
    if (change['parent'] && !row.isParent) {
      row.isParent = true;
      this.isStale = true;
    }
    row.phase = change['phase'];
    row.attempt = change['attempt'];
    row.started ??= change['started'] ?? null;
    row.ended = change['ended_at'] ?? row.ended;
    row.cache = change['cache'] ?? row.cache;
    row.error = change['error']?.code ?? row.error;
    row.hasDeck ||= !!change['deck'];
    row.hasOutputs ||= !!change['outputs'];
  }

  private changeTask(change: Record<string, any>) {
    const row = this.byId.get(change['id']);
    if (!row || (row.attempt !== change['attempt'] && change['elements'] === undefined)) {
      return;
    }
    row.task = change['phase'];
    row.taskStarted ??= change['started'] ?? null;
    row.initializing ??= change['initializing'] ?? null;
    row.codeBegan ??= change['code_began'] ?? null;
    row.elements = change['elements'] ?? row.elements;
  }

  /** The tree, made anew if nodes have come that it does not have. */
  tree(): Item[] {
    if (this.isStale && this.graphs) {
      this.isStale = false;
      this.build(this.graphs);
    }
    return this.items;
  }

  /** Has the graphs of another model of the same execution. */
  protected share(other: ExecutionModel) {
    if (this.graphs !== other.graphs) {
      this.graphs = other.graphs;
      this.isStale = true;
    }
  }

  rootGraph(): Graph | null {
    return this.graphs?.root ?? null;
  }

  private build(graphs: Graphs) {
    const entities = graphs.entities.map(entity);
    const made = new Map(graphs.made.map(each => [`${each.path}/${each.attempt}`, each.graph]));
    const inside = new Map<string, Row[]>();
    for (const row of this.rows.values()) {
      const end = row.path.lastIndexOf('/');
      const around = end < 0 ? '' : row.path.slice(0, end);
      const list = inside.get(around);
      if (list) {
        list.push(row);
      } else {
        inside.set(around, [row]);
      }
    }
    this.byPath.clear();
    let unknown = false;

    const open = (item: Item, details: Details | undefined) => {
      item.signal = details?.signal ?? null;
      item.whole = details?.whole ?? [];
      const around = `${item.path}/${item.row?.attempt ?? 0}`;
      const graph = details?.graph ?? made.get(around) ?? null;
      item.graph = graph;
      if (item.kind === 'array') {
        item.children = (inside.get(around) ?? [])
          .sort((a, b) => index(a.path) - index(b.path))
          .map(row => {
            const nodeId = row.path.slice(row.path.lastIndexOf('/') + 1);
            const element = make(row.path, nodeId, `#${index(row.path)}`, details?.element ?? 'task', item.entity, item);
            open(element, details?.details?.['0']);
            return element;
          });
      } else if (graph) {
        item.children = level(graph, around + '/', item, details?.arms && named(details.arms, item));
      } else if (inside.has(around)) {
        // a graph made at run time that the page has not read yet
        unknown = !this.askedFor.has(around) || unknown;
        this.askedFor.add(around);
      }
    };

    /** Conditions with the names of nodes for their ids. */
    const named = (arms: Record<string, string>, branch: Item): Record<string, string> =>
      Object.fromEntries(
        Object.entries(arms).map(([arm, text]) => [
          arm,
          text.replace(/(^|[( ])([\w-]*)\.(?=\w)/g, (_, before: string, id: string) => {
            for (let around: Item | null = branch; around && id; around = around.parent) {
              const prefix = around.path.slice(0, around.path.length - around.nodeId.length);
              const source = this.byPath.get(prefix + id);
              if (source) {
                return `${before}${source.name}.`;
              }
            }
            return id ? `${before}${id}.` : before;
          }),
        ]),
      );

    const make = (path: string, nodeId: string, name: string, kind: string, of: EntityId | null, parent: Item | null): Item => {
      const item: Item = {
        path,
        nodeId,
        name,
        kind,
        entity: of,
        depth: parent ? parent.depth + 1 : 0,
        parent,
        children: [],
        row: this.rows.get(path) ?? null,
        arm: null,
        signal: null,
        whole: [],
        isFailureNode: false,
        graph: null,
      };
      this.byPath.set(path, item);
      return item;
    };

    const level = (graph: Graph, prefix: string, parent: Item | null, arms?: Record<string, string>): Item[] => {
      const items: Item[] = [];
      for (const i of inOrder(graph)) {
        const kind = graph.kind[i]!;
        if (kind === 'start' || kind === 'end') {
          continue;
        }
        const id = graph.id[i]!;
        const item = make(prefix + id, id, readable(graph.name[i] || id), kind, entities[graph.entity[i]!] ?? null, parent);
        item.arm = arms?.[id] ?? null;
        item.isFailureNode = graph.failureNode === i;
        open(item, graph.details[i]);
        items.push(item);
      }
      return items;
    };

    this.items = level(graphs.root, '', null);
    if (unknown) {
      void this.loadGraphs();
    }
  }

  private async loadGraphs() {
    try {
      this.graphs = await get<Graphs>(api.columns(this.id, '/graph'));
      this.isStale = true;
      this.version.value++;
    } catch {
      this.askedFor.clear();
    }
  }

  /** The item of a node's id as clients of the API see it. */
  withId(id: string): Item | undefined {
    const row = this.byId.get(id);
    return row && this.byPath.get(row.path);
  }

  /** The entity with this number, of the graphs' own numbering. */
  entity(number: number): EntityId | null {
    const parts = this.graphs?.entities[number];
    return parts ? entity(parts) : null;
  }
}

/** A step of the journal: its events as pairs of a name and a node's path, and what it changes. */
export interface Step {
  seq: number;
  at: number;
  events: (string | null)[];
  rows: Record<string, any>[];
}

/** An execution as it was after a step of its journal. */
export class ReplayModel extends ExecutionModel {
  private shown = 0;

  constructor(private readonly of: ExecutionModel) {
    super(of.id, false);
    this.accepted = of.accepted;
    this.reset();
  }

  /** Shows the first steps, as many as told. */
  show(steps: Step[], length: number) {
    batch(() => {
      this.share(this.of);
      if (length < this.shown) {
        this.reset();
      }
      const rows = steps.slice(this.shown, length).flatMap(step => step.rows);
      this.shown = length;
      this.apply(rows);
    });
  }

  private reset() {
    const header = this.of.header.peek();
    this.shown = 0;
    this.rows.clear();
    this.byId.clear();
    this.isStale = true;
    this.header.value = header && { ...header, phase: 0, ended: false, startedAt: null, endedAt: null, updatedAt: 0, error: null, abort: null, parked: null };
  }
}

const index = (path: string) => Number(path.slice(path.lastIndexOf('/n') + 2));

/** flytekit names a map task after its function, with the hash of its settings. */
const readable = (name: string) => name.replace(/^(?:.*\.)?map_(\w+?)_[0-9a-f]{32}(?:-arraynode)?$/, 'map $1');

/** The numbers of a graph's nodes so that each comes after those it waits for, else as the author wrote them. */
function inOrder(graph: Graph): number[] {
  const size = graph.id.length;
  const left = new Int32Array(size);
  const next: number[][] = Array.from({ length: size }, () => []);
  for (let i = 0; i < graph.edges.length; i += 2) {
    next[graph.edges[i]!]!.push(graph.edges[i + 1]!);
    left[graph.edges[i + 1]!]!++;
  }
  const order: number[] = [];
  let ready: number[] = [];
  for (let i = 0; i < size; i++) {
    if (left[i] === 0 && i !== graph.failureNode) {
      ready.push(i);
    }
  }
  while (ready.length > 0) {
    const following: number[] = [];
    for (const node of ready) {
      order.push(node);
      for (const to of next[node]!) {
        if (--left[to]! === 0) {
          following.push(to);
        }
      }
    }
    ready = following.sort((a, b) => a - b);
  }
  if (graph.failureNode >= 0) {
    order.push(graph.failureNode);
  }
  return order;
}

/** The phase of a node as the page shows it. */
export function phaseOf(item: Item, executionEnded: boolean): Phase {
  const row = item.row;
  if (!row) {
    return 'not run';
  }
  const phase = nodePhase(row.phase, row.task, item.kind);
  // nodes inside of an aborted one may keep the phase that they were last heard in
  return executionEnded && (phase === 'running' || phase === 'queued' || phase === 'waiting' || phase === 'stopping') ? 'aborted' : phase;
}

/** When a node's work began: what is before was waiting. */
export function workStart(row: Row): number | null {
  if (row.task !== null) {
    const phase = taskPhase(row.task);
    if (phase === 'queued' || phase === 'waiting') {
      return null;
    }
    return row.taskStarted ?? row.started;
  }
  return row.started;
}

/**
 * When an attempt was started up: a pod from the pull of its image to the start of its container, a process from its start
 * to the call of the task's function. Null where nobody tells.
 */
export function startUp(row: Row, end: number): [from: number, to: number] | null {
  const start = workStart(row);
  if (row.codeBegan !== null && start !== null) {
    const within = Math.min(Math.max(row.codeBegan, start), end);
    return [start, within];
  }
  if (row.initializing !== null && row.initializing < (start ?? end)) {
    return [row.initializing, start ?? end];
  }
  return null;
}
