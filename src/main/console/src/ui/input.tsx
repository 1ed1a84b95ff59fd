// A field for a value of any type of Flyte.
import { useSignal } from '@preact/signals';
import { upload } from '../lib/api';
import { isStructured } from '../lib/input';
import { typeText } from '../lib/literal';

type Json = Record<string, any>;

interface Props {
  name: string;
  type: Json;
  text: string;
  required?: boolean;
  description?: string;
  problem?: string;
  project: string;
  domain: string;
  onText: (text: string) => void;
}

export function Field({ name, type, text, required, description, problem, project, domain, onText }: Props) {
  const id = `field-${name}`;
  const isFile = type['blob'] && type['blob'].dimensionality !== 'MULTIPART';
  const aria = { id, 'aria-invalid': !!problem, 'aria-describedby': `${id}-said` };
  return (
    <div class={`field${problem ? ' wrong' : ''}`}>
      <label for={id}>
        {name} <span class="type">{typeText(type)}</span>
        {required && <span class="type"> required</span>}
      </label>
      {type['simple'] === 'BOOLEAN' || type['enumType'] ? (
        <select {...aria} value={text} onChange={event => onText(event.currentTarget.value)}>
          <option value="">choose…</option>
          {(type['enumType']?.values ?? ['true', 'false']).map((value: string) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      ) : isStructured(type) ? (
        <textarea {...aria} rows={Math.min(12, Math.max(2, text.split('\n').length))} spellcheck={false} value={text} placeholder="JSON" onInput={event => onText(event.currentTarget.value)} />
      ) : (
        <input {...aria} type="text" value={text} placeholder={hint(type)} onInput={event => onText(event.currentTarget.value)} />
      )}
      {isFile && <Upload name={name} project={project} domain={domain} onUploaded={onText} />}
      <p id={`${id}-said`} class={problem ? 'wrong' : 'quiet'}>
        {problem ?? description ?? ''}
      </p>
    </div>
  );
}

function hint(type: Json): string {
  const hints: Record<string, string> = { DATETIME: '2026-11-30T12:00:00Z', DURATION: '1h 30m', INTEGER: '0', FLOAT: '0.5' };
  return type['blob'] || type['structuredDatasetType'] || type['schema'] ? 'address, such as s3://bucket/file' : (hints[type['simple']] ?? '');
}

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
