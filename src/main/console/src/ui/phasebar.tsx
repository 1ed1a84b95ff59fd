import { type Phase, PHASES } from '../lib/phase';
import { name, PhaseIcon } from './phase';

/** How many there are in each phase: as a bar, and as buttons that show only those. */
export function PhaseBar({ counts, only, onOnly }: { counts: Map<Phase, number>; only: Phase | null; onOnly: (phase: Phase | null) => void }) {
  const present = PHASES.filter(phase => (counts.get(phase) ?? 0) > 0);
  const total = present.reduce((sum, phase) => sum + counts.get(phase)!, 0);
  if (total === 0) {
    return null;
  }
  return (
    <div class="phase-bar">
      <div class="stack" aria-hidden="true">
        {present.map(phase => (
          <span key={phase} class={`p-${name(phase)}`} style={{ flexGrow: counts.get(phase)! }} />
        ))}
      </div>
      <div class="choices" role="group" aria-label="Phases">
        {present.map(phase => (
          <button key={phase} type="button" class="small" aria-pressed={only === phase} onClick={() => onOnly(only === phase ? null : phase)}>
            <PhaseIcon phase={phase} /> {counts.get(phase)!.toLocaleString()} {phase}
          </button>
        ))}
      </div>
    </div>
  );
}
