/**
 * A controller that always ties or never ties: its last decisions are all alike. A decision on one layer counts
 * once; a whole map counts once for each layer that could be tied; leaving everything as it is does not count.
 */
import type { DiagnosticsOptions } from './options.js';
import { z } from 'zod';
import { mean, percent, Recent, restoring, type Detector, type Verdict } from './detector.js';

export function habitDetector(options: DiagnosticsOptions['habit'], layers: number): Detector {
  const codes = ['always-ties', 'never-ties'] as const;
  const ties = new Recent<boolean>(Math.max(1, Math.ceil(options.sweeps * (layers - 1))), z.boolean());
  let wholeMap = false;

  function verdicts(): readonly Verdict[] {
    if (!ties.full) return [];
    const decisions = ties.items.length;
    const tied = mean(ties.items.map(Number));
    const verdict = (code: string, share: number, verb: string): Verdict => ({
      code,
      failing: share >= options.share,
      message: `${percent(share)} of the last ${decisions} decisions ${verb}: the controller no longer chooses`,
      evidence: { decisions, tiedShare: tied },
    });
    return [verdict(codes[0], tied, 'tie a layer'), verdict(codes[1], 1 - tied, 'make a layer independent')];
  }

  return {
    codes,
    observe(event) {
      if (event.type === 'tying.decided') {
        wholeMap = event.kind === 'map';
        if (event.kind !== 'layer' || event.layer === null || event.source === null) return [];
        ties.push(event.source < event.layer);
        return verdicts();
      }
      if (event.type === 'tying.applied' && wholeMap) {
        event.tieMap.slice(1).forEach((source, i) => ties.push(source <= i));
        return verdicts();
      }
      return [];
    },
    snapshot: () => ({ ties: ties.snapshot(), wholeMap }),
    restore: restoring('habits', z.strictObject({ ties: ties.schema, wholeMap: z.boolean() }), (saved) => {
      ties.restore(saved.ties);
      ({ wholeMap } = saved);
    }),
  };
}
