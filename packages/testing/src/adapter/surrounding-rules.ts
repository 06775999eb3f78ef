/** What an adapter takes from its surroundings, and what it leaves there: nothing. */
import * as tf from '@tensorflow/tfjs-core';
import { withAmbient } from '../harness/ambient.js';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { countingReads, countTensors } from '../harness/tensors.js';
import { readWeight, type AdapterSubject } from './subject.js';

type AdapterRule = RuleSpec<AdapterSubject>;

const noReadBack: AdapterRule = {
  id: 'no-read-back',
  must: 'it reads no tensor back',
  why: 'A backend that compiles a whole step, or answers asynchronously, has no values yet',
  mend: 'Compute with tensors throughout',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(adapted, (weights) => {
      const view = adapted.view(weights.view());
      const reads = countingReads(() =>
        tf.tidy(() => {
          for (const weight of subject.wrapped) subject.calls.now('reading', () => readWeight(view, weight));
        }),
      );
      if (reads > 0) broken(`it read ${reads} ${reads === 1 ? 'tensor' : 'tensors'} back`);
    });
  },
};

const noMathRandom: AdapterRule = {
  id: 'no-math-random',
  must: 'it does not use Math.random or another unseeded source of chance',
  why: 'Two runs of one seed would differ',
  mend: 'Leave chance to the initializers of the parameters',
  check: async (subject) => {
    const adapter = await subject.make();
    await withAmbient((ambient) => {
      const calls = subject.calls.watchedBy(ambient);
      const adapted = subject.wrap(adapter, calls);
      subject.withWeights(adapted, (weights) => {
        const view = calls.now('view', () => adapted.view(weights.view()));
        subject.read(view, calls);
      });
      const note = ambient.notes.find(({ source }) => source === 'chance');
      return Promise.resolve(note && broken(`it called ${note.call} at ${note.place}`));
    });
  },
};

const tensorsReleased: AdapterRule = {
  id: 'tensors-released',
  must: 'wrapping leaves no tensor behind, and what is read nothing but the tensor that it gives',
  why: 'Every weight is read in every step: one tensor each fills the memory of a long run',
  mend: 'Use tf.tidy for what is computed on the way',
  check: async (subject) => {
    const adapter = await subject.make();
    for (const first of [true, false]) {
      const before = countTensors();
      const adapted = subject.wrap(adapter);
      subject.withWeights(adapted, (weights) => {
        const view = adapted.view(weights.view());
        const own = new Set(weights.tensors);
        for (const weight of subject.wrapped) {
          const tensor = subject.calls.now('reading', () => readWeight(view, weight));
          if (!own.has(tensor)) tensor.dispose();
        }
      });
      const left = countTensors() - before;
      // Twice: what is made once and kept, such as a constant, is no leak.
      if (left > 0 && !first) broken(`${left} ${left === 1 ? 'tensor is' : 'tensors are'} left`);
    }
  },
};

export const surroundingRules: readonly AdapterRule[] = [noReadBack, noMathRandom, tensorsReleased];
