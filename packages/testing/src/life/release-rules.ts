/** When it is over, nothing of it is left. */
import { withAmbient } from '../harness/ambient.js';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { countTensors } from '../harness/tensors.js';
import type { LifeSubject, Words } from './life-rules.js';
import { playWhole, SEED } from './life.js';

export function releaseRules({ thing }: Words): RuleSpec<LifeSubject>[] {
  return [
    {
      id: 'tensors-released',
      must: 'at its end it holds no tensors',
      why: 'Tensors are not collected: what each run leaves behind, a server piles up until memory is full',
      mend: `Use tf.tidy, and dispose what the ${thing} keeps when it ends`,
      check: async ({ stage, calls, played }) => {
        const set = await stage();
        // What is made once and kept, such as a constant of the module, is no leak.
        await played();
        const before = countTensors();
        await playWhole(set, { seed: SEED, calls, script: set.scripts[0]! });
        const left = countTensors() - before;
        if (left > 0) broken(`${left} ${left === 1 ? 'tensor is' : 'tensors are'} left`);
      },
    },
    {
      id: 'timers-released',
      must: 'at its end none of its timers is running',
      why: 'A timer keeps the process from ending, and works on when its run is over',
      mend: `Clear it with clearTimeout or clearInterval when the ${thing} ends`,
      check: async ({ stage, calls }) => {
        const set = await stage();
        await withAmbient(async (ambient) => {
          const scene = { seed: SEED, calls: calls.watchedBy(ambient), script: set.scripts[0]! };
          await playWhole(set, scene);
          const [place] = ambient.timers;
          if (place !== undefined) broken(`a timer runs on, started at ${place}`);
        });
      },
    },
  ];
}
