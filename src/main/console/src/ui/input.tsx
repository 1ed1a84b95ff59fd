// The form of a value of any type of Flyte.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { upload } from '../lib/api';
import { type Answer, type Draft, emptyDraft, InputErrors, turned } from '../lib/input';
import { isStructured, type Shape, shapeText } from '../lib/shape';

interface InputProps {
  name: string;
  shape: Shape;
  answer: Answer;
  required?: boolean;
  description?: string;
  /** What is wrong, by the paths of the fields. */
  problems: Record<string, string>;
  project: string;
  domain: string;
  onAnswer: (answer: Answer) => void;
}

/** One input: fields for its shape, or the same value as JSON. */
export function Input({ name, shape, answer, required, description, problems, project, domain, onAnswer }: InputProps) {
  const refused = useSignal('');
  const turn = () => {
    try {
      onAnswer(turned(shape, answer));
      refused.value = '';
    } catch (e) {
      refused.value = e instanceof InputErrors ? e.message : String(e);
    }
  };
  const isJson = 'json' in answer;
  const label = (
    <>
      {name} <span class="type">{shapeText(shape)}</span>
      {required && <span class="type"> required</span>}
    </>
  );
  const turner = (isStructured(shape) || isJson) && (
    <p class="turn">
      <button type="button" class="ghost small" aria-label={`Type ${name} ${isJson ? 'into a form' : 'as JSON'}`} onClick={turn}>
        {isJson ? 'as a form' : 'as JSON'}
      </button>{' '}
      {refused.value && (
        <span class="wrong" role="alert">
          {refused.value}
        </span>
      )}
    </p>
  );
  return (
    <div class="input">
      {isJson ? (
        <Labelled id={`field-${name}`} label={label} problem={problems['']} description={description}>
          {aria => (
            <textarea
              {...aria}
              rows={Math.min(12, Math.max(2, answer.json.split('\n').length))}
              spellcheck={false}
              value={answer.json}
              placeholder="JSON"
              onInput={event => onAnswer({ json: event.currentTarget.value })}
            />
          )}
        </Labelled>
      ) : (
        <Field
          name={name}
          label={label}
          path=""
          shape={shape}
          draft={answer.draft}
          description={description}
          problems={problems}
          project={project}
          domain={domain}
          onDraft={draft => onAnswer({ draft })}
        />
      )}
      {turner}
    </div>
  );
}

interface Aria {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string;
}

interface LabelledProps {
  id: string;
  label: ComponentChildren;
  problem: string | undefined;
  description?: string | undefined;
  children: (aria: Aria) => ComponentChildren;
}

function Labelled({ id, label, problem, description, children }: LabelledProps) {
  return (
    <div class={`field${problem ? ' wrong' : ''}`}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-invalid': !!problem, 'aria-describedby': `${id}-said` })}
      <p id={`${id}-said`} class={problem ? 'wrong' : 'quiet'}>
        {problem ?? description ?? ''}
      </p>
    </div>
  );
}

interface FieldProps {
  /** The input's name; with the path it identifies the field. */
  name: string;
  label: ComponentChildren;
  path: string;
  shape: Shape;
  draft: Draft;
  description?: string | undefined;
  problems: Record<string, string>;
  project: string;
  domain: string;
  onDraft: (draft: Draft) => void;
}

function Field(props: FieldProps) {
  const { name, label, path, shape, draft, description, problems, onDraft } = props;
  const problem = problems[path];
  const id = `field-${name}${path}`;
  if (typeof draft === 'string') {
    if (shape.kind === 'none') {
      return null;
    }
    return (
      <Labelled id={id} label={label} problem={problem} description={description}>
        {aria => <Scalar {...props} aria={aria} text={draft} />}
      </Labelled>
    );
  }
  return (
    <fieldset class={`field${problem ? ' wrong' : ''}`}>
      <legend>{label}</legend>
      {(problem || description) && <p class={problem ? 'wrong' : 'quiet'}>{problem ?? description}</p>}
      {'items' in draft && shape.kind === 'list' && <Items {...props} item={shape.item} items={draft.items} />}
      {'entries' in draft && shape.kind === 'map' && <Entries {...props} value={shape.value} entries={draft.entries} />}
      {'fields' in draft &&
        shape.kind === 'record' &&
        shape.fields.map(field => (
          <RecordField
            key={field.name}
            {...props}
            label={
              <>
                {field.name} <span class="type">{shapeText(field.shape)}</span>
                {field.isRequired && <span class="type"> required</span>}
              </>
            }
            fieldName={field.name}
            path={`${path}.${field.name}`}
            shape={field.shape}
            given={draft.fields[field.name] ?? null}
            description={field.description}
            isRequired={field.isRequired}
            onGiven={value => onDraft({ fields: { ...draft.fields, [field.name]: value } })}
          />
        ))}
      {'variant' in draft && shape.kind === 'union' && <Union {...props} id={id} variants={shape.variants} variant={draft.variant} value={draft.value} />}
    </fieldset>
  );
}

interface RecordFieldProps extends Omit<FieldProps, 'draft' | 'onDraft'> {
  fieldName: string;
  given: Draft | null;
  isRequired: boolean;
  onGiven: (draft: Draft | null) => void;
}

/** A field of a dataclass, or what stands for it while it is left to the default that the class has. */
function RecordField({ fieldName, given, isRequired, onGiven, ...rest }: RecordFieldProps) {
  if (given === null) {
    return (
      <p class="left-out">
        {rest.label} <span class="quiet">as the class has it</span>{' '}
        <button type="button" class="ghost small" aria-label={`Set ${fieldName}`} onClick={() => onGiven(emptyDraft(rest.shape))}>
          set
        </button>
      </p>
    );
  }
  return (
    <div class="given">
      <Field {...rest} draft={given} onDraft={onGiven} />
      {!isRequired && (
        <button type="button" class="ghost small" aria-label={`Leave out ${fieldName}`} onClick={() => onGiven(null)}>
          ✕
        </button>
      )}
    </div>
  );
}

function Items({ item, items, ...props }: FieldProps & { item: Shape; items: Draft[] }) {
  return (
    <>
      {items.map((each, i) => (
        <div key={i} class="given">
          <Field
            {...props}
            label={`[${i}]`}
            path={`${props.path}[${i}]`}
            shape={item}
            draft={each}
            description=""
            onDraft={value => props.onDraft({ items: items.with(i, value) })}
          />
          <button type="button" class="ghost small" aria-label={`Remove item ${i} of ${props.name}${props.path}`} onClick={() => props.onDraft({ items: items.toSpliced(i, 1) })}>
            ✕
          </button>
        </div>
      ))}
      <button type="button" class="small" aria-label={`Add an item to ${props.name}${props.path}`} onClick={() => props.onDraft({ items: [...items, emptyDraft(item)] })}>
        Add an item
      </button>
    </>
  );
}

function Entries({ value, entries, ...props }: FieldProps & { value: Shape; entries: { name: string; value: Draft }[] }) {
  const change = (i: number, changed: Partial<{ name: string; value: Draft }>) => props.onDraft({ entries: entries.with(i, { ...entries[i]!, ...changed }) });
  return (
    <>
      {entries.map((each, i) => (
        <div key={i} class="given">
          <div class="entry">
            <Labelled id={`field-${props.name}${props.path}-key-${i}`} label="key" problem={undefined}>
              {aria => <input {...aria} type="text" value={each.name} onInput={event => change(i, { name: event.currentTarget.value })} />}
            </Labelled>
            <Field {...props} label="value" path={`${props.path}[${i}]`} shape={value} draft={each.value} description="" onDraft={draft => change(i, { value: draft })} />
          </div>
          <button type="button" class="ghost small" aria-label={`Remove entry ${i} of ${props.name}${props.path}`} onClick={() => props.onDraft({ entries: entries.toSpliced(i, 1) })}>
            ✕
          </button>
        </div>
      ))}
      <button
        type="button"
        class="small"
        aria-label={`Add an entry to ${props.name}${props.path}`}
        onClick={() => props.onDraft({ entries: [...entries, { name: '', value: emptyDraft(value) }] })}
      >
        Add an entry
      </button>
    </>
  );
}

function Union({ id, variants, variant, value, ...props }: FieldProps & { id: string; variants: Shape[]; variant: number; value: Draft }) {
  return (
    <>
      <select
        id={`${id}-type`}
        aria-label={`Type of ${props.name}${props.path}`}
        value={String(variant)}
        onChange={event => {
          const chosen = Number(event.currentTarget.value);
          props.onDraft({ variant: chosen, value: emptyDraft(variants[chosen]!) });
        }}
      >
        {variants.map((each, i) => (
          <option key={i} value={String(i)}>
            {shapeText(each)}
          </option>
        ))}
      </select>
      <Field {...props} label="value" shape={variants[variant]!} draft={value} description="" onDraft={changed => props.onDraft({ variant, value: changed })} />
    </>
  );
}

function Scalar({ name, path, shape, text, aria, project, domain, onDraft }: FieldProps & { text: string; aria: Aria }) {
  switch (shape.kind) {
    case 'boolean':
    case 'choice':
      return (
        <select {...aria} value={text} onChange={event => onDraft(event.currentTarget.value)}>
          <option value="">choose…</option>
          {(shape.kind === 'choice' ? shape.values.map(String) : ['true', 'false']).map(value => (
            <option key={value}>{value}</option>
          ))}
        </select>
      );
    case 'json':
      return (
        <textarea {...aria} rows={Math.min(12, Math.max(2, text.split('\n').length))} spellcheck={false} value={text} placeholder="JSON" onInput={event => onDraft(event.currentTarget.value)} />
      );
    case 'address':
      return (
        <>
          <input {...aria} type="text" value={text} placeholder="address, such as s3://bucket/file" onInput={event => onDraft(event.currentTarget.value)} />
          {shape.takesUpload && <Upload name={name + path} project={project} domain={domain} onUploaded={onDraft} />}
        </>
      );
    default:
      return <input {...aria} type="text" dir="auto" value={text} placeholder={HINTS[shape.kind] ?? ''} onInput={event => onDraft(event.currentTarget.value)} />;
  }
}

const HINTS: Record<string, string> = { datetime: '2026-11-30T12:00:00Z', duration: '1h 30m', integer: '0', number: '0.5' };

function Upload({ name, project, domain, onUploaded }: { name: string; project: string; domain: string; onUploaded: (uri: string) => void }) {
  const said = useSignal('');
  const send = async (file: File) => {
    said.value = 'uploading…';
    try {
      onUploaded(await upload(project, domain, file));
      said.value = `${file.name} is uploaded`;
    } catch (e) {
      said.value = `not uploaded: ${(e as Error).message}`;
    }
  };
  return (
    <span class="upload">
      <input type="file" aria-label={`Upload a file for ${name}`} onChange={event => event.currentTarget.files?.[0] && send(event.currentTarget.files[0])} />
      <span class="quiet" role="status">
        {said.value}
      </span>
    </span>
  );
}
