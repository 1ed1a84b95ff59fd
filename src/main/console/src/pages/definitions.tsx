// Workflows, tasks and launch plans, and their versions.
import { useSignal } from '@preact/signals';
import { api, put } from '../lib/api';
import { typeText } from '../lib/literal';
import { type EntityId, type Id, link, paths, query, setQuery } from '../lib/router';
import { Ago, Copy, Empty, EntityLink, Moment, Problem, Tabs, useAnswer } from '../ui/basics';
import { StaticGraph } from '../ui/graph';
import { LaunchForm } from '../ui/launch';
import { VersionDifference } from '../ui/versions';
import { Delayed, ExecutionTable } from './executions';

export type Kind = 'workflow' | 'task' | 'launch_plan';

export const TITLES: Record<Kind, string> = { workflow: 'Workflows', task: 'Tasks', launch_plan: 'Launch plans' };
const TYPES: Record<Kind, string> = { workflow: 'WORKFLOW', task: 'TASK', launch_plan: 'LAUNCH_PLAN' };
const PAGE = 100;
const e = encodeURIComponent;

interface Names {
  entities: { id: Id; metadata: { description: string; state: string } }[];
  token: string;
}

export function Definitions({ kind, project, domain }: { kind: Kind; project: string; domain: string }) {
  const text = query.value.get('q') ?? '';
  const pages = useSignal(1);
  const search = new URLSearchParams({ limit: String(PAGE * pages.value), 'sort_by.key': 'name', 'sort_by.direction': 'ASCENDING' });
  if (text) {
    search.set('filters', `contains(name,${text})`);
  }
  const { data, error } = useAnswer<Names>(`/api/v1/named_entities/${TYPES[kind]}/${e(project)}/${e(domain)}?${search}`);
  return (
    <main class="page">
      <div class="page-head">
        <h1>{TITLES[kind]}</h1>
      </div>
      <div class="filters" role="search">
        <Delayed id="search" value={text} onValue={value => setQuery({ q: value })} placeholder="Search by name" wide />
      </div>
      {error && <Problem error={error} />}
      {data && data.entities.length === 0 && <Empty>{text ? 'No name fits.' : 'Nothing is registered here yet.'}</Empty>}
      {data && data.entities.length > 0 && (
        <>
          <table class="list">
            <thead>
              <tr>
                <th>Name</th>
                <th>Description</th>
              </tr>
            </thead>
            <tbody>
              {data.entities.map(each => (
                <tr key={each.id.name}>
                  <td>
                    <a href={link(paths.definition(kind, each.id))}>{each.id.name}</a>
                  </td>
                  <td class="quiet">{each.metadata?.description}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {data.token && (
            <button type="button" class="more" onClick={() => pages.value++}>
              More
            </button>
          )}
        </>
      )}
    </main>
  );
}

interface Interface {
  inputs: { variables: Record<string, { type: any; description: string }> } | null;
  outputs: { variables: Record<string, { type: any; description: string }> } | null;
}

interface Version {
  id: EntityId;
  closure: {
    createdAt: string;
    state?: string;
    expectedInputs?: { parameters: Record<string, any> };
    compiledWorkflow?: { primary: { template: { interface: Interface } } };
    compiledTask?: { template: { type: string; interface: Interface; container?: { image: string; args: string[]; command: string[]; resources: any }; metadata: any; custom: any } };
  };
  spec?: { workflowId: EntityId; entityMetadata?: { schedule?: Schedule }; fixedInputs?: { literals: Record<string, any> } };
}

interface Schedule {
  cronExpression?: string;
  cronSchedule?: { schedule: string };
  rate?: { value: number; unit: string };
}

interface Versions {
  workflows?: Version[];
  tasks?: Version[];
  launchPlans?: Version[];
  token: string;
}

const listOf = (answer: Versions | null): Version[] => answer?.workflows ?? answer?.tasks ?? answer?.launchPlans ?? [];

/** All versions of a name; without a version in the address, the newest is shown. */
export function Definition({ kind, id, version }: { kind: Kind; id: Id; version?: string }) {
  const list = useAnswer<Versions>(`/api/v1/${kind}s/${e(id.project)}/${e(id.domain)}/${e(id.name)}?limit=50&sort_by.key=created_at&sort_by.direction=DESCENDING`);
  const versions = listOf(list.data);
  const shown = version ?? versions[0]?.id.version;
  const tab = query.value.get('tab') ?? 'about';
  const launches = query.value.get('launch');
  return (
    <main class="page">
      <div class="page-head">
        <div>
          <p class="quiet">
            <a href={link(paths.definitions(id.project, id.domain, kind))}>{TITLES[kind]}</a>
          </p>
          <h1>
            {id.name} <Copy text={id.name} />
          </h1>
        </div>
        <span class="spacer" />
        {versions.length > 0 && (
          <select
            aria-label="Version"
            value={shown}
            onChange={event => {
              history.pushState(null, '', link(paths.version(kind, { ...id, version: event.currentTarget.value })));
              dispatchEvent(new PopStateEvent('popstate'));
            }}
          >
            {shown && !versions.some(each => each.id.version === shown) && <option>{shown}</option>}
            {versions.map(each => (
              <option key={each.id.version}>{each.id.version}</option>
            ))}
          </select>
        )}
        {kind !== 'task' && shown && (
          <button type="button" class="primary" onClick={() => setQuery({ launch: '1' })}>
            Launch…
          </button>
        )}
        {kind === 'task' && shown && (
          <button type="button" class="primary" onClick={() => setQuery({ launch: '1' })}>
            Run the task…
          </button>
        )}
      </div>
      {list.error && <Problem error={list.error} />}
      {list.data && versions.length === 0 && <Empty>There is no {kind.replace('_', ' ')} of this name.</Empty>}
      <Tabs
        label="Definition"
        tabs={[
          { id: 'about', label: 'Interface' },
          ...(kind === 'workflow' ? [{ id: 'graph', label: 'Graph' }] : []),
          { id: 'versions', label: `Versions` },
          { id: 'executions', label: 'Executions' },
        ]}
        chosen={tab}
        onChoose={next => setQuery({ tab: next === 'about' ? undefined : next })}
      />
      <div role="tabpanel">
        {tab === 'versions' ? (
          <VersionTable kind={kind} id={id} versions={versions} shown={shown} />
        ) : tab === 'executions' ? (
          <ExecutionTable project={id.project} domain={id.domain} extra={[`eq(${kind === 'launch_plan' ? 'launch_plan' : kind}.name,${id.name})`]} />
        ) : (
          shown && <OneVersion kind={kind} id={{ ...id, version: shown }} graph={tab === 'graph'} />
        )}
      </div>
      {launches && shown && <LaunchForm kind={kind} id={{ ...id, version: shown }} from={launches === '1' ? null : launches} at={query.value.get('at')} onClose={() => setQuery({ launch: undefined, at: undefined })} />}
    </main>
  );
}

function VersionTable({ kind, id, versions, shown }: { kind: Kind; id: Id; versions: Version[]; shown: string | undefined }) {
  const other = query.value.get('with');
  return (
    <>
    {other && shown && (
      <section class="definition">
        <h2>What differs</h2>
        <VersionDifference kind={kind} before={{ ...id, version: other }} after={{ ...id, version: shown }} />
      </section>
    )}
    <table class="list">
      <thead>
        <tr>
          <th>Version</th>
          <th>Registered</th>
          {kind === 'launch_plan' && <th>State</th>}
          <th />
        </tr>
      </thead>
      <tbody>
        {versions.map(each => (
          <tr key={each.id.version} aria-current={each.id.version === shown}>
            <td>
              <a class="mono" href={link(paths.version(kind, { ...id, version: each.id.version }))}>
                {each.id.version}
              </a>
            </td>
            <td>
              <Moment time={each.closure.createdAt} />
            </td>
            {kind === 'launch_plan' && <td>{each.closure.state?.toLowerCase()}</td>}
            <td class="number">
              {each.id.version !== shown && (
                <button type="button" class="small" aria-pressed={each.id.version === other} onClick={() => setQuery({ with: each.id.version === other ? undefined : each.id.version })}>
                  compare with {shown}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
    </>
  );
}

function OneVersion({ kind, id, graph }: { kind: Kind; id: EntityId; graph: boolean }) {
  const turn = useSignal(0);
  const problem = useSignal<Error | null>(null);
  const { data, error } = useAnswer<Version>(api.version(kind, id), turn.value);
  if (error) {
    return <Problem error={error} />;
  }
  if (!data) {
    return <div class="loading" aria-busy="true" />;
  }
  if (graph) {
    return <StaticGraph closure={data.closure.compiledWorkflow} />;
  }
  const task = data.closure.compiledTask?.template;
  const face = data.closure.compiledWorkflow?.primary.template.interface ?? task?.interface;
  const schedule = data.spec?.entityMetadata?.schedule;
  const active = data.closure.state === 'ACTIVE';
  const change = async () => {
    try {
      await put(api.version(kind, id), { id: { ...id, resourceType: 'LAUNCH_PLAN' }, state: active ? 'INACTIVE' : 'ACTIVE' });
      turn.value++;
    } catch (failure) {
      problem.value = failure as Error;
    }
  };
  return (
    <div class="definition">
      {problem.value && <Problem error={problem.value} />}
      <dl class="facts">
        <dt>Version</dt>
        <dd class="mono">
          {id.version} <Copy text={id.version} />
        </dd>
        <dt>Registered</dt>
        <dd>
          <Ago time={data.closure.createdAt} />
        </dd>
        {data.spec?.workflowId && (
          <>
            <dt>Workflow</dt>
            <dd>
              <EntityLink id={{ ...data.spec.workflowId, resourceType: 'WORKFLOW' }} />
            </dd>
          </>
        )}
        {kind === 'launch_plan' && (
          <>
            <dt>State</dt>
            <dd>
              {active ? 'active' : 'inactive'}{' '}
              <button type="button" class="small" onClick={change}>
                {active ? 'Deactivate' : 'Activate'}
              </button>
            </dd>
          </>
        )}
        {schedule && (schedule.cronSchedule || schedule.cronExpression || schedule.rate) && (
          <>
            <dt>Schedule</dt>
            <dd>
              <span class="mono">{schedule.cronSchedule?.schedule ?? schedule.cronExpression ?? `each ${schedule.rate?.value} ${schedule.rate?.unit.toLowerCase()}`}</span>
              <p class="quiet">This engine does not run schedules: nothing starts by itself. Start it from outside, with pyflyte or the API.</p>
            </dd>
          </>
        )}
        {task && (
          <>
            <dt>Type</dt>
            <dd>{task.type}</dd>
            {task.container?.image && (
              <>
                <dt>Image</dt>
                <dd class="mono">{task.container.image}</dd>
              </>
            )}
            {task.metadata?.retries?.retries > 0 && (
              <>
                <dt>Retries</dt>
                <dd>{task.metadata.retries.retries}</dd>
              </>
            )}
            {task.metadata?.discoverable && (
              <>
                <dt>Cache</dt>
                <dd>version {task.metadata.discoveryVersion}</dd>
              </>
            )}
          </>
        )}
      </dl>
      {data.closure.expectedInputs ? (
        <Variables title="Inputs" variables={Object.fromEntries(Object.entries(data.closure.expectedInputs.parameters ?? {}).map(([name, parameter]) => [name, { type: parameter.var?.type, description: parameter.required ? 'required' : 'has a default' }]))} />
      ) : (
        face && <Variables title="Inputs" variables={face.inputs?.variables ?? {}} />
      )}
      {face && <Variables title="Outputs" variables={face.outputs?.variables ?? {}} />}
    </div>
  );
}

function Variables({ title, variables }: { title: string; variables: Record<string, { type: any; description: string }> }) {
  const names = Object.keys(variables);
  return (
    <section>
      <h2>{title}</h2>
      {names.length === 0 ? (
        <p class="quiet">None.</p>
      ) : (
        <table class="plain">
          <thead>
            <tr>
              <th>Name</th>
              <th>Type</th>
              <th>Description</th>
            </tr>
          </thead>
          <tbody>
            {names.map(name => (
              <tr key={name}>
                <td class="mono">{name}</td>
                <td class="type">{typeText(variables[name]!.type)}</td>
                <td class="quiet">{variables[name]!.description !== name && variables[name]!.description}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

