// Two executions side by side: phases, durations, versions, inputs and outputs, node by node.
import { useEffect, useMemo } from 'preact/hooks';
import { api, type Data, headline } from '../lib/api';
import { duration } from '../lib/format';
import { plainMap } from '../lib/literal';
import { ExecutionModel, type Item, phaseOf } from '../lib/model';
import { type Id, query, setQuery } from '../lib/router';
import { Empty, ExecutionLink, Problem, useAnswer } from '../ui/basics';
import { PhaseBadge, PhaseIcon } from '../ui/phase';
import { json, Value } from '../ui/value';
import { Delayed } from './executions';

const SHOWN = 500;

export function ComparePage({ project, domain }: { project: string; domain: string }) {
  const [a, b] = [query.value.get('a') ?? '', query.value.get('b') ?? ''];
  return (
    <main class="page">
      <div class="page-head">
        <h1>Compare</h1>
        <Delayed value={a} onValue={value => setQuery({ a: value })} placeholder="First execution" wide />
        <Delayed value={b} onValue={value => setQuery({ b: value })} placeholder="Second execution" wide />
      </div>
      {a && b ? <Both key={`${a} ${b}`} first={{ project, domain, name: a }} second={{ project, domain, name: b }} /> : <Empty>Name two executions.</Empty>}
    </main>
  );
}

function useModel(id: Id): ExecutionModel {
  const model = useMemo(() => new ExecutionModel(id), [id.name]);
  useEffect(() => () => model.close(), [model]);
  return model;
}

function Both({ first, second }: { first: Id; second: Id }) {
  const models = [useModel(first), useModel(second)] as const;
  const failure = models[0].failure.value ?? models[1].failure.value;
  const headers = models.map(model => model.header.value);
  const data = [useAnswer<Data>(api.executionData(first), headers[0]?.ended).data, useAnswer<Data>(api.executionData(second), headers[1]?.ended).data];
  models.forEach(model => (model.version.value, model.tree()));
  if (failure) {
    return <Problem error={failure} />;
  }
  if (!headers[0] || !headers[1]) {
    return <div class="loading" aria-busy="true" />;
  }
  const paths = [...new Set([...models[0].byPath.keys(), ...models[1].byPath.keys()])];
  const rows = paths.map(path => ({ path, items: models.map(model => model.byPath.get(path)) }));
  const differs = rows.filter(({ items: [x, y] }) => !x || !y || shown(x, models[0]) !== shown(y, models[1]) || x.entity?.version !== y.entity?.version);
  const slowest = [...rows].sort((x, y) => Math.abs(delta(y.items, models)) - Math.abs(delta(x.items, models)));
  const listed = [...new Set([...differs, ...slowest])].slice(0, SHOWN);
  return (
    <>
      <table class="list compare">
        <thead>
          <tr>
            <th />
            {models.map(model => (
              <th key={model.id.name}>
                <ExecutionLink id={model.id} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Phase</th>
            {models.map(model => (
              <td key={model.id.name}>
                <PhaseBadge phase={model.phase()} />
              </td>
            ))}
          </tr>
          <Line name="Workflow" values={headers.map(header => `${header!.workflow.name} ${header!.workflow.version}`)} />
          <Line name="Duration" values={models.map((model, i) => duration(headers[i]!.endedAt ?? model.now()))} plain />
          <Line name="Error" values={headers.map(header => (header!.error ? headline(header!.error) : ''))} />
          <Literals name="Input" literals={data.map(each => each?.fullInputs?.literals)} />
          <Literals name="Output" literals={data.map(each => each?.fullOutputs?.literals)} />
        </tbody>
      </table>
      <h2 class="apart">
        {differs.length === 0 ? 'The same nodes in the same phases' : `${differs.length.toLocaleString()} of ${rows.length.toLocaleString()} nodes differ`}; then by the change of duration
      </h2>
      <table class="list compare">
        <thead>
          <tr>
            <th>Node</th>
            <th>{first.name}</th>
            <th>{second.name}</th>
            <th class="number">Change</th>
          </tr>
        </thead>
        <tbody>
          {listed.map(({ path, items }) => (
            <tr key={path} class={differs.some(each => each.path === path) ? 'differs' : ''}>
              <td title={path}>{(items[0] ?? items[1])!.name}</td>
              {items.map((item, i) => (
                <td key={i}>{item ? <Cell item={item} model={models[i]!} /> : <span class="quiet">not there</span>}</td>
              ))}
              <td class="number mono">{change(delta(items, models))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const shown = (item: Item, model: ExecutionModel) => phaseOf(item, model.header.value?.ended ?? false);

const took = (item: Item | undefined, model: ExecutionModel) => (item?.row ? (item.row.ended ?? model.now()) - item.row.created : 0);

const delta = (items: (Item | undefined)[], models: readonly ExecutionModel[]) => took(items[1], models[1]!) - took(items[0], models[0]!);

const change = (micros: number) => (Math.abs(micros) < 1000 ? '' : `${micros > 0 ? '+' : '−'}${duration(Math.abs(micros))}`);

function Cell({ item, model }: { item: Item; model: ExecutionModel }) {
  const phase = shown(item, model);
  return (
    <>
      <PhaseIcon phase={phase} /> {phase} <span class="quiet">{item.row && duration(took(item, model))}</span>
      {item.row?.cache === 2 && <span class="kind cached">cached</span>}
      {item.row && item.row.attempt > 0 && <span class="kind attempt">attempt {item.row.attempt + 1}</span>}
    </>
  );
}

function Line({ name, values, plain }: { name: string; values: string[]; plain?: boolean }) {
  if (values.every(value => value === '')) {
    return null;
  }
  return (
    <tr class={!plain && values[0] !== values[1] ? 'differs' : ''}>
      <th scope="row">{name}</th>
      {values.map((value, i) => (
        <td key={i}>{value}</td>
      ))}
    </tr>
  );
}

function Literals({ name, literals }: { name: string; literals: (Record<string, unknown> | undefined)[] }) {
  const values = literals.map(each => plainMap((each ?? {}) as Record<string, object>));
  const names = [...new Set(values.flatMap(each => Object.keys(each)))];
  return (
    <>
      {names.map(variable => {
        const both = values.map(each => each[variable] ?? null);
        return (
          <tr key={variable} class={json(both[0]!) === json(both[1]!) ? '' : 'differs'}>
            <th scope="row">
              {name} <span class="mono">{variable}</span>
            </th>
            {both.map((value, i) => (
              <td key={i} class="wrap">
                <Value value={value} />
              </td>
            ))}
          </tr>
        );
      })}
    </>
  );
}
