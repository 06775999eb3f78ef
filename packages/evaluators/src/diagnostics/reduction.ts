/**
 * Little parameter reduction despite many decisions: after some sweeps the parameters saved, on average over the
 * decisions looked at, are a small share of the untied stack's. Embeddings count, as they do for who stores it.
 */
import type { DiagnosticsOptions } from './options.js';
import { z } from 'zod';
import { mean, percent, Recent, restoring, type Detector, type Verdict } from './detector.js';

export function reductionDetector(options: DiagnosticsOptions['reduction'], layers: number): Detector {
  const code = 'little-reduction';
  const saved = new Recent<number>(Math.max(1, Math.ceil(options.sweeps * (layers - 1))), z.number());
  let decisions = 0;
  let deciding = false;
  return {
    codes: [code],
    observe(event): readonly Verdict[] {
      if (event.type === 'tying.decided') {
        deciding = event.kind !== 'keep';
        if (deciding) decisions += event.kind === 'map' ? layers - 1 : 1;
      }
      if (event.type !== 'tying.applied' || !deciding) return [];
      const { uniqueParameters, totalParameters, independentLayers } = event.ledger;
      saved.push(1 - uniqueParameters / totalParameters);
      if (decisions < saved.size) return [];
      const reduction = mean(saved.items);
      return [
        {
          code,
          failing: reduction <= options.share,
          message:
            `${decisions} decisions save ${percent(reduction)} of the parameters: ` +
            `${independentLayers} of ${layers} layers are independent now`,
          evidence: { decisions, reduction, independentLayers },
        },
      ];
    },
    snapshot: () => ({ saved: saved.snapshot(), decisions, deciding }),
    restore: restoring(
      'reduction',
      z.strictObject({ saved: saved.schema, decisions: z.int().min(0), deciding: z.boolean() }),
      (state) => {
        saved.restore(state.saved);
        ({ decisions, deciding } = state);
      },
    ),
  };
}
