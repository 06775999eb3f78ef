/** Whether training draws random numbers, and from where. */
import type { Mode } from '@ligature/core';
import { broken, Finding } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { show } from '../harness/show.js';
import { seedsFrom } from './seeds.js';
import type { ModelSubject, Setting } from './subject.js';

const stochasticHonest: RuleSpec<ModelSubject> = {
  id: 'stochastic-honest',
  must: 'model and heads say that they are stochastic exactly if a training pass asks for seeds; an evaluating one never does',
  why: 'A step that draws nothing is compiled and replayed; one that draws in silence would repeat its masks for ever',
  mend: 'Set `stochastic` from the same option that decides whether masks are drawn',
  check: async (subject) => {
    const { withHeads, fields, outputs, states, timeOf } = subject;
    const settings = [{}, ...((await refusal(subject)) === undefined ? [{ over: subject.noise }] : [])];
    for (const setting of settings) {
      await withHeads((whole) => {
        const { model, head, kind, weights } = whole;
        const given = fields({ time: timeOf(model) });
        const drawn = (training: boolean, compute: (mode: Mode) => unknown): number => {
          let count = 0;
          compute({ training, dropoutSeed: () => (count += 1) });
          return count;
        };
        const inside = (training: boolean): number =>
          drawn(training, (mode) => states(model, weights.view(), given, mode));
        const all = (training: boolean): number =>
          drawn(training, (mode) => outputs(whole, weights.view(), given, mode));
        const seeds = [inside(true), all(true) - inside(true)] as const;
        if (inside(false) + all(false) > 0) broken('it asks for seeds while evaluating');
        assertHonest('the model', model.stochastic, seeds[0]);
        assertHonest(`the head ${kind}`, head.stochastic ?? false, seeds[1]);
      }, setting);
    }
  },
};

function assertHonest(whose: string, stochastic: boolean, seeds: number): void {
  if (stochastic === seeds > 0) return;
  broken(
    `${whose} asks for ${seeds} seeds in a training pass, and says that stochastic is ${show(stochastic)}`,
  );
}

const dropoutSeeded: RuleSpec<ModelSubject> = {
  id: 'dropout-seeded',
  must: 'dropout is refused, or it is drawn from mode.dropoutSeed while training and is off while evaluating',
  why: 'A dropout that is silently ignored, or not seeded, makes a run something else than its configuration says',
  mend: 'Draw one seed for each mask from mode.dropoutSeed(); where the model has none, let it have no such option',
  check: async (subject) => {
    const { withHeads, fields, outputs, timeOf, noise } = subject;
    const refused = await refusal(subject);
    if (refused !== undefined) return `it refuses ${show(noise)}: ${refused}`;
    const plain = new Map<string, { evaluated: Float64Array; trained: Float64Array }>();
    await withHeads((whole) => {
      const given = fields({ time: timeOf(whole.model) });
      plain.set(whole.kind, {
        evaluated: outputs(whole, whole.weights.view(), given).values,
        trained: outputs(whole, whole.weights.view(), given, { training: true, dropoutSeed: seedsFrom(1) })
          .values,
      });
    });
    return withHeads(
      (whole) => {
        const given = fields({ time: timeOf(whole.model) });
        const trained = (seed: number): Float64Array =>
          outputs(whole, whole.weights.view(), given, { training: true, dropoutSeed: seedsFrom(seed) })
            .values;
        const [one, again, other] = [trained(1), trained(1), trained(1000)];
        const before = plain.get(whole.kind)!;
        if (!same(one, again, 0)) broken('with equal seeds the outputs differ');
        if (same(one, before.trained, 0)) broken(`with ${show(noise)} the outputs are what they are without`);
        if (same(one, other, 0)) broken('with other seeds the outputs stay the same');
        if (!same(outputs(whole, whole.weights.view(), given).values, before.evaluated, 1e-5)) {
          broken(`while evaluating, the outputs are not those of the model without ${show(noise)}`);
        }
      },
      { over: noise },
    );
  },
};

const same = (one: Float64Array, other: Float64Array, tolerance: number): boolean =>
  one.every((value, index) => Math.abs(value - other[index]!) <= tolerance);

/** Why the model cannot be made with the options that make it draw; nothing if it can. */
async function refusal({ make, noise }: ModelSubject): Promise<string | undefined> {
  // What is wrong without them is the business of other rules.
  await make();
  const setting: Setting = { over: noise };
  try {
    await make(setting);
    return undefined;
  } catch (error) {
    if (error instanceof Finding) return error.found;
    throw error;
  }
}

export const chanceRules: readonly RuleSpec<ModelSubject>[] = [stochasticHonest, dropoutSeeded];
