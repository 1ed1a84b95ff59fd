// Launches a launch plan, a workflow's default launch plan, or a task, with inputs of every type.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, type Data, get, post } from '../lib/api';
import { type Answer, answerOf, InputErrors, isBlank, literalOf } from '../lib/input';
import { type EntityId, go, type Id, paths } from '../lib/router';
import { type Shape, shapeOf } from '../lib/shape';
import { Dialog, Problem } from './basics';
import { Input } from './input';

/** The annotation by which an execution reuses the results of an earlier one. */
const RECOMPUTE_FROM = 'turboprop.io/recompute-from';

interface Parameter {
  name: string;
  type: any;
  shape: Shape;
  description: string;
  required: boolean;
}

interface Props {
  kind: 'workflow' | 'task' | 'launch_plan';
  id: EntityId;
  /** The execution whose inputs are filled in. */
  from: string | null;
  /** The node of that execution whose inputs are meant, if not its own. */
  at: string | null;
  onClose: () => void;
}

export function LaunchForm({ kind, id, from, at, onClose }: Props) {
  const parameters = useSignal<Parameter[] | null>(null);
  const answers = useSignal<Record<string, Answer>>({});
  const problems = useSignal<Record<string, Record<string, string>>>({});
  const failure = useSignal<Error | null>(null);
  const name = useSignal('');
  const busy = useSignal(false);
  const reuses = useSignal(false);
  const target: EntityId = { ...id, resourceType: kind === 'task' ? 'TASK' : 'LAUNCH_PLAN' };

  useEffect(() => {
    const load = async () => {
      const read = await parametersOf(kind, id);
      const filled = Object.fromEntries(read.map(each => [each.name, answerOf(each.type, each.shape, each.preset)]));
      if (from) {
        const source = { project: id.project, domain: id.domain, name: from };
        const data = await get<Data>(at ? api.nodeData(source, at) : api.executionData(source));
        for (const each of read) {
          const literal = data.fullInputs?.literals?.[each.name] as Record<string, unknown> | undefined;
          if (literal) {
            filled[each.name] = answerOf(each.type, each.shape, literal);
          }
        }
      }
      answers.value = filled;
      parameters.value = read;
    };
    load().catch(error => (failure.value = error));
  }, [kind, id.name, id.version, from, at]);

  const launch = async () => {
    const literals: Record<string, unknown> = {};
    const wrong: Record<string, Record<string, string>> = {};
    for (const each of parameters.value ?? []) {
      const answer = answers.value[each.name]!;
      if (isBlank(answer) && !each.required) {
        continue;
      }
      try {
        literals[each.name] = literalOf(each.type, each.shape, answer);
      } catch (e) {
        wrong[each.name] = e instanceof InputErrors ? e.at : { '': String(e) };
      }
    }
    problems.value = wrong;
    if (Object.keys(wrong).length > 0) {
      return;
    }
    busy.value = true;
    failure.value = null;
    try {
      const answer = await post<{ id: Id }>('/api/v1/executions', {
        project: id.project,
        domain: id.domain,
        ...(name.value ? { name: name.value } : {}),
        spec: { launchPlan: target, metadata: { mode: 'MANUAL' }, ...(reuses.value ? { annotations: { values: { [RECOMPUTE_FROM]: from } } } : {}) },
        inputs: { literals },
      });
      go(paths.execution(answer.id));
    } catch (e) {
      failure.value = e as Error;
      busy.value = false;
    }
  };

  return (
    <Dialog title={`Launch ${id.name}`} onClose={onClose}>
      {failure.value && <Problem error={failure.value} />}
      {!parameters.value && !failure.value && <div class="loading" aria-busy="true" />}
      {parameters.value && (
        <form
          onSubmit={event => {
            event.preventDefault();
            void launch();
          }}
        >
          <p class="quiet mono">version {id.version}</p>
          {parameters.value.length === 0 && <p class="quiet">It takes no inputs.</p>}
          {parameters.value.map(each => (
            <Input
              key={each.name}
              name={each.name}
              shape={each.shape}
              answer={answers.value[each.name]!}
              required={each.required}
              description={each.description}
              problems={problems.value[each.name] ?? {}}
              project={id.project}
              domain={id.domain}
              onAnswer={answer => (answers.value = { ...answers.value, [each.name]: answer })}
            />
          ))}
          <div class="field">
            <label for="execution-name">Name of the execution</label>
            <input id="execution-name" type="text" value={name.value} placeholder="the engine chooses one" onInput={event => (name.value = event.currentTarget.value.trim())} />
          </div>
          {from && !at && (
            <label class="check">
              <input type="checkbox" checked={reuses.value} onChange={event => (reuses.value = event.currentTarget.checked)} /> run only the nodes whose task or inputs differ from <span class="mono">{from}</span>
            </label>
          )}
          <div class="actions">
            <button type="submit" class="primary" disabled={busy.value}>
              Launch
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

async function parametersOf(kind: string, id: EntityId): Promise<(Parameter & { preset?: Record<string, unknown> })[]> {
  if (kind === 'task') {
    const task = await get<any>(api.version('task', id));
    const variables = task.closure.compiledTask.template.interface?.inputs?.variables ?? {};
    return Object.entries<any>(variables).map(([name, variable]) => ({ name, type: variable.type, shape: shapeOf(variable.type), description: said(name, variable.description), required: true }));
  }
  // a workflow's default launch plan has its name and version
  const plan = await get<any>(api.version('launch_plan', id));
  return Object.entries<any>(plan.closure.expectedInputs?.parameters ?? {}).map(([name, parameter]) => ({
    name,
    type: parameter.var?.type ?? {},
    shape: shapeOf(parameter.var?.type ?? {}),
    description: said(name, parameter.var?.description),
    required: !!parameter.required,
    preset: parameter.default,
  }));
}

const said = (name: string, description: string | undefined) => (description && description !== name ? description : '');
