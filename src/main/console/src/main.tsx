import { signal, useSignal } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { go, link, path, paths, query } from './lib/router';
import { ComparePage } from './pages/compare';
import { Definition, Definitions, type Kind, TITLES } from './pages/definitions';
import { EnginePage } from './pages/engine';
import { ExecutionPage } from './pages/execution';
import { Executions } from './pages/executions';
import { Dialog, Empty, useAnswer } from './ui/basics';
import './style.css';

type Theme = 'light' | 'dark' | '';

const theme = signal<Theme>((localStorage.getItem('theme') as Theme) ?? '');
theme.subscribe(chosen => {
  if (chosen) {
    document.documentElement.dataset['theme'] = chosen;
    localStorage.setItem('theme', chosen);
  } else {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem('theme');
  }
});

/** The project and domain of the pages that are about none. */
const place = signal<{ project: string; domain: string }>(JSON.parse(localStorage.getItem('place') ?? 'null') ?? { project: 'flytesnacks', domain: 'development' });

function settle(project: string, domain: string) {
  if (place.value.project !== project || place.value.domain !== domain) {
    place.value = { project, domain };
    localStorage.setItem('place', JSON.stringify(place.value));
  }
}

const d = decodeURIComponent;
const KINDS: Record<string, Kind> = {
  workflow: 'workflow',
  workflows: 'workflow',
  task: 'task',
  tasks: 'task',
  launch_plan: 'launch_plan',
  launch_plans: 'launch_plan',
  launchPlans: 'launch_plan',
};

/** What is shown at a path; also at those of flyteconsole. */
function page() {
  const parts = path.value.split('/').filter(Boolean).map(d);
  const [first, project, third, domain, what, name, version] = parts;
  if (parts.length === 0 || first === 'select-project') {
    return { place: place.value, section: 'executions', content: () => <Executions {...place.value} /> };
  }
  if (first === 'engine') {
    return { place: place.value, section: 'engine', content: () => <EnginePage /> };
  }
  if (first !== 'projects' || !project) {
    return null;
  }
  if (third !== 'domains') {
    // flyteconsole: /projects/{project}/executions?domain={domain}
    const asked = query.value.get('domain') ?? place.value.domain;
    return { to: third && KINDS[third] ? paths.definitions(project, asked, KINDS[third]!) : paths.executions(project, asked) };
  }
  if (!domain) {
    return { to: paths.executions(project, place.value.domain) };
  }
  const here = { project, domain };
  if (!what || (what === 'executions' && !name)) {
    return { place: here, section: 'executions', content: () => <Executions {...here} /> };
  }
  if (what === 'executions') {
    // flyteconsole: …/executions/{name}/nodeId/{node}/nodes
    return parts[6] === 'nodeId' && parts[7]
      ? { to: paths.execution({ ...here, name: name! }, parts[7]) }
      : { place: here, section: 'executions', content: () => <ExecutionPage id={{ ...here, name: name! }} /> };
  }
  if (what === 'compare') {
    return { place: here, section: 'executions', content: () => <ComparePage {...here} /> };
  }
  const kind = KINDS[what];
  if (!kind) {
    return null;
  }
  if (!name) {
    return { place: here, section: kind, content: () => <Definitions kind={kind} {...here} /> };
  }
  return {
    place: here,
    section: kind,
    content: () => <Definition key={name} kind={kind} id={{ ...here, name }} version={version === 'version' ? parts[7] : undefined} />,
  };
}

interface Projects {
  projects: { id: string; name: string; domains: { id: string }[] }[];
}

function Console() {
  const shown = page();
  const help = useSignal(false);
  useEffect(() => {
    if (shown && 'to' in shown && shown.to) {
      go(shown.to, true);
    } else if (shown?.place) {
      settle(shown.place.project, shown.place.domain);
    }
  });
  useEffect(() => {
    let leading = 0;
    const keys = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (target.closest('input, textarea, select, dialog') || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const { project, domain } = place.value;
      if (Date.now() - leading < 1000) {
        leading = 0;
        const to: Record<string, string> = {
          e: paths.executions(project, domain),
          w: paths.definitions(project, domain, 'workflow'),
          t: paths.definitions(project, domain, 'task'),
          l: paths.definitions(project, domain, 'launch_plan'),
          s: '/engine',
        };
        if (to[event.key]) {
          event.preventDefault();
          go(to[event.key]!);
        }
        return;
      }
      if (event.key === 'g') {
        leading = Date.now();
      } else if (event.key === '/') {
        event.preventDefault();
        document.getElementById('search')?.focus();
      } else if (event.key === '?') {
        help.value = true;
      } else if ((event.key === 'j' || event.key === 'k') && document.querySelector('table.list')) {
        step(event.key === 'j' ? 1 : -1);
      }
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, []);
  const here = shown?.place ?? place.value;
  return (
    <>
      <Bar place={here} section={shown && 'section' in shown ? (shown.section ?? '') : ''} onHelp={() => (help.value = true)} />
      {shown && 'content' in shown && shown.content ? shown.content() : !shown && <NotFound />}
      {help.value && <Help onClose={() => (help.value = false)} />}
    </>
  );
}

/** Moves through the links of a list. */
function step(by: number) {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('table.list tbody tr a:first-of-type')].filter(each => each.closest('td')?.querySelector('a') === each && !each.closest('td')?.previousElementSibling?.querySelector('a'));
  const at = links.findIndex(each => each === document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

function Bar({ place: { project, domain }, section, onHelp }: { place: { project: string; domain: string }; section: string; onHelp: () => void }) {
  const projects = useAnswer<Projects>('/api/v1/projects?limit=100').data?.projects ?? [];
  const domains = projects.find(each => each.id === project)?.domains.map(each => each.id) ?? [domain];
  const move = (to: string, within: string) => go(section && section in TITLES ? paths.definitions(to, within, section) : paths.executions(to, within));
  const entries: [string, string, string][] = [
    ['executions', 'Executions', paths.executions(project, domain)],
    ...(Object.entries(TITLES) as [Kind, string][]).map(([kind, title]): [string, string, string] => [kind, title, paths.definitions(project, domain, kind)]),
    ['engine', 'Engine', '/engine'],
  ];
  return (
    <header class="bar-top">
      <a class="logo" href={link('/')} aria-label="Turboprop">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="12" cy="12" r="2.2" />
          <path d="M12 9.8C9.5 7.8 9.3 4 11.2 1.5c2.6 1.8 3.3 5.4.8 8.3zM13.9 13.1c3-1.1 6.4.5 7.6 3.4-2.9 1.4-6.4.2-7.6-3.4zM10.1 13.1c.5 3.2-2.1 6-5.2 6.2.2-3.2 2-5.7 5.2-6.2z" />
        </svg>
        Turboprop
      </a>
      <select aria-label="Project" value={project} onChange={event => move(event.currentTarget.value, domain)}>
        {!projects.some(each => each.id === project) && <option>{project}</option>}
        {projects.map(each => (
          <option key={each.id} value={each.id}>
            {each.name || each.id}
          </option>
        ))}
      </select>
      <select aria-label="Domain" value={domain} onChange={event => move(project, event.currentTarget.value)}>
        {!domains.includes(domain) && <option>{domain}</option>}
        {domains.map(each => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <nav aria-label="Console">
        {entries.map(([id, title, to]) => (
          <a key={id} href={link(to)} aria-current={id === section ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <span class="spacer" />
      <ThemeSwitch />
      <button type="button" class="ghost" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
    </header>
  );
}

function ThemeSwitch() {
  const dark = theme.value === 'dark' || (theme.value === '' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <button type="button" class="ghost" aria-label={dark ? 'Light' : 'Dark'} title={dark ? 'Light' : 'Dark'} onClick={() => (theme.value = dark ? 'light' : 'dark')}>
      <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
        {dark ? (
          <path class="line" d="M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6z" />
        ) : (
          <path class="line" d="M13.5 9.7A6 6 0 0 1 6.3 2.5a6 6 0 1 0 7.2 7.2z" />
        )}
      </svg>
    </button>
  );
}

function Help({ onClose }: { onClose: () => void }) {
  const keys: [string, string][] = [
    ['/', 'search'],
    ['j k ↓ ↑', 'next and previous'],
    ['← →', 'close and open a node'],
    ['g e', 'executions'],
    ['g w', 'workflows'],
    ['g t', 'tasks'],
    ['g l', 'launch plans'],
    ['g s', 'the engine'],
    ['+ − 0', 'in a graph or a timeline: larger, smaller, all'],
    ['?', 'this'],
  ];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts">
        {keys.map(([key, what]) => (
          <>
            <dt class="mono">{key}</dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}

function NotFound() {
  return (
    <main class="page">
      <Empty>
        There is no such page. <a href={link('/')}>Executions</a>
      </Empty>
    </main>
  );
}

render(<Console />, document.getElementById('page')!);
