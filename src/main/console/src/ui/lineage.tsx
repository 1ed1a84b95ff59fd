// Where a node's inputs come from, and where its outputs go.
import { api } from '../lib/api';
import type { ExecutionModel } from '../lib/model';
import { useAnswer } from './basics';

interface Way {
  input: string;
  path: string;
  output: string;
}

export function Lineage({ model, path, onChoose }: { model: ExecutionModel; path: string; onChoose: (path: string | null) => void }) {
  const { data } = useAnswer<{ from: Way[]; to: Way[] }>(api.columns(model.id, `/lineage?node=${encodeURIComponent(path)}`));
  if (!data || data.from.length + data.to.length === 0) {
    return null;
  }
  const node = (way: Way, whole: string) =>
    way.path === '' ? (
      <span class="quiet">{whole}</span>
    ) : (
      <button type="button" class="linklike" onClick={() => onChoose(way.path)}>
        {model.byPath.get(way.path)?.name ?? way.path}
      </button>
    );
  return (
    <section class="lineage" aria-label="Lineage">
      {data.from.length > 0 && (
        <>
          <h3>Comes from</h3>
          <ul>
            {data.from.map(way => (
              <li key={`${way.input} ${way.path} ${way.output}`}>
                <span class="mono">{way.input}</span> ← {node(way, 'the inputs of the execution')} <span class="mono quiet">{way.output}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {data.to.length > 0 && (
        <>
          <h3>Goes to</h3>
          <ul>
            {data.to.map(way => (
              <li key={`${way.output} ${way.path} ${way.input}`}>
                <span class="mono">{way.output}</span> → {node(way, 'the outputs of the execution')} <span class="mono quiet">{way.input}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
