// Why a node waits, as the engine says; asked again whenever the execution has changed.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, get, post } from '../lib/api';
import { duration } from '../lib/format';
import { type Answer, emptyDraft, InputErrors, literalOf } from '../lib/input';
import type { ExecutionModel } from '../lib/model';
import { link, paths } from '../lib/router';
import { shapeOf } from '../lib/shape';
import { clock, Copy, ExecutionLink, Moment, useAnswer } from './basics';
import { Input } from './input';

interface Reason {
  kind: string;
  text: string;
  at?: number;
  detail?: string;
  count: number;
  nodes: { path: string; name: string; state: string }[];
  /** The first of the tasks, of any execution, that hold the slots. */
  holders: { project: string; domain: string; name: string; node: string; machine: string }[];
}

/** The answer costs the engine a walk through the journal, so it is not asked for with every change. */
const BETWEEN_QUESTIONS = 1000;

/** A value that follows another at most once in a while, but always comes to its last one. */
function useThrottled<T>(value: T, millis: number): T {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        last.current = Date.now();
        setShown(value);
      },
      Math.max(0, last.current + millis - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [value]);
  return shown;
}

export function Why({ model, path, onChoose }: { model: ExecutionModel; path: string; onChoose: (path: string) => void }) {
  const version = useThrottled(model.version.value, BETWEEN_QUESTIONS);
  const { data, error } = useAnswer<{ reasons: Reason[] }>(api.columns(model.id, `/why?node=${encodeURIComponent(path)}`), version);
  if (error || !data) {
    return error ? <p class="quiet">{error.message}</p> : null;
  }
  const reasons = data.reasons.filter(reason => reason.kind !== 'ended');
  if (reasons.length === 0) {
    return null;
  }
  return (
    <section class="why" aria-label="Why does it wait?">
      <h3>{reasons.every(reason => reason.kind === 'running') ? 'What it does' : 'Why it waits'}</h3>
      {reasons.map(reason => (
        <div key={reason.kind} class="reason">
          <p>
            {reason.text} <When reason={reason} />
          </p>
          <Holder model={model} text={reason.text} />
          {reason.nodes.length > 0 && (
            <ul>
              {reason.nodes.map(node => (
                <li key={node.path}>
                  <button type="button" class="linklike" onClick={() => onChoose(node.path)}>
                    {node.name}
                  </button>{' '}
                  <span class="quiet">{node.state}</span>
                </li>
              ))}
              {reason.count > reason.nodes.length && <li class="quiet">and {(reason.count - reason.nodes.length).toLocaleString()} more</li>}
            </ul>
          )}
          {reason.holders.length > 0 && (
            <ul aria-label="Who holds the slots">
              {reason.holders.map(holder => (
                <li key={`${holder.project}/${holder.domain}/${holder.name}/${holder.node}`}>
                  <a class="mono" href={link(paths.execution(holder, holder.node))}>
                    {holder.name}
                  </a>{' '}
                  <span class="quiet">
                    node {holder.node}
                    {holder.machine && ` at ${holder.machine.replace(/^https?:\/\//, '')}`}
                  </span>
                </li>
              ))}
              {reason.count > reason.holders.length && <li class="quiet">and {(reason.count - reason.holders.length).toLocaleString()} more</li>}
            </ul>
          )}
          {reason.kind === 'child' && reason.detail && (
            <p>
              <ExecutionLink id={{ ...model.id, name: reason.detail }} />
            </p>
          )}
          {(reason.kind === 'approve' || reason.kind === 'signal') && reason.detail && <Gate model={model} signal={reason.detail} kind={reason.kind} />}
        </div>
      ))}
    </section>
  );
}

/** The attempt that makes the cache entry for which a node waits, if its name still says which it is. */
function Holder({ model, text }: { model: ExecutionModel; text: string }) {
  const name = /cache entry that (.+)-(n\d[\w-]*|n\d)-\d+ is making/.exec(text);
  return name ? (
    <p>
      <ExecutionLink id={{ ...model.id, name: name[1]! }} /> node {name[2]}
    </p>
  ) : null;
}

function When({ reason }: { reason: Reason }) {
  if (!reason.at) {
    return null;
  }
  const date = new Date(reason.at / 1000);
  if (date.getFullYear() > 9000) {
    return null;
  }
  const left = date.getTime() - clock.value;
  return (
    <span class="quiet">
      {left > 0 ? (
        <>
          {duration(left * 1000)} left, until <Moment time={date} />
        </>
      ) : (
        <>
          for {duration(-left * 1000)}, since <Moment time={date} />
        </>
      )}
    </span>
  );
}

interface Signals {
  signals: { id: { signalId: string }; type: Record<string, unknown> }[];
}

/** The form of a gate, in its place. */
function Gate({ model, signal, kind }: { model: ExecutionModel; signal: string; kind: string }) {
  const { project, domain, name } = model.id;
  const answer = useSignal<Answer>({ draft: '' });
  const problems = useSignal<Record<string, string>>({});
  const type = useSignal<Record<string, unknown> | null>(kind === 'approve' ? { simple: 'BOOLEAN' } : null);
  const shape = useMemo(() => (type.value ? shapeOf(type.value) : null), [type.value]);
  const busy = useSignal(false);
  useEffect(() => {
    if (kind !== 'approve') {
      const e = encodeURIComponent;
      get<Signals>(`/api/v1/signals/${e(project)}/${e(domain)}/${e(name)}?limit=100`).then(
        ({ signals }) => {
          const found = signals.find(each => each.id.signalId === signal)?.type ?? null;
          answer.value = { draft: found ? emptyDraft(shapeOf(found)) : '' };
          type.value = found;
        },
        error => (problems.value = { '': error.message }),
      );
    }
  }, [signal]);
  const send = async (given: Answer) => {
    busy.value = true;
    problems.value = {};
    try {
      await post('/api/v1/signals', { id: { signalId: signal, executionId: { project, domain, name } }, value: literalOf(type.value!, shape!, given) });
    } catch (e) {
      problems.value = e instanceof InputErrors ? e.at : { '': (e as Error).message };
    }
    busy.value = false;
  };
  if (kind === 'approve') {
    return (
      <div class="gate">
        <span>
          Signal <code>{signal}</code> <Copy text={signal} />
        </span>
        <span class="actions">
          <button type="button" class="primary" disabled={busy.value} onClick={() => send({ draft: 'true' })}>
            Approve
          </button>
          <button type="button" disabled={busy.value} onClick={() => send({ draft: 'false' })}>
            Reject
          </button>
        </span>
        {problems.value[''] && <p class="wrong">{problems.value['']}</p>}
      </div>
    );
  }
  return (
    <form
      class="gate"
      onSubmit={event => {
        event.preventDefault();
        void send(answer.value);
      }}
    >
      {shape ? (
        <Input name={signal} shape={shape} answer={answer.value} problems={problems.value} project={project} domain={domain} onAnswer={given => (answer.value = given)} />
      ) : (
        problems.value[''] && <p class="wrong">{problems.value['']}</p>
      )}
      <button type="submit" class="primary" disabled={busy.value || !type.value}>
        Send
      </button>
    </form>
  );
}

