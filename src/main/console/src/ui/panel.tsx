// What there is to know of one node.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { api, type Attempt, type Data, type ErrorInfo, headline, type LogLink, type NodeAnswer, post } from '../lib/api';
import { duration, seconds } from '../lib/format';
import { type ExecutionModel, type Item, phaseOf, workStart } from '../lib/model';
import { isActive, type Phase, taskPhaseOf } from '../lib/phase';
import { link, paths } from '../lib/router';
import { Copy, EntityLink, ExecutionLink, Moment, Tabs, useAnswer } from './basics';
import { ElementMap } from './elements';
import { Lineage } from './lineage';
import { Log, ownPath } from './logs';
import { PhaseBadge, PhaseIcon } from './phase';
import { Values } from './value';
import { Why } from './why';

const CACHE = ['', 'not in the cache', 'from the cache', 'written to the cache', 'the cache could not be read', 'the cache could not be written', 'cache skipped', 'evicted'];

interface ErrorProps {
  error: ErrorInfo;
  label?: string;
  children?: ComponentChildren;
}

export function ErrorBox({ error, label, children }: ErrorProps) {
  return (
    <div class="error-box" role="alert">
      <header>
        {label && <span>{label}</span>}
        <strong dir="auto">{headline(error)}</strong>
        {error.code !== headline(error) && <span class="code">{error.code}</span>}
        {error.kind && error.kind !== 'UNKNOWN' && <span class="code">{error.kind === 'USER' ? "the workflow's own code" : 'the platform'}</span>}
        {children}
        <Copy text={error.message} label="Copy the error" />
      </header>
      {error.message !== headline(error) && (
        <pre tabIndex={0} aria-label="Error" dir="auto">
          {error.message.trim()}
        </pre>
      )}
    </div>
  );
}

interface Props {
  model: ExecutionModel;
  item: Item;
  now: number;
  onChoose: (path: string | null) => void;
  onClose: () => void;
}

export function Panel({ model, item, now, onChoose, onClose }: Props) {
  const tab = useSignal('summary');
  const row = item.row;
  const ended = model.header.value?.ended ?? false;
  const phase = phaseOf(item, ended);
  // The public API is asked again only when this node has changed.
  const change = row ? `${row.phase}.${row.attempt}.${row.task}.${row.ended}` : '';
  const node = useAnswer<NodeAnswer>(row ? api.node(model.id, row.id) : null, change).data;
  const attempts = useAnswer<{ taskExecutions: Attempt[] }>(row && row.task !== null ? api.attempts(model.id, row.id) : null, change).data;
  const wantsData = tab.value === 'data' && row !== null;
  const data = useAnswer<Data>(wantsData ? api.nodeData(model.id, row.id) : null, change);
  const tabs = [
    { id: 'summary', label: 'Summary' },
    ...(row ? [{ id: 'data', label: 'Inputs & outputs' }] : []),
    ...(row && row.task !== null ? [{ id: 'logs', label: `Attempts & logs` }] : []),
    ...(row?.hasDeck ? [{ id: 'deck', label: 'Deck' }] : []),
  ];
  const shown = tabs.some(each => each.id === tab.value) ? tab.value : 'summary';
  const error = node?.closure.error;
  const start = row && workStart(row);
  return (
    <aside class="panel" aria-label={`Node ${item.name}`}>
      <header>
        <div class="panel-title">
          <PhaseIcon phase={phase} />
          <h2 title={item.path}>{item.name}</h2>
          <button type="button" class="ghost" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </div>
        <Tabs tabs={tabs} chosen={shown} onChoose={id => (tab.value = id)} label="Node" />
      </header>
      <div class="panel-body" role="tabpanel">
        {shown === 'summary' && (
          <>
            {error && <ErrorBox error={error} />}
            {!ended && canWait(item, phase) && <Why model={model} path={item.path} onChoose={onChoose} />}
            <dl class="facts">
              <dt>Phase</dt>
              <dd>
                <PhaseBadge phase={phase} />
              </dd>
              {item.arm && (
                <>
                  <dt>Condition</dt>
                  <dd class="mono">{item.arm}</dd>
                </>
              )}
              {item.entity && (
                <>
                  <dt>{item.entity.resourceType === 'LAUNCH_PLAN' ? 'Launch plan' : item.entity.resourceType === 'WORKFLOW' ? 'Workflow' : 'Task'}</dt>
                  <dd>
                    <EntityLink id={item.entity} />
                  </dd>
                </>
              )}
              {node?.closure.workflowNodeMetadata?.executionId && (
                <>
                  <dt>Execution</dt>
                  <dd>
                    <ExecutionLink id={node.closure.workflowNodeMetadata.executionId} />
                  </dd>
                </>
              )}
              <dt>Node</dt>
              <dd class="mono">
                {row?.id ?? item.nodeId} <Copy text={row?.id ?? item.nodeId} />
              </dd>
              {row && (
                <>
                  <dt>Queued</dt>
                  <dd>
                    <Moment time={new Date((model.accepted + row.created) / 1000)} />
                    <span class="quiet"> at {duration(row.created)}, waited {duration((start ?? row.ended ?? now) - row.created)}</span>
                  </dd>
                </>
              )}
              {row && start !== null && (
                <>
                  <dt>{WAITS.has(item.kind) ? 'Open' : 'Ran'}</dt>
                  <dd>{duration((row.ended ?? now) - start)}</dd>
                </>
              )}
              {row && row.attempt > 0 && (
                <>
                  <dt>Attempts</dt>
                  <dd>{row.attempt + 1}</dd>
                </>
              )}
              {row && row.cache > 0 && (
                <>
                  <dt>Cache</dt>
                  <dd>
                    {CACHE[row.cache]}
                    <CacheSource node={node} />
                  </dd>
                </>
              )}
            </dl>
            {item.entity?.resourceType === 'TASK' && row?.elements == null && row !== null && (
              <p class="apart">
                <a href={link(`${paths.version('task', item.entity)}?launch=${encodeURIComponent(model.id.name)}&at=${encodeURIComponent(row.id)}`)}>Run this task again with its inputs…</a>
              </p>
            )}
            {row?.elements != null && <ElementMap model={model} row={row} whole={item.whole} />}
          </>
        )}
        {shown === 'data' &&
          (data.error ? (
            <p class="quiet">{data.error.message}</p>
          ) : (
            data.data && (
              <>
                <Lineage model={model} path={item.path} onChoose={onChoose} />
                <h3>Inputs</h3>
                <Values literals={data.data.fullInputs?.literals} empty="No inputs." />
                <h3>Outputs</h3>
                <Values literals={data.data.fullOutputs?.literals} empty={row?.ended ? 'No outputs.' : 'No outputs yet.'} />
              </>
            )
          ))}
        {shown === 'logs' && attempts && <Attempts attempts={attempts.taskExecutions} now={now} />}
        {shown === 'deck' && row && <Deck key={`${row.id}.${row.attempt}`} model={model} node={row.id} isActive={isActive(phase)} />}
      </div>
    </aside>
  );
}

const WAITS = new Set(['approve', 'signal', 'sleep', 'branch', 'workflow', 'launch plan']);

/** Whether there is something to ask: a task that runs waits for nothing, and what is inside of a node is in the tree. */
const canWait = (item: Item, phase: Phase) =>
  phase === 'not run' || (isActive(phase) && (phase !== 'running' || item.kind === 'launch plan'));

function CacheSource({ node }: { node: NodeAnswer | null }) {
  const source = node?.closure.taskNodeMetadata?.catalogKey?.sourceTaskExecution?.nodeExecutionId;
  if (!source?.executionId?.name) {
    return null;
  }
  return (
    <>
      , made by <a href={link(paths.execution(source.executionId, source.nodeId))}>{source.executionId.name}</a>
    </>
  );
}

function Attempts({ attempts, now }: { attempts: Attempt[]; now: number }) {
  void now;
  if (attempts.length === 0) {
    return <p class="quiet">No attempt has begun.</p>;
  }
  return (
    <>
      {attempts.map((attempt, i) => (
        <OneAttempt key={attempt.id.retryAttempt} attempt={attempt} isLast={i === 0} many={attempts.length > 1} />
      ))}
    </>
  );
}

function OneAttempt({ attempt, isLast, many }: { attempt: Attempt; isLast: boolean; many: boolean }) {
  const closure = attempt.closure;
  const phase = taskPhaseOf(closure.phase);
  const reasons = closure.reasons ?? [];
  return (
    <details class="attempt" open={isLast}>
      <summary>
        <PhaseIcon phase={phase} />
        <span>{many ? `Attempt ${attempt.id.retryAttempt + 1}` : 'Attempt'}</span>
        <span class="quiet">
          {phase} {duration(seconds(closure.duration))}
        </span>
      </summary>
      {closure.error && <ErrorBox error={closure.error} />}
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.slice(-20).map((reason, i) => (
            <li key={i}>
              <span class="quiet">
                <Moment time={reason.occurredAt} />
              </span>{' '}
              {reason.message}
            </li>
          ))}
        </ul>
      )}
      <Logs logs={closure.logs ?? []} active={isActive(phase)} />
    </details>
  );
}

export function Logs({ logs, active }: { logs: LogLink[]; active: boolean }) {
  const chosen = useSignal(0);
  if (logs.length === 0) {
    return <p class="quiet">No logs.</p>;
  }
  const log = logs[Math.min(chosen.value, logs.length - 1)]!;
  const path = ownPath(log.uri);
  return (
    <div class="logs">
      <div class="choices" role="group" aria-label="Logs">
        {logs.map((each, i) => (
          <button key={each.uri} type="button" class="small" aria-pressed={i === chosen.value} onClick={() => (chosen.value = i)}>
            {each.name}
          </button>
        ))}
      </div>
      {path ? (
        <Log path={path} isActive={active} />
      ) : (
        <a href={log.uri} target="_blank" rel="noreferrer">
          {log.uri}
        </a>
      )}
    </div>
  );
}

/** A deck up to this size is compared by its content; a larger one by its size alone. */
const DECK_COMPARED_MAX = 1 << 20;
const BETWEEN_DECK_LOOKS = 1000;

/**
 * A task's own page: without scripts of ours, and in a frame that reaches nothing. While the task runs, what it
 * publishes anew is loaded in a second frame behind the first, which goes when the second one is there.
 */
function Deck({ model, node, isActive }: { model: ExecutionModel; node: string; isActive: boolean }) {
  const address = useSignal('');
  const problem = useSignal('');
  /** The numbers of the frames: the one in sight, and perhaps the one that loads. */
  const frames = useSignal<number[]>([]);

  useEffect(() => {
    const { project, domain, name } = model.id;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    let shown = '';
    /** A link does not last for ever; a new one is asked for when it has expired. */
    let from = '';
    const link = async () => {
      const answer = await post<{ preSignedUrls?: { signedUrl: string[] }; signedUrl?: string[] }>('/api/v1/dataproxy/artifact_link', {
        artifactType: 'ARTIFACT_TYPE_DECK',
        nodeExecutionId: { nodeId: node, executionId: { project, domain, name } },
      });
      const url = new URL(answer.preSignedUrls?.signedUrl?.[0] ?? answer.signedUrl?.[0] ?? '', location.href);
      return url.pathname + url.search;
    };
    const read = async (method: string) => {
      const answer = await fetch(from, { method, cache: 'no-store' });
      if (!answer.ok) {
        from = '';
        throw new Error(`The deck can't be read: ${answer.status}`);
      }
      return answer;
    };
    const content = async () => {
      const size = Number((await read('HEAD')).headers.get('content-length') ?? 0);
      return size > DECK_COMPARED_MAX ? `${size} bytes` : (await read('GET')).text();
    };
    const look = async () => {
      try {
        from ||= await link();
        const now = await content();
        if (stopped) {
          return;
        }
        problem.value = '';
        address.value = from;
        if (now !== shown) {
          shown = now;
          const last = frames.peek();
          frames.value = [...last.slice(0, 1), (last[last.length - 1] ?? 0) + 1];
        }
      } catch (failure) {
        problem.value = (failure as Error).message;
      }
      if (!stopped && isActive) {
        timer = setTimeout(look, BETWEEN_DECK_LOOKS);
      }
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [model, node, isActive]);

  if (problem.value && !address.value) {
    return <p class="quiet">{problem.value}</p>;
  }
  if (!address.value) {
    return <div class="loading" aria-busy="true" />;
  }
  return (
    <>
      <p class="deck-link">
        <a href={address.value} target="_blank" rel="noreferrer">
          in a window of its own
        </a>
      </p>
      <div class="deck">
        {frames.value.map((number, i) => (
          <iframe
            key={number}
            title={i === 0 ? 'Deck' : 'Deck, loading'}
            aria-hidden={i > 0}
            class={i > 0 ? 'loads' : ''}
            sandbox="allow-scripts"
            src={`${address.value}&version=${number}`}
            onLoad={() => (frames.value = frames.peek().filter(each => each >= number))}
          />
        ))}
      </div>
    </>
  );
}
