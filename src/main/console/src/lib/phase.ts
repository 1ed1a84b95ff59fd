// The phases as the page shows them: each has a word and a shape, so that colour is never needed to tell them apart.

export type Phase =
  | 'succeeded'
  | 'failed'
  | 'running'
  | 'queued'
  | 'waiting'
  | 'aborted'
  | 'skipped'
  | 'timed out'
  | 'recovered'
  | 'stopping'
  | 'not run';

/** The order in which counts are shown: what needs attention first. */
export const PHASES: Phase[] = [
  'failed',
  'timed out',
  'aborted',
  'stopping',
  'waiting',
  'running',
  'queued',
  'succeeded',
  'recovered',
  'skipped',
  'not run',
];

export const isActive = (phase: Phase) => phase === 'running' || phase === 'queued' || phase === 'waiting' || phase === 'stopping';

/** Numbers of flyteidl.core.WorkflowExecution.Phase. */
const WORKFLOW: Phase[] = ['queued', 'queued', 'running', 'running', 'succeeded', 'stopping', 'failed', 'aborted', 'timed out', 'stopping'];

/** Numbers of flyteidl.core.NodeExecution.Phase. */
const NODE: Phase[] = [
  'queued',
  'queued',
  'running',
  'succeeded',
  'stopping',
  'failed',
  'aborted',
  'skipped',
  'timed out',
  'running',
  'recovered',
];

/** Numbers of flyteidl.core.TaskExecution.Phase. */
const TASK: Phase[] = ['queued', 'queued', 'running', 'succeeded', 'aborted', 'failed', 'queued', 'queued', 'waiting'];

export const workflowPhase = (number: number): Phase => WORKFLOW[number] ?? 'queued';
export const taskPhase = (number: number): Phase => TASK[number] ?? 'queued';

const WORKFLOW_NAMES = ['UNDEFINED', 'QUEUED', 'RUNNING', 'SUCCEEDING', 'SUCCEEDED', 'FAILING', 'FAILED', 'ABORTED', 'TIMED_OUT', 'ABORTING'];
const TASK_NAMES = ['UNDEFINED', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'ABORTED', 'FAILED', 'INITIALIZING', 'WAITING_FOR_RESOURCES', 'RETRYABLE_FAILED'];

export const workflowPhaseOf = (name: string) => workflowPhase(WORKFLOW_NAMES.indexOf(name));
export const taskPhaseOf = (name: string): Phase => (name === 'RETRYABLE_FAILED' ? 'failed' : taskPhase(TASK_NAMES.indexOf(name)));

/**
 * The phase of a node. Flyte says RUNNING of everything that has begun; here a node whose task has no slot yet is queued,
 * and a gate waits.
 */
export function nodePhase(node: number, task: number | null, kind: string): Phase {
  const phase = NODE[node] ?? 'queued';
  if (phase !== 'running' && phase !== 'queued') {
    return phase;
  }
  if (kind === 'approve' || kind === 'signal' || kind === 'sleep') {
    return 'waiting';
  }
  if (phase === 'running' && task !== null) {
    const ofTask = taskPhase(task);
    return ofTask === 'queued' || ofTask === 'waiting' ? ofTask : 'running';
  }
  return phase === 'queued' && task === 8 ? 'waiting' : phase;
}
