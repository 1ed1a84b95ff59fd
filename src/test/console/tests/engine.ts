// Makes workflows of echo tasks, and executions of them, by the public API.
import { type APIRequestContext, expect, type Page } from '@playwright/test';

export const PROJECT = 'flytesnacks';
export const DOMAIN = 'development';
export const LIST = `/console/projects/${PROJECT}/domains/${DOMAIN}/executions`;

const INTEGER = { type: { simple: 'INTEGER' } };
const FACE = { inputs: { variables: { x: INTEGER } }, outputs: { variables: { x: INTEGER } } };
const VERSION = 'v1';

export interface Node {
  id: string;
  /** The node whose output is its input; the workflow's own input if there is none. */
  from?: string;
  /** An approval with this signal; else an echo task. */
  approve?: string;
  upstreams?: string[];
}

const id = (resourceType: string, name: string) => ({ resourceType, project: PROJECT, domain: DOMAIN, name, version: VERSION });

async function create(api: APIRequestContext, path: string, data: unknown) {
  const answer = await api.post(path, { data, timeout: 30_000 });
  expect(answer.ok() || answer.status() === 409, `${path}: ${answer.status()} ${(await answer.text()).slice(0, 300)}`).toBeTruthy();
}

const promise = (from: string | undefined) => ({ var: 'x', binding: { promise: { nodeId: from ?? '', var: 'x' } } });

/**
 * Registers a workflow; registering it twice changes nothing.
 *
 * @param sleep how long each of its tasks takes, with a unit
 */
export async function register(api: APIRequestContext, name: string, nodes: Node[], sleep = '') {
  const task = id('TASK', sleep ? `console.echo.${sleep}` : 'console.echo');
  await create(api, '/api/v1/tasks', {
    id: task,
    spec: { template: { id: task, type: 'echo', interface: FACE, metadata: { runtime: { version: '1' } }, ...(sleep ? { custom: { sleep } } : {}) } },
  });
  const last = nodes[nodes.length - 1]!;
  await create(api, '/api/v1/workflows', {
    id: id('WORKFLOW', name),
    spec: {
      template: {
        id: id('WORKFLOW', name),
        interface: FACE,
        metadata: {},
        metadata_defaults: {},
        nodes: nodes.map(node => ({
          id: node.id,
          metadata: { name: node.id },
          inputs: [promise(node.from)],
          upstream_node_ids: node.upstreams ?? (node.from ? [node.from] : []),
          ...(node.approve ? { gate_node: { approve: { signal_id: node.approve } } } : { task_node: { reference_id: task } }),
        })),
        outputs: [promise(last.id)],
      },
    },
  });
  await create(api, '/api/v1/launch_plans', {
    id: id('LAUNCH_PLAN', name),
    spec: { workflow_id: id('WORKFLOW', name), default_inputs: { parameters: { x: { var: INTEGER, required: true } } } },
  });
}

/** Registers another launch plan of a workflow, with a schedule. */
export async function registerScheduled(api: APIRequestContext, name: string, workflow: string, cron: string) {
  await create(api, '/api/v1/launch_plans', {
    id: id('LAUNCH_PLAN', name),
    spec: {
      workflow_id: id('WORKFLOW', workflow),
      default_inputs: { parameters: { x: { var: INTEGER, default: { scalar: { primitive: { integer: '1' } } } } } },
      entity_metadata: { schedule: { cron_schedule: { schedule: cron } } },
    },
  });
}

export const anyName = () => 'c' + Math.random().toString(36).slice(2, 12);

/** Starts an execution; returns its name. */
export async function launch(api: APIRequestContext, workflow: string, name = anyName(), { x = 7, labels = {} }: { x?: number; labels?: Record<string, string> } = {}) {
  await create(api, '/api/v1/executions', {
    project: PROJECT,
    domain: DOMAIN,
    name,
    spec: { launch_plan: id('LAUNCH_PLAN', workflow), labels: { values: labels } },
    inputs: { literals: { x: { scalar: { primitive: { integer: String(x) } } } } },
  });
  return name;
}

/** Gives a gate its value, once the execution has reached the gate. */
export async function signal(api: APIRequestContext, execution: string, signalId: string, value: boolean) {
  const data = {
    id: { signal_id: signalId, execution_id: { project: PROJECT, domain: DOMAIN, name: execution } },
    value: { scalar: { primitive: { boolean: value } } },
  };
  await expect.poll(async () => (await api.post('/api/v1/signals', { data, timeout: 30_000 })).status(), { timeout: 30_000 }).toBe(200);
}

export async function untilPhase(api: APIRequestContext, execution: string, phase: string, timeout = 60_000) {
  await expect
    .poll(async () => (await (await api.get(`/api/v1/executions/${PROJECT}/${DOMAIN}/${execution}`)).json()).closure?.phase, { timeout })
    .toBe(phase);
}

export const chain = (length: number): Node[] =>
  Array.from({ length }, (_, i) => ({ id: `n${i}`, from: i === 0 ? undefined : `n${i - 1}` }));

/** A gate between two echo tasks. */
export const gated: Node[] = [{ id: 'before' }, { id: 'gate', from: 'before', approve: 'go-on' }, { id: 'after', from: 'gate' }];

/** Nodes in layers of a hundred, each waiting for one of the layer before. */
export const layers = (size: number): Node[] =>
  Array.from({ length: size }, (_, i) => ({ id: `n${i}`, from: i < 100 ? undefined : `n${i - 100}` }));

export const open = (page: Page, execution: string, parameters = '') => page.goto(`${LIST}/${execution}${parameters}`);

const LIST_OF = (type: unknown) => ({ collectionType: type });

/** Registers a task of echo with these inputs and no outputs. */
export async function registerTask(api: APIRequestContext, name: string, inputs: Record<string, unknown>) {
  const variables = Object.fromEntries(Object.entries(inputs).map(([input, type]) => [input, { type }]));
  await create(api, '/api/v1/tasks', {
    id: id('TASK', name),
    spec: { template: { id: id('TASK', name), type: 'echo', interface: { inputs: { variables }, outputs: { variables: {} } }, metadata: { runtime: { version: '1' } } } },
  });
}

/** Registers a workflow that maps a list over an echo task, each element of which takes a while. */
export async function registerMap(api: APIRequestContext, name: string, sleep: string) {
  const face = { inputs: { variables: { x: { type: LIST_OF(INTEGER.type) } } }, outputs: { variables: { x: { type: LIST_OF(INTEGER.type) } } } };
  const task = id('TASK', `${name}.element`);
  await create(api, '/api/v1/tasks', { id: task, spec: { template: { id: task, type: 'echo', interface: face, metadata: { runtime: { version: '1' } }, custom: { sleep } } } });
  const element = { id: 'n0', metadata: { name: 'n0' }, task_node: { reference_id: task } };
  await create(api, '/api/v1/workflows', {
    id: id('WORKFLOW', name),
    spec: {
      template: {
        id: id('WORKFLOW', name),
        interface: face,
        metadata: {},
        metadata_defaults: {},
        nodes: [{ id: 'n0', metadata: { name: 'n0' }, inputs: [promise(undefined)], array_node: { node: element, parallelism: 0 } }],
        outputs: [promise('n0')],
      },
    },
  });
  await create(api, '/api/v1/launch_plans', {
    id: id('LAUNCH_PLAN', name),
    spec: { workflow_id: id('WORKFLOW', name), default_inputs: { parameters: { x: { var: face.inputs.variables.x, required: true } } } },
  });
}

/** Starts an execution that maps these numbers. */
export async function launchMap(api: APIRequestContext, workflow: string, numbers: number[]) {
  const name = anyName();
  const literals = numbers.map(number => ({ scalar: { primitive: { integer: String(number) } } }));
  await create(api, '/api/v1/executions', {
    project: PROJECT,
    domain: DOMAIN,
    name,
    spec: { launch_plan: id('LAUNCH_PLAN', workflow) },
    inputs: { literals: { x: { collection: { literals } } } },
  });
  return name;
}

/** Runs a task with these inputs; returns the name of the execution. */
export async function runTask(api: APIRequestContext, task: string, literals: Record<string, unknown>) {
  const name = anyName();
  await create(api, '/api/v1/executions', { project: PROJECT, domain: DOMAIN, name, spec: { launch_plan: id('TASK', task) }, inputs: { literals } });
  return name;
}

export async function inputsOf(api: APIRequestContext, execution: string) {
  return (await (await api.get(`/api/v1/data/executions/${PROJECT}/${DOMAIN}/${execution}`)).json()).fullInputs.literals;
}
