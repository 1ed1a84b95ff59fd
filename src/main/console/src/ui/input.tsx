// A field for a value of any type of Flyte.
import { useSignal } from '@preact/signals';
import { post } from '../lib/api';
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
      {isFile && <Upload project={project} domain={domain} onUploaded={onText} />}
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

function Upload({ project, domain, onUploaded }: { project: string; domain: string; onUploaded: (uri: string) => void }) {
  const said = useSignal('');
  const upload = async (file: File) => {
    said.value = 'uploading…';
    try {
      const place = await post<{ signedUrl: string; nativeUrl: string; headers?: Record<string, string> }>('/api/v1/dataproxy/artifact_urn', {
        project,
        domain,
        filename: file.name,
        filenameRoot: crypto.randomUUID().replaceAll('-', ''),
      });
      const url = new URL(place.signedUrl);
      const answer = await fetch(url.pathname + url.search, { method: 'PUT', body: file, headers: place.headers ?? {} });
      if (!answer.ok) {
        throw new Error(`the store answers ${answer.status}`);
      }
      onUploaded(place.nativeUrl);
      said.value = `${file.name} is uploaded`;
    } catch (e) {
      said.value = `not uploaded: ${(e as Error).message}`;
    }
  };
  return (
    <span class="upload">
      <input type="file" aria-label="Upload a file" onChange={event => event.currentTarget.files?.[0] && upload(event.currentTarget.files[0])} />
      <span class="quiet">{said.value}</span>
    </span>
  );
}
