import type { Phase } from '../lib/phase';

// One shape for each phase, drawn in a square of 16.
const SHAPES: Record<Phase, preact.JSX.Element> = {
  succeeded: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="m4.8 8.2 2.2 2.2 4.2-4.6" class="ink" />
    </>
  ),
  recovered: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M5 6h4a2.2 2.2 0 0 1 0 4.6H6M6.8 4 4.8 6l2 2" class="ink" />
    </>
  ),
  failed: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" class="fill" />
      <path d="m5.5 5.5 5 5m0-5-5 5" class="ink" />
    </>
  ),
  'timed out': (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" class="fill" />
      <path d="M8 4.5V8l2.4 1.8" class="ink" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6" class="track" />
      <path d="M8 2a6 6 0 0 1 6 6" class="line spin" />
    </>
  ),
  queued: <circle cx="8" cy="8" r="6" class="line" stroke-dasharray="2.4 2.3" />,
  waiting: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M6.2 5v6m3.6-6v6" class="ink" />
    </>
  ),
  stopping: (
    <>
      <circle cx="8" cy="8" r="6" class="line" />
      <rect x="5.5" y="5.5" width="5" height="5" class="fill" />
    </>
  ),
  aborted: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="2" class="fill" />
      <path d="m5 11 6-6" class="ink" />
    </>
  ),
  skipped: <path d="m3.5 4 4 4-4 4m5-8 4 4-4 4" class="line" />,
  'not run': <circle cx="8" cy="8" r="2.4" class="fill" />,
};

export const name = (phase: Phase) => phase.replace(' ', '-');

export function PhaseIcon({ phase }: { phase: Phase }) {
  return (
    <svg class={`icon p-${name(phase)}`} viewBox="0 0 16 16" role="img" aria-label={phase}>
      {SHAPES[phase]}
    </svg>
  );
}

export function PhaseBadge({ phase }: { phase: Phase }) {
  return (
    <span class={`badge p-${name(phase)}`}>
      <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[phase]}
      </svg>
      {phase}
    </span>
  );
}
