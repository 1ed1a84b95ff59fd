// Places the nodes of a graph in layers, from left to right, in a time linear in nodes and edges.

export const WIDTH = 176;
export const HEIGHT = 34;
const GAP_X = 56;
const GAP_Y = 12;
const PADDING = 14;
const TITLE = 26;

/** More neighbours alike than this are drawn as one. */
const FOLDED = 200;
const SWEEPS = 4;

/** A graph to be placed: nodes by number, and edges as pairs of numbers. */
export interface Input {
  keys: string[];
  /** Nodes with the same word here may be folded into one. */
  alike: string[];
  edges: number[];
  /** The graphs inside of open nodes, by the number of their node. */
  inner: Record<number, Input>;
}

/** A placed node; its corner is relative to the whole drawing. */
export interface Placed {
  key: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** How many nodes this one stands for. */
  count: number;
  /** Whether other nodes are drawn inside. */
  isOpen: boolean;
  depth: number;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  /** Four numbers for each edge: from x, y to x, y. */
  edges: number[];
}

interface Group {
  members: number[];
  layer: number;
  order: number;
  width: number;
  height: number;
  inside: Layout | null;
}

export function layout(input: Input, depth = 0): Layout {
  const size = input.keys.length;
  const layers = layersOf(size, input.edges);
  const { groups, of } = folded(input, layers);
  for (const group of groups) {
    const inner = group.members.length === 1 ? input.inner[group.members[0]!] : undefined;
    if (inner && inner.keys.length > 0) {
      group.inside = layout(inner, depth + 1);
      group.width = Math.max(WIDTH, group.inside.width + 2 * PADDING);
      group.height = group.inside.height + 2 * PADDING + TITLE;
    }
  }
  const links = linked(input.edges, of);
  const byLayer: number[][] = [];
  groups.forEach((group, number) => (byLayer[group.layer] ??= []).push(number));
  order(groups, byLayer, links);
  return placed(input, groups, byLayer, links, depth);
}

/** The longest way to each node from one without upstreams. */
function layersOf(size: number, edges: number[]): Int32Array {
  const layer = new Int32Array(size);
  const left = new Int32Array(size);
  const first = new Int32Array(size + 1);
  for (let i = 0; i < edges.length; i += 2) {
    first[edges[i]! + 1]!++;
    left[edges[i + 1]!]!++;
  }
  for (let i = 0; i < size; i++) {
    first[i + 1]! += first[i]!;
  }
  const next = new Int32Array(edges.length / 2);
  const at = first.slice();
  for (let i = 0; i < edges.length; i += 2) {
    next[at[edges[i]!]!++] = edges[i + 1]!;
  }
  const queue: number[] = [];
  for (let i = 0; i < size; i++) {
    if (left[i] === 0) {
      queue.push(i);
    }
  }
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head]!;
    for (let i = first[node]!; i < first[node + 1]!; i++) {
      const to = next[i]!;
      layer[to] = Math.max(layer[to]!, layer[node]! + 1);
      if (--left[to]! === 0) {
        queue.push(to);
      }
    }
  }
  return layer;
}

/** Nodes of one layer that are alike and have the same upstreams become one group if they are many. */
function folded(input: Input, layers: Int32Array): { groups: Group[]; of: Int32Array } {
  const size = input.keys.length;
  const sources: string[] = new Array(size).fill('');
  for (let i = 0; i < input.edges.length; i += 2) {
    const to = input.edges[i + 1]!;
    // a node with many upstreams is seldom like another; its first ones tell enough
    if (sources[to]!.length < 64) {
      sources[to] += input.edges[i] + ',';
    }
  }
  const alike = new Map<string, number[]>();
  for (let i = 0; i < size; i++) {
    const key = input.inner[i] ? `!${i}` : `${layers[i]}|${input.alike[i]}|${sources[i]}`;
    const list = alike.get(key);
    if (list) {
      list.push(i);
    } else {
      alike.set(key, [i]);
    }
  }
  const groups: Group[] = [];
  const of = new Int32Array(size);
  const add = (members: number[]) => {
    members.forEach(member => (of[member] = groups.length));
    groups.push({ members, layer: layers[members[0]!]!, order: 0, width: WIDTH, height: HEIGHT, inside: null });
  };
  for (const members of alike.values()) {
    if (members.length > FOLDED) {
      add(members);
    } else {
      members.forEach(member => add([member]));
    }
  }
  return { groups, of };
}

interface Links {
  from: number[];
  to: number[];
}

function linked(edges: number[], of: Int32Array): Links {
  const seen = new Set<number>();
  const links: Links = { from: [], to: [] };
  for (let i = 0; i < edges.length; i += 2) {
    const [from, to] = [of[edges[i]!]!, of[edges[i + 1]!]!];
    const key = from * 1048576 + to;
    if (from !== to && !seen.has(key)) {
      seen.add(key);
      links.from.push(from);
      links.to.push(to);
    }
  }
  return links;
}

/** Sorts each layer by the middle of its neighbours, forth and back a few times. */
function order(groups: Group[], byLayer: number[][], links: Links) {
  byLayer.forEach(layer => layer.forEach((group, i) => (groups[group]!.order = i)));
  const sum = new Float64Array(groups.length);
  const count = new Int32Array(groups.length);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    const [known, sorted] = forth ? [links.from, links.to] : [links.to, links.from];
    sum.fill(0);
    count.fill(0);
    for (let i = 0; i < known.length; i++) {
      const layer = byLayer[groups[known[i]!]!.layer]!;
      sum[sorted[i]!]! += (groups[known[i]!]!.order + 0.5) / layer.length;
      count[sorted[i]!]!++;
    }
    for (const layer of byLayer) {
      const middle = (group: number) => (count[group]! > 0 ? sum[group]! / count[group]! : (groups[group]!.order + 0.5) / layer.length);
      layer.sort((a, b) => middle(a) - middle(b) || groups[a]!.order - groups[b]!.order);
      layer.forEach((group, i) => (groups[group]!.order = i));
    }
  }
}

function placed(input: Input, groups: Group[], byLayer: number[][], links: Links, depth: number): Layout {
  const heights = byLayer.map(layer => layer.reduce((sum, group) => sum + groups[group]!.height + GAP_Y, -GAP_Y));
  const height = Math.max(0, ...heights);
  const x = new Float64Array(groups.length);
  const y = new Float64Array(groups.length);
  const nodes: Placed[] = [];
  const edges: number[] = [];
  let left = 0;
  byLayer.forEach((layer, number) => {
    const width = Math.max(...layer.map(group => groups[group]!.width));
    let top = (height - heights[number]!) / 2;
    for (const index of layer) {
      const group = groups[index]!;
      x[index] = left;
      y[index] = top;
      nodes.push({
        key: input.keys[group.members[0]!]!,
        x: left,
        y: top,
        width: group.width,
        height: group.height,
        count: group.members.length,
        isOpen: group.inside !== null,
        depth,
      });
      if (group.inside) {
        const [dx, dy] = [left + PADDING, top + PADDING + TITLE];
        group.inside.nodes.forEach(node => nodes.push({ ...node, x: node.x + dx, y: node.y + dy }));
        for (let i = 0; i < group.inside.edges.length; i += 2) {
          edges.push(group.inside.edges[i]! + dx, group.inside.edges[i + 1]! + dy);
        }
      }
      top += group.height + GAP_Y;
    }
    left += width + GAP_X;
  });
  for (let i = 0; i < links.from.length; i++) {
    const [a, b] = [links.from[i]!, links.to[i]!];
    edges.push(x[a]! + groups[a]!.width, y[a]! + groups[a]!.height / 2, x[b]!, y[b]! + groups[b]!.height / 2);
  }
  return { width: Math.max(0, left - GAP_X), height, nodes, edges };
}
