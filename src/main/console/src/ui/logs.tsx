// A log: its end first, earlier parts on demand, and what is written while the attempt runs.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { bytes, count } from '../lib/format';

const PART = 128 * 1024;
const BETWEEN_LOOKS = 1000;

/** The path of a log on this server; null if another one has it. */
export function ownPath(uri: string): string | null {
  try {
    const url = new URL(uri, location.href);
    return url.pathname.startsWith('/logs/') ? url.pathname : null;
  } catch {
    return null;
  }
}

export function Log({ path, isActive }: { path: string; isActive: boolean }) {
  const text = useSignal('');
  const start = useSignal(0);
  const said = useSignal('loading…');
  const search = useSignal('');
  const box = useRef<HTMLPreElement>(null);
  const end = useRef(0);

  const read = async (from: number, to: number | '') => {
    const answer = await fetch(path, { headers: { range: `bytes=${from}-${to === '' ? '' : to - 1}` } });
    if (answer.status === 416) {
      return '';
    }
    if (!answer.ok) {
      throw new Error(answer.status === 404 ? 'There is no log yet.' : `The log can't be read: ${answer.status}`);
    }
    return answer.text();
  };

  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    end.current = 0;
    const look = async () => {
      try {
        const size = Number((await fetch(path, { method: 'HEAD' })).headers.get('content-length') ?? 0);
        if (stopped) {
          return;
        }
        if (end.current === 0) {
          start.value = Math.max(0, size - PART);
          text.value = '';
        }
        if (size > end.current) {
          const from = end.current || start.value;
          const follows = box.current ? box.current.scrollTop + box.current.clientHeight >= box.current.scrollHeight - 20 : true;
          const more = await read(from, size);
          end.current = size;
          text.value += more;
          if (follows) {
            requestAnimationFrame(() => box.current && (box.current.scrollTop = box.current.scrollHeight));
          }
        }
        said.value = text.value.trim() === '' ? 'The log is empty.' : '';
      } catch (e) {
        said.value = (e as Error).message;
      }
      if (isActive && !stopped) {
        timer = setTimeout(look, BETWEEN_LOOKS);
      }
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [path, isActive]);

  const earlier = async () => {
    const from = Math.max(0, start.value - PART);
    text.value = (await read(from, start.value)) + text.value;
    start.value = from;
  };

  const wanted = search.value.toLowerCase();
  const lines = wanted ? text.value.split('\n').filter(line => line.toLowerCase().includes(wanted)) : null;
  return (
    <div class="log">
      <div class="log-head">
        <input type="search" placeholder="Search the log" aria-label="Search the log" value={search.value} onInput={event => (search.value = event.currentTarget.value)} />
        {lines && <span class="quiet">{count(lines.length, 'line')}</span>}
        <a href={path} target="_blank" rel="noreferrer">
          whole
        </a>
      </div>
      {start.value > 0 && (
        <button type="button" class="ghost small" onClick={earlier}>
          {bytes(start.value)} before
        </button>
      )}
      <pre ref={box} tabIndex={0} aria-label="Log" dir="auto">
        {lines ? lines.join('\n') : said.value || text.value}
      </pre>
    </div>
  );
}
