/**
 * A learner's yoked twin: the same learner, the same decisions to be made, the same rewards, but not for what it did.
 * Transitions are held until a block is full, the rewards of the block are permuted among them, and all are learnt in
 * the order in which they were. What the learner does better than its twin, it owes to what it was told.
 *
 * After the yoked control of learning experiments (Church 1964, Psychological Review 71(2)).
 */
import { createRandomStream, InputError, TOKENS } from '@ligature/core';
import type { Controller, ControllerContext, LearningReport, Snapshot, Transition } from '@ligature/core';
import { z } from 'zod';
import { readState } from './state.js';

export const yokedOptionsSchema = z.strictObject({
  controller: z.string().min(1).default('q-learning').describe('the learner, by name'),
  with: z.record(z.string(), z.unknown()).default({}).describe("the learner's options"),
  block: z
    .number()
    .int()
    .min(2)
    .max(100_000)
    .default(16)
    .describe('windows whose rewards are permuted among each other, and learnt from when the last has ended'),
});

export type YokedOptions = z.output<typeof yokedOptionsSchema>;

/** @throws InputError (`yoked-learner`) for a controller that learns nothing; whatever making the learner throws */
export async function createYoked(options: YokedOptions, context: ControllerContext): Promise<Controller> {
  const { controller: name, with: own, block } = options;
  // One around itself would make another one of itself without end.
  if (name === 'yoked') throw refused(name, 'it is the control itself');
  const learner = await context.get(TOKENS.createController)(name, own);
  if (!learner.learn) {
    await learner.dispose?.();
    throw refused(name, 'it learns nothing, so there is nothing to keep from it');
  }
  return yoked(learner, block, context.seed);
}

function yoked(learner: Controller, block: number, seed: number): Controller {
  const random = createRandomStream(seed, 'yoked');
  let held: readonly Transition[] = [];

  const learn = async (transition: Transition): Promise<LearningReport | undefined> => {
    held = [...held, transition];
    if (held.length < block) return undefined;
    const full = held;
    held = [];
    const rewards = random.shuffle(full.map(({ reward }) => reward));
    let last: LearningReport | undefined;
    for (const [at, one] of full.entries()) {
      const report = await learner.learn?.(Object.freeze({ ...one, reward: rewards[at]! }));
      last = report ?? last;
    }
    return last;
  };

  // What the learner leaves out is left to whoever asks, as without its twin.
  return {
    ...(learner.initial && { initial: (layers) => learner.initial!(layers) }),
    ...(learner.turn && { turn: (window, scope) => learner.turn!(window, scope) }),
    ...(learner.wants && { wants: (observation) => learner.wants!(observation) }),
    ...(learner.decide && { decide: (observation, stream) => learner.decide!(observation, stream) }),
    learn,
    snapshot: () => ({
      learner: learner.snapshot(),
      held: held as unknown as Snapshot,
      random: random.snapshot(),
    }),
    restore(state) {
      const saved = readState(state, block);
      random.restore(saved.random);
      learner.restore(saved.learner);
      held = saved.held;
    },
    ...(learner.dispose && { dispose: () => learner.dispose!() }),
  };
}

const refused = (name: string, found: string): InputError =>
  new InputError('yoked-learner', {
    asked: `Feed the controller "${name}" with permuted rewards`,
    found,
    todo: 'Name a controller that learns, such as q-learning or bandit',
  });
