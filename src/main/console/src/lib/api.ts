// Calls of Flyte's API and of the console's own.
import type { EntityId, Id } from './router';

/** A refusal of the server, or an answer that did not come. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return answered<T>(path, {
    method,
    signal,
    // The API answers the exact text "application/json" with other names of fields (start_at for startAt).
    headers: body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

async function answered<T>(path: string, request: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch (failure) {
    if ((failure as Error).name === 'AbortError') {
      throw failure;
    }
    throw new ApiError('The engine does not answer. The page goes on when it is back.', 0);
  }
  const text = await answer.text();
  if (!answer.ok) {
    throw new ApiError(message(text) || `The engine answers ${answer.status} ${answer.statusText}.`, answer.status);
  }
  return (text ? JSON.parse(text) : {}) as T;
}

function message(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? '';
  } catch {
    return '';
  }
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: unknown) => call<T>('POST', path, body);
export const put = <T>(path: string, body: unknown) => call<T>('PUT', path, body);
export const remove = <T>(path: string, body: unknown) => call<T>('DELETE', path, body);

/** Uploads a file through the engine, whichever store it ends up in; returns its address in the store. */
export async function upload(project: string, domain: string, file: File): Promise<string> {
  const place = await get<{ url: string; uri: string }>(`/console/api/v1/uploads/${e(project)}/${e(domain)}?name=${e(file.name)}`);
  const url = new URL(place.url);
  await answered(url.pathname + url.search, { method: 'PUT', body: file });
  return place.uri;
}

const e = encodeURIComponent;
const of = (id: Id) => `${e(id.project)}/${e(id.domain)}/${e(id.name)}`;

export const api = {
  execution: (id: Id) => `/api/v1/executions/${of(id)}`,
  executionData: (id: Id) => `/api/v1/data/executions/${of(id)}`,
  nodeData: (id: Id, node: string) => `/api/v1/data/node_executions/${of(id)}/${e(node)}`,
  node: (id: Id, node: string) => `/api/v1/node_executions/${of(id)}/${e(node)}`,
  attempts: (id: Id, node: string) => `/api/v1/task_executions/${of(id)}/${e(node)}?limit=100&sort_by.key=retry_attempt&sort_by.direction=DESCENDING`,
  columns: (id: Id, what = '') => `/console/api/v1/executions/${of(id)}${what}`,
  version: (kind: string, id: EntityId) => `/api/v1/${kind}s/${of(id)}/${e(id.version)}`,
};

// What the answers hold, as far as the page reads them.

export interface Timed {
  createdAt?: string;
  startedAt?: string;
  updatedAt?: string;
  duration?: string;
}

export interface ErrorInfo {
  code: string;
  message: string;
  kind: string;
  errorUri?: string;
}

export interface Execution {
  id: Id;
  spec: {
    launchPlan: EntityId;
    metadata: {
      mode: string;
      principal: string;
      nesting: number;
      parentNodeExecution: { nodeId: string; executionId: Id } | null;
      referenceExecution: Id | null;
    };
    labels: { values: Record<string, string> } | null;
    annotations: { values: Record<string, string> } | null;
    tags: string[];
    maxParallelism: number;
  };
  closure: Timed & {
    phase: string;
    workflowId: EntityId | null;
    error?: ErrorInfo;
    abortMetadata?: { cause: string; principal: string };
    stateChangeDetails?: { state: string };
  };
}

export interface LogLink {
  name: string;
  uri: string;
}

const WRAPPED = /^\[\d+\/\d+\] currentAttempt done\. Last Error: \w+::\s*/;

/** What an error says in a line: a traceback says it at its end. */
export function headline(error: ErrorInfo): string {
  const lines = error.message
    .replace(WRAPPED, '')
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
  const told = lines.findLast(line => /^[\w.]*(Error|Exception|Failure|Interrupt)\b/.test(line));
  const isTrace = /^(Trace|Traceback)\b/.test(lines[0] ?? '');
  return (told ?? (isTrace ? error.code : (lines[0] ?? error.code))).slice(0, 300);
}

export interface Attempt {
  id: { retryAttempt: number; taskId: EntityId };
  closure: Timed & {
    phase: string;
    taskType: string;
    logs: LogLink[];
    error?: ErrorInfo;
    reasons: { message: string; occurredAt: string }[];
    customInfo: Record<string, unknown> | null;
    metadata?: { pluginIdentifier: string; generatedName: string; externalResources: { externalId: string; index: number; phase: string; retryAttempt: number; logs: LogLink[] }[] };
  };
}

export interface NodeAnswer {
  closure: Timed & {
    phase: string;
    deckUri?: string;
    error?: ErrorInfo;
    workflowNodeMetadata?: { executionId: Id };
    taskNodeMetadata?: { cacheStatus: string; catalogKey?: { sourceTaskExecution?: { nodeExecutionId: { nodeId: string; executionId: Id } } } };
  };
}

export interface Data {
  fullInputs: { literals: Record<string, unknown> };
  fullOutputs: { literals: Record<string, unknown> };
}
