// The engine itself: what it does now, from the figures that it gives to Prometheus.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { count } from '../lib/format';
import { useAnswer } from '../ui/basics';

interface Sample {
  name: string;
  labels: string;
  value: number;
}

const BETWEEN_LOOKS = 2000;

function parse(text: string): { samples: Sample[]; help: Map<string, string> } {
  const samples: Sample[] = [];
  const help = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) {
      const [name, ...words] = line.slice(7).split(' ');
      help.set(name!, words.join(' '));
    } else if (line && !line.startsWith('#')) {
      const match = /^([\w:]+)(\{.*\})? (\S+)/.exec(line);
      if (match) {
        samples.push({ name: match[1]!, labels: match[2] ?? '', value: Number(match[3]) });
      }
    }
  }
  return { samples, help };
}

export function EnginePage() {
  const now = useSignal<{ samples: Sample[]; help: Map<string, string>; at: number } | null>(null);
  const before = useSignal<{ samples: Sample[]; at: number } | null>(null);
  const problem = useSignal('');
  const search = useSignal('');
  const version = useAnswer<{ controlPlaneVersion: { Version?: string; version?: string } }>('/api/v1/version').data;
  useEffect(() => {
    const look = async () => {
      try {
        const answer = await fetch('/metrics');
        before.value = now.value;
        now.value = { ...parse(await answer.text()), at: Date.now() };
        problem.value = '';
      } catch {
        problem.value = 'The engine does not answer.';
      }
    };
    void look();
    const timer = setInterval(look, BETWEEN_LOOKS);
    return () => clearInterval(timer);
  }, []);
  const old = new Map(before.value?.samples.map(sample => [sample.name + sample.labels, sample.value]));
  const passed = now.value && before.value ? (now.value.at - before.value.at) / 1000 : 0;
  const text = search.value.toLowerCase();
  const shown = now.value?.samples.filter(sample => !sample.name.endsWith('_bucket') && (sample.name + sample.labels).toLowerCase().includes(text)) ?? [];
  return (
    <main class="page">
      <div class="page-head">
        <h1>Engine</h1>
        <span class="spacer" />
        <span class="quiet mono">{version?.controlPlaneVersion?.Version ?? version?.controlPlaneVersion?.version}</span>
      </div>
      {problem.value && <p class="problem" role="alert">{problem.value}</p>}
      <div class="filters">
        <input id="search" type="search" class="wide" placeholder="Search figures" aria-label="Search figures" value={search.value} onInput={event => (search.value = event.currentTarget.value)} />
        <span class="quiet">{count(shown.length, 'figure')}, each two seconds</span>
      </div>
      <table class="list figures">
        <thead>
          <tr>
            <th>Figure</th>
            <th class="number">Now</th>
            <th class="number">a second</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(sample => {
            const key = sample.name + sample.labels;
            const rate = passed > 0 && /_(total|count|sum)$/.test(sample.name) ? (sample.value - (old.get(key) ?? sample.value)) / passed : null;
            return (
              <tr key={key} title={now.value?.help.get(sample.name)}>
                <td class="mono">
                  {sample.name}
                  <span class="quiet">{sample.labels}</span>
                </td>
                <td class="number mono">{figure(sample.value)}</td>
                <td class="number mono">{rate === null ? '' : figure(rate)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </main>
  );
}

function figure(value: number): string {
  if (!Number.isFinite(value)) {
    return '';
  }
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString() : String(Number(value.toPrecision(4)));
}
