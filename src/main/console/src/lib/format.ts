// Numbers and times for people.

/** A duration in microseconds, in three digits or so: 340 µs, 12.3 ms, 4.05 s, 2 m 05 s. */
export function duration(micros: number | undefined | null): string {
  if (micros === undefined || micros === null || Number.isNaN(micros)) {
    return '';
  }
  if (micros < 0) {
    return '0';
  }
  if (micros < 1000) {
    return `${Math.round(micros)} µs`;
  }
  if (micros < 1e6) {
    return `${digits(micros / 1e3)} ms`;
  }
  if (micros < 60e6) {
    return `${digits(micros / 1e6)} s`;
  }
  const seconds = Math.floor(micros / 1e6);
  const [d, h, m, s] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  if (d > 0) {
    return `${d} d ${h} h`;
  }
  return h > 0 ? `${h} h ${pad(m)} m` : `${m} m ${pad(s)} s`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const pad = (value: number) => String(value).padStart(2, '0');

/** The microseconds of a duration in Flyte's JSON: "0.854495s". */
export function seconds(text: string | undefined): number | undefined {
  return text ? Math.round(parseFloat(text) * 1e6) : undefined;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const YEAR = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', year: 'numeric' });

/** A moment in the browser's zone: the time alone if it is today. */
export function moment(date: Date): string {
  const now = new Date();
  if (date.toDateString() === now.toDateString()) {
    return TIME.format(date);
  }
  return `${(date.getFullYear() === now.getFullYear() ? DAY : YEAR).format(date)}, ${TIME.format(date)}`;
}

/** The same moment, exactly, in both zones: for a title. */
export function exact(date: Date): string {
  return `${date.toLocaleString()} here\n${date.toISOString()} (UTC)`;
}

/** How long ago: 5 s, 12 min, 3 h, 2 d. */
export function ago(millis: number): string {
  const s = Math.max(0, millis / 1000);
  if (s < 60) {
    return `${Math.floor(s)} s ago`;
  }
  if (s < 3600) {
    return `${Math.floor(s / 60)} min ago`;
  }
  return s < 86400 ? `${Math.floor(s / 3600)} h ago` : `${Math.floor(s / 86400)} d ago`;
}

export function bytes(count: number): string {
  if (count < 1024) {
    return `${count} B`;
  }
  return count < 1 << 20 ? `${digits(count / 1024)} KiB` : `${digits(count / (1 << 20))} MiB`;
}

export const count = (n: number, one: string, many = one + 's') => `${n.toLocaleString()} ${n === 1 ? one : many}`;
