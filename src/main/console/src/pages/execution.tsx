// One execution, live.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { api, type Data, type Execution, post, put, remove } from '../lib/api';
import { duration } from '../lib/format';
import { ExecutionModel, type Item, phaseOf } from '../lib/model';
import { isActive, type Phase } from '../lib/phase';
import { go, type Id, link, paths, query, setQuery } from '../lib/router';
import { shares, spans } from '../lib/spans';
import { Ago, Copy, Dialog, EntityLink, ExecutionLink, Problem, Tabs, useAnswer } from '../ui/basics';
import { GraphView } from '../ui/graph';
import { Nodes } from '../ui/nodes';
import { ErrorBox, Panel } from '../ui/panel';
import { PhaseBadge } from '../ui/phase';
import { PhaseBar } from '../ui/phasebar';
import { Replay } from '../ui/replay';
import { Values } from '../ui/value';

const BETWEEN_FRAMES = 250;

/** The time of an execution: it goes on by itself while the execution runs. */
function useNow(model: ExecutionModel): number {
  const now = useSignal(0);
  const ended = model.header.value?.ended;
  useEffect(() => {
    now.value = model.now();
    if (ended) {
      return;
    }
    const timer = setInterval(() => (now.value = model.now()), BETWEEN_FRAMES);
    return () => clearInterval(timer);
  }, [model, ended]);
  return Math.max(now.value, model.header.value?.updatedAt ?? 0);
}

export function ExecutionPage({ id }: { id: Id }) {
  const model = useMemo(() => new ExecutionModel(id), [id.project, id.domain, id.name]);
  useEffect(() => () => model.close(), [model]);
  const failure = model.failure.value;
  if (failure && !model.header.value) {
    return (
      <main class="page">
        <Problem error={failure}>
          <p>
            <a href={link(paths.executions(id.project, id.domain))}>All executions of {id.domain}</a>
          </p>
        </Problem>
      </main>
    );
  }
  return <Live model={model} />;
}

function Live({ model }: { model: ExecutionModel }) {
  const id = model.id;
  const version = model.version.value;
  const header = model.header.value;
  const now = useNow(model);
  const only = useSignal<Phase | null>(null);
  const search = useSignal('');
  const tab = query.value.get('tab') ?? 'nodes';
  const chosen = query.value.get('node');
  const ended = header?.ended ?? false;
  // read again when the phase changes; everything else comes by events
  const execution = useAnswer<Execution>(api.execution(id), header?.phase).data;

  const items = model.tree();
  const counts = useMemo(() => {
    const all = new Map<Phase, number>();
    for (const item of model.byPath.values()) {
      if (item.children.length === 0) {
        const each = phaseOf(item, ended);
        all.set(each, (all.get(each) ?? 0) + 1);
      }
    }
    return all;
  }, [version, items, ended]);
  // Flyte says RUNNING also when nothing runs, and somebody has to act before it goes on
  const phase = model.phase() === 'running' && counts.has('waiting') && !counts.has('running') && !counts.has('queued') ? 'waiting' : model.phase();
  const culprit = useMemo(() => (header?.error ? firstFailed(model.byPath.values()) : null), [version, header?.error]);
  const total = header?.endedAt ?? now;
  const parts = useMemo(() => shares(spans(model.byPath.values(), total), total), [version, items, Math.floor(total / 1e6), ended]);

  useEffect(() => {
    document.title = `${phase} · ${id.name}`;
  }, [phase, id.name]);

  const choose = (path: string | null) => setQuery({ node: path ?? undefined });
  // other pages name a node by its id, which differs from its path inside of other nodes
  const item = chosen ? (model.byPath.get(chosen) ?? model.withId(chosen)) : undefined;
  const connection = model.connection.value;

  return (
    <main class="execution">
      <header class="execution-head">
        <div class="title">
          <PhaseBadge phase={phase} />
          <h1 class="mono">{id.name}</h1>
          <Copy text={id.name} label="Copy the name" />
          <Connection state={connection} ended={ended} />
          <span class="spacer" />
          {header && <Actions model={model} execution={execution} />}
        </div>
        <dl class="about">
          {header && (
            <div>
              <dt>Workflow</dt>
              <dd>
                <EntityLink id={header.workflow} />
              </dd>
            </div>
          )}
          {header && (
            <div>
              <dt>Started</dt>
              <dd>
                <Ago time={new Date((model.accepted + (header.startedAt ?? 0)) / 1000)} />
              </dd>
            </div>
          )}
          <div>
            <dt>Duration</dt>
            <dd class="mono">{duration(total)}</dd>
          </div>
          <div>
            <dt>Of it</dt>
            <dd>
              engine {duration(parts.engine)} · waiting {duration(parts.waiting)} ·{' '}
              {parts.startUp > 0 && `start-up ${duration(parts.startUp)} · `}tasks {duration(parts.tasks)}
            </dd>
          </div>
          {execution?.spec.metadata.principal && (
            <div>
              <dt>By</dt>
              <dd>{execution.spec.metadata.principal}</dd>
            </div>
          )}
          {execution?.spec.metadata.parentNodeExecution && (
            <div>
              <dt>Started by</dt>
              <dd>
                <ExecutionLink id={execution.spec.metadata.parentNodeExecution.executionId} /> node {execution.spec.metadata.parentNodeExecution.nodeId}
              </dd>
            </div>
          )}
          {execution?.spec.metadata.referenceExecution && (
            <div>
              <dt>{execution.spec.metadata.mode === 'RECOVERED' ? 'Recovers' : 'Again'}</dt>
              <dd>
                <ExecutionLink id={execution.spec.metadata.referenceExecution} />
              </dd>
            </div>
          )}
          <Labels execution={execution} />
        </dl>
        {connection === 'gone' && (
          <p class="problem" role="alert">
            This execution was deleted. The page shows what it had read before.
          </p>
        )}
        {header?.parked && <ErrorBox error={{ code: 'PARKED', message: header.parked, kind: 'SYSTEM' }} label="Set aside by the engine:" />}
        {header?.error && (
          <ErrorBox error={header.error} label="Failed:">
            {culprit && (
              <span>
                first at{' '}
                <button type="button" class="linklike" onClick={() => choose(culprit.path)}>
                  {culprit.name}
                </button>
              </span>
            )}
          </ErrorBox>
        )}
        {header?.abort && <ErrorBox error={{ code: 'ABORTED', message: header.abort, kind: 'UNKNOWN' }} label={ended ? 'Terminated:' : 'Is being terminated:'} />}
        {model.truncated && <p class="problem">The execution has more than {model.byPath.size.toLocaleString()} nodes; the others are not shown.</p>}
        <PhaseBar counts={counts} only={only.value} onOnly={chosenPhase => (only.value = chosenPhase)} />
        <div class="bar-line">
          <Tabs
            label="Execution"
            tabs={[
              { id: 'nodes', label: 'Timeline' },
              { id: 'graph', label: 'Graph' },
              { id: 'data', label: 'Inputs & outputs' },
              { id: 'replay', label: 'Replay' },
            ]}
            chosen={tab}
            onChoose={next => setQuery({ tab: next === 'nodes' ? undefined : next })}
          />
          {tab === 'nodes' && (
            <input id="search" type="search" placeholder="Search nodes" aria-label="Search nodes" value={search.value} onInput={event => (search.value = event.currentTarget.value)} />
          )}
        </div>
      </header>
      <div class={`split${item ? ' with-panel' : ''}`}>
        <div class="split-main" role="tabpanel">
          {tab === 'graph' ? (
            <GraphView model={model} chosen={chosen} onChoose={choose} />
          ) : tab === 'replay' ? (
            header && <Replay model={model} chosen={chosen} onChoose={choose} />
          ) : tab === 'data' ? (
            <Whole id={id} ended={ended} />
          ) : (
            <Nodes model={model} chosen={chosen} onChoose={choose} only={only.value} search={search.value} now={now} />
          )}
        </div>
        {item && <Panel key={item.path} model={model} item={item} now={now} onChoose={choose} onClose={() => choose(null)} />}
      </div>
    </main>
  );
}

/** The innermost node that failed first. */
function firstFailed(items: Iterable<Item>): Item | null {
  let first: Item | null = null;
  for (const item of items) {
    const phase = phaseOf(item, true);
    if ((phase === 'failed' || phase === 'timed out') && item.children.every(child => phaseOf(child, true) !== 'failed') && (!first || item.row!.ended! < first.row!.ended!)) {
      first = item;
    }
  }
  return first;
}

function Labels({ execution }: { execution: Execution | null }) {
  const labels = Object.entries(execution?.spec.labels?.values ?? {});
  const tags = execution?.spec.tags ?? [];
  if (labels.length + tags.length === 0) {
    return null;
  }
  return (
    <div>
      <dt>Labels</dt>
      <dd>
        {labels.map(([name, value]) => (
          <span key={name} class="kind">
            {name}={value}
          </span>
        ))}
        {tags.map(tag => (
          <span key={tag} class="kind">
            {tag}
          </span>
        ))}
      </dd>
    </div>
  );
}

function Connection({ state, ended }: { state: string; ended: boolean }) {
  if (state === 'gone') {
    return <span class="connection lost">deleted</span>;
  }
  if (state === 'lost') {
    return <span class="connection lost" role="status">reconnecting</span>;
  }
  return state === 'live' && !ended ? <span class="connection live">live</span> : null;
}

function Whole({ id, ended }: { id: Id; ended: boolean }) {
  const { data, error } = useAnswer<Data>(api.executionData(id), ended);
  if (error) {
    return <Problem error={error} />;
  }
  return (
    <div class="whole">
      <section>
        <h2>Inputs</h2>
        {data && <Values literals={data.fullInputs?.literals} empty="No inputs." />}
      </section>
      <section>
        <h2>Outputs</h2>
        {data && <Values literals={data.fullOutputs?.literals} empty={ended ? 'No outputs.' : 'No outputs yet.'} />}
      </section>
    </div>
  );
}

function Actions({ model, execution }: { model: ExecutionModel; execution: Execution | null }) {
  const id = model.id;
  const header = model.header.value!;
  const phase = model.phase();
  const problem = useSignal<Error | null>(null);
  const asking = useSignal(false);
  const commands = useSignal(false);
  const cause = useSignal('');
  const act = async (what: () => Promise<unknown>) => {
    problem.value = null;
    try {
      await what();
    } catch (e) {
      problem.value = e as Error;
    }
  };
  const again = (how: 'relaunch' | 'recover') =>
    act(async () => {
      const answer = await post<{ id: Id }>(`/api/v1/executions/${how}`, { id });
      go(paths.execution(answer.id));
    });
  const launch = () => {
    const of = execution?.spec.launchPlan;
    if (of) {
      const kind = of.resourceType === 'TASK' ? 'task' : 'launch_plan';
      go(`${paths.version(kind, of)}?launch=${encodeURIComponent(id.name)}`);
    }
  };
  return (
    <div class="actions">
      {isActive(phase) && (
        <button type="button" class="danger" onClick={() => (asking.value = true)}>
          Terminate
        </button>
      )}
      {header.ended && (phase === 'failed' || phase === 'aborted' || phase === 'timed out') && (
        <button type="button" class="primary" title="Run again what has not succeeded" onClick={() => again('recover')}>
          Recover
        </button>
      )}
      <button type="button" title="Run all of it again with the same inputs" onClick={() => again('relaunch')}>
        Relaunch
      </button>
      <button type="button" disabled={!execution} onClick={launch}>
        Change inputs…
      </button>
      {header.ended && (
        <button type="button" onClick={() => act(() => put(api.execution(id), { id, state: header.archived ? 'EXECUTION_ACTIVE' : 'EXECUTION_ARCHIVED' }))}>
          {header.archived ? 'Bring back' : 'Archive'}
        </button>
      )}
      <button type="button" class="ghost" onClick={() => go(`/projects/${id.project}/domains/${id.domain}/compare?a=${encodeURIComponent(execution?.spec.metadata.referenceExecution?.name ?? '')}&b=${encodeURIComponent(id.name)}`)}>
        Compare
      </button>
      <button type="button" class="ghost" onClick={() => (commands.value = true)}>
        Commands
      </button>
      {problem.value && <Problem error={problem.value} />}
      {asking.value && (
        <Dialog title={`Terminate ${id.name}?`} onClose={() => (asking.value = false)}>
          <form
            onSubmit={event => {
              event.preventDefault();
              asking.value = false;
              void act(() => remove(api.execution(id), { cause: cause.value || 'terminated in the console' }));
            }}
          >
            <label for="cause">Why?</label>
            <input id="cause" type="text" value={cause.value} placeholder="everybody sees this" onInput={event => (cause.value = event.currentTarget.value)} />
            <div class="actions">
              <button type="submit" class="danger">
                Terminate
              </button>
            </div>
          </form>
        </Dialog>
      )}
      {commands.value && (
        <Dialog title="The same by command" onClose={() => (commands.value = false)}>
          {[
            ['See it', `flytectl get execution -p ${id.project} -d ${id.domain} ${id.name} --details`],
            ['See it, live', `turboprop show --watch ${id.project}/${id.domain}/${id.name}`],
            ['Relaunch', `pyflyte execution -p ${id.project} -d ${id.domain} relaunch ${id.name}`],
            ['Recover', `pyflyte execution -p ${id.project} -d ${id.domain} recover ${id.name}`],
            ['As JSON', `curl ${location.origin}${api.execution(id)}`],
          ].map(([what, command]) => (
            <div key={what} class="command">
              <span>{what}</span>
              <code>{command}</code>
              <Copy text={command!} />
            </div>
          ))}
        </Dialog>
      )}
    </div>
  );
}
