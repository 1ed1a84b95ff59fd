// A graph: a canvas with all of it, and over it elements for the nodes in sight when they are large enough to be read.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Input, Layout, Placed } from '../lib/layout';
import { type ExecutionModel, type Graph, type Item, phaseOf } from '../lib/model';
import { type Phase, PHASES } from '../lib/phase';
import { repaint } from './basics';
import { name as className, PhaseIcon } from './phase';

const READABLE = 0.55;
const ELEMENTS_MAX = 300;
const OPEN_AT_FIRST = 60;

let worker: Worker | null = null;
let turns = 0;
const waiting = new Map<number, (layout: Layout) => void>();

function layoutOf(input: Input): Promise<Layout> {
  if (!worker) {
    const path = document.querySelector<HTMLMetaElement>('meta[name=layout-worker]')!.content;
    worker = new Worker(path, { type: 'module' });
    worker.onmessage = event => {
      waiting.get(event.data.turn)?.(event.data.layout);
      waiting.delete(event.data.turn);
    };
  }
  const turn = ++turns;
  worker.postMessage({ turn, input });
  return new Promise(resolve => waiting.set(turn, resolve));
}

/** What the drawing shows of one node. */
interface Look {
  name: string;
  kind: string;
  phase: Phase;
  arm: string | null;
  canOpen: boolean;
}

/** The graph of a level of the tree, without its start and end. */
function inputOf(graph: Graph | null, items: Item[], open: (item: Item) => boolean): Input {
  const numbers = new Map(items.map((item, i) => [item.nodeId, i]));
  const edges: number[] = [];
  if (graph) {
    for (let i = 0; i < graph.edges.length; i += 2) {
      const from = numbers.get(graph.id[graph.edges[i]!]!);
      const to = numbers.get(graph.id[graph.edges[i + 1]!]!);
      if (from !== undefined && to !== undefined) {
        edges.push(from, to);
      }
    }
  }
  const inner: Record<number, Input> = {};
  items.forEach((item, i) => {
    if (item.children.length > 0 && open(item)) {
      inner[i] = inputOf(item.graph, item.children, open);
    }
  });
  return { keys: items.map(item => item.path), alike: items.map(item => `${item.kind} ${item.entity?.name ?? ''}`), edges, inner };
}

export function GraphView({ model, chosen, onChoose }: { model: ExecutionModel; chosen: string | null; onChoose: (path: string) => void }) {
  const version = model.version.value;
  const items = model.tree();
  const opened = useSignal<Map<string, boolean>>(new Map());
  const ended = model.header.value?.ended ?? false;
  const isOpen = (item: Item) => opened.value.get(item.path) ?? item.children.length <= OPEN_AT_FIRST;
  const input = useMemo(() => inputOf(model.rootGraph(), items, isOpen), [items, opened.value]);
  const look = (placed: Placed): Look => {
    const item = model.byPath.get(placed.key)!;
    return {
      name: placed.count > 1 ? `${placed.count.toLocaleString()} × ${item.entity?.name.split('.').pop() ?? item.kind}` : item.name,
      kind: item.kind,
      phase: placed.count > 1 ? 'not run' : phaseOf(item, ended),
      arm: item.arm,
      canOpen: item.children.length > 0,
    };
  };
  if (items.length === 0) {
    return <div class="empty">This workflow has no nodes.</div>;
  }
  return (
    <Drawing
      input={input}
      version={version}
      look={look}
      chosen={chosen}
      onChoose={onChoose}
      onOpen={path => {
        const item = model.byPath.get(path)!;
        opened.value = new Map(opened.value).set(path, !isOpen(item));
      }}
    />
  );
}

/** The graph of a workflow that does not run, from its compiled form. */
export function StaticGraph({ closure }: { closure: unknown }) {
  const template = (closure as { primary?: { template: { nodes: any[] } } })?.primary?.template;
  const nodes = useMemo(() => (template?.nodes ?? []).filter(node => node.id !== 'start-node' && node.id !== 'end-node'), [template]);
  const input = useMemo(() => {
    const numbers = new Map<string, number>(nodes.map((node, i) => [node.id, i]));
    const edges = nodes.flatMap((node, to) => (node.upstreamNodeIds ?? []).map((id: string) => [numbers.get(id), to])).filter(edge => edge[0] !== undefined);
    return { keys: nodes.map(node => node.id), alike: nodes.map(kindOf), edges: edges.flat() as number[], inner: {} };
  }, [nodes]);
  if (nodes.length === 0) {
    return <div class="empty">This workflow has no nodes.</div>;
  }
  const byId = new Map(nodes.map(node => [node.id, node]));
  const look = (placed: Placed): Look => {
    const node = byId.get(placed.key);
    const kind = kindOf(node);
    return {
      name: placed.count > 1 ? `${placed.count.toLocaleString()} × ${kind}` : node.metadata?.name || node.id,
      kind,
      phase: 'not run',
      arm: null,
      canOpen: false,
    };
  };
  return (
    <div class="static-graph">
      <Drawing input={input} version={0} look={look} chosen={null} onChoose={() => {}} onOpen={() => {}} />
    </div>
  );
}

function kindOf(node: any): string {
  if (node.branchNode) return 'branch';
  if (node.workflowNode) return node.workflowNode.launchplanRef ? 'launch plan' : 'workflow';
  if (node.gateNode) return node.gateNode.approve ? 'approve' : node.gateNode.sleep ? 'sleep' : 'signal';
  return node.arrayNode ? 'array' : 'task';
}

interface View {
  scale: number;
  x: number;
  y: number;
}

interface DrawingProps {
  input: Input;
  version: number;
  look: (placed: Placed) => Look;
  chosen: string | null;
  onChoose: (path: string) => void;
  onOpen: (path: string) => void;
}

function Drawing({ input, version, look, chosen, onChoose, onOpen }: DrawingProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const placed = useSignal<Layout | null>(null);
  const view = useSignal<View>({ scale: 1, x: 20, y: 20 });
  const size = useSignal<[number, number]>([0, 0]);
  const touched = useRef(false);

  const fit = () => {
    const layout = placed.value;
    const [width, height] = size.value;
    if (!layout || width === 0) {
      return;
    }
    const scale = Math.max(0.01, Math.min(1, (width - 40) / layout.width, (height - 40) / layout.height));
    view.value = { scale, x: (width - layout.width * scale) / 2, y: (height - layout.height * scale) / 2 };
  };

  useEffect(() => {
    let stopped = false;
    void layoutOf(input).then(layout => {
      if (!stopped) {
        placed.value = layout;
        if (!touched.current) {
          fit();
        }
      }
    });
    return () => {
      stopped = true;
    };
  }, [input]);

  useEffect(() => {
    const sized = new ResizeObserver(() => {
      size.value = [box.current!.clientWidth, box.current!.clientHeight];
      if (!touched.current) {
        fit();
      }
    });
    sized.observe(box.current!);
    return () => sized.disconnect();
  }, []);

  const zoom = (factor: number, x = size.value[0] / 2, y = size.value[1] / 2) => {
    touched.current = true;
    const old = view.value;
    const scale = Math.min(2, Math.max(0.01, old.scale * factor));
    const real = scale / old.scale;
    view.value = { scale, x: x - (x - old.x) * real, y: y - (y - old.y) * real };
  };
  const pan = (dx: number, dy: number) => {
    touched.current = true;
    view.value = { ...view.value, x: view.value.x + dx, y: view.value.y + dy };
  };

  useEffect(() => {
    const element = box.current!;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey || Math.abs(event.deltaY) >= 40) {
        const bounds = element.getBoundingClientRect();
        zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - bounds.left, event.clientY - bounds.top);
      } else {
        pan(-event.deltaX, -event.deltaY);
      }
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, []);

  const { scale, x, y } = view.value;
  const [width, height] = size.value;
  const layout = placed.value;
  const inSight = layout?.nodes.filter(node => {
    const [left, top] = [node.x * scale + x, node.y * scale + y];
    return left < width && top < height && left + node.width * scale > 0 && top + node.height * scale > 0;
  });
  const readable = scale >= READABLE && (inSight?.length ?? 0) <= ELEMENTS_MAX;

  useEffect(() => {
    if (layout && inSight && width > 0) {
      draw(canvas.current!, layout, inSight, view.value, size.value, readable, look);
    }
  }, [layout, view.value, size.value, version, readable, repaint.value]);

  const onKey = (event: KeyboardEvent) => {
    const actions: Record<string, () => void> = {
      '+': () => zoom(1.25),
      '=': () => zoom(1.25),
      '-': () => zoom(0.8),
      '0': fit,
      ArrowLeft: () => pan(60, 0),
      ArrowRight: () => pan(-60, 0),
      ArrowUp: () => pan(0, 60),
      ArrowDown: () => pan(0, -60),
    };
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  };

  return (
    <div
      ref={box}
      class="graph"
      tabIndex={0}
      role="group"
      aria-label="Graph; the timeline has the same nodes as a list"
      onKeyDown={onKey}
      onPointerDown={event => {
        if (!(event.target as Element).closest('button')) {
          event.currentTarget.setPointerCapture(event.pointerId);
        }
      }}
      onPointerMove={event => event.currentTarget.hasPointerCapture(event.pointerId) && pan(event.movementX, event.movementY)}
      onClick={event => {
        if (readable || !layout || event.target !== canvas.current) {
          return;
        }
        const bounds = box.current!.getBoundingClientRect();
        const [px, py] = [(event.clientX - bounds.left - x) / scale, (event.clientY - bounds.top - y) / scale];
        const hit = layout.nodes.findLast(node => px >= node.x && px <= node.x + node.width && py >= node.y && py <= node.y + node.height);
        if (hit) {
          onChoose(hit.key);
        }
      }}
    >
      <canvas ref={canvas} />
      {readable && (
        <div class="graph-nodes" style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}>
          {inSight?.map(node => {
            const shown = look(node);
            return (
              <div key={node.key} class={`graph-node${node.isOpen ? ' open' : ''}${node.key === chosen ? ' chosen' : ''} b-${className(shown.phase)}`} style={{ left: `${node.x}px`, top: `${node.y}px`, width: `${node.width}px`, height: `${node.height}px` }}>
                <button type="button" class="graph-name" onClick={() => onChoose(node.key)} title={shown.name}>
                  <PhaseIcon phase={shown.phase} />
                  <span>{shown.name}</span>
                  {shown.arm && <small>{shown.arm}</small>}
                  {!shown.arm && shown.kind !== 'task' && <small>{shown.kind}</small>}
                </button>
                {shown.canOpen && (
                  <button type="button" class="graph-open" aria-label={node.isOpen ? 'Fold' : 'Unfold'} onClick={() => onOpen(node.key)}>
                    {node.isOpen ? '−' : '+'}
                  </button>
                )}
              </div>
            );
          })}
        </div>
      )}
      <div class="graph-tools">
        <button type="button" aria-label="Larger" onClick={() => zoom(1.3)}>
          +
        </button>
        <button type="button" aria-label="Smaller" onClick={() => zoom(0.75)}>
          −
        </button>
        <button type="button" onClick={() => ((touched.current = false), fit())}>
          all
        </button>
      </div>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, layout: Layout, inSight: Placed[], view: View, [width, height]: [number, number], readable: boolean, look: (placed: Placed) => Look) {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d')!;
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.translate(view.x, view.y);
  context.scale(view.scale, view.scale);
  const [left, top] = [-view.x / view.scale, -view.y / view.scale];
  const [right, bottom] = [left + width / view.scale, top + height / view.scale];
  if (!readable) {
    const byPhase = new Map<string, Placed[]>(PHASES.map(phase => [phase, []]));
    for (const node of inSight) {
      if (node.isOpen) {
        context.fillStyle = colour('--raised');
        context.strokeStyle = colour('--edge');
        context.lineWidth = 1 / view.scale;
        context.fillRect(node.x, node.y, node.width, node.height);
        context.strokeRect(node.x, node.y, node.width, node.height);
      } else {
        byPhase.get(look(node).phase)!.push(node);
      }
    }
    for (const [phase, nodes] of byPhase) {
      context.fillStyle = colour(`--p-${phase.replace(' ', '-')}`);
      nodes.forEach(node => context.fillRect(node.x, node.y, node.width, node.height));
    }
  }
  context.strokeStyle = colour('--line');
  context.lineWidth = Math.max(1.2, 0.6 / view.scale);
  context.globalAlpha = layout.edges.length > 20_000 ? 0.35 : 0.9;
  context.beginPath();
  for (let i = 0; i < layout.edges.length; i += 4) {
    const [ax, ay, bx, by] = [layout.edges[i]!, layout.edges[i + 1]!, layout.edges[i + 2]!, layout.edges[i + 3]!];
    if (bx < left || ax > right || Math.max(ay, by) < top || Math.min(ay, by) > bottom) {
      continue;
    }
    context.moveTo(ax, ay);
    if (view.scale > 0.2) {
      const bend = Math.min(60, (bx - ax) / 2);
      context.bezierCurveTo(ax + bend, ay, bx - bend, by, bx, by);
    } else {
      context.lineTo(bx, by);
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}
