/** What an update rule promises: it is a pure function of what it is given, and it goes downhill. */
import { createRandomStream } from '@ligature/core';
import type { Optimizer, ParameterSpec } from '@ligature/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withAmbient } from '../harness/ambient.js';
import { PLAYS_THROUGH, type Calls } from '../harness/calls.js';
import { broken, Finding } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { assertSame } from '../harness/same.js';
import { difference, show } from '../harness/show.js';
import { countingReads, countTensors } from '../harness/tensors.js';
import { sizeOf, SPECS, type OptimizerSubject, type Place } from './subject.js';

type OptimizerRule = RuleSpec<OptimizerSubject>;

const noise = (spec: ParameterSpec, seed: string, scale = 1): Float32Array => {
  const random = createRandomStream(7, `${spec.name} ${seed}`);
  return Float32Array.from({ length: sizeOf(spec) }, () => scale * random.normal());
};

/** Sizes of the gradients of a run: ordinary ones, none, tiny and large ones. */
const SCALES = [1, 0.5, 0, 1e-20, 1e3, 1];

/** From a place through some updates. */
function trained(
  subject: OptimizerSubject,
  optimizer: Optimizer,
  spec: ParameterSpec,
  span: {
    readonly from?: Place;
    readonly first?: number;
    readonly last?: number;
    readonly calls?: Calls;
  } = {},
): Place {
  const { first = 1, last = SCALES.length, calls } = span;
  let place = span.from ?? { parameter: noise(spec, 'start'), slots: subject.fresh(optimizer, spec) };
  for (let count = first; count <= last; count += 1) {
    const gradient = noise(spec, `gradient ${count}`, SCALES[(count - 1) % SCALES.length]);
    place = subject.update(optimizer, { ...place, spec, gradient, count }, undefined, calls);
  }
  return place;
}

const playsThrough: OptimizerRule = {
  id: 'plays-through',
  must: 'parameters of every shape and way of sharing are updated, with gradients of any finite size, and stay finite',
  why: 'A run stops at the first error; a weight that is NaN is lost for good',
  mend: 'Guard divisions and roots where a gradient is zero, tiny or large',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      const { parameter, slots } = trained(subject, optimizer, spec);
      for (const values of [parameter, ...Object.values(slots)]) {
        const bad = values.find((value) => !Number.isFinite(value));
        if (bad === undefined) continue;
        const found = `after ${SCALES.length} updates "${spec.name}" or its state holds ${bad}`;
        throw new Finding(found, PLAYS_THROUGH);
      }
    }
  },
};

const updateForm: OptimizerRule = {
  id: 'update-form',
  must: 'update gives the parameter and the slots that went in, all float32 and of the shape of the parameter',
  why: 'Checkpoints and the registry keep them by name and shape',
  mend: 'Return { parameter, slots } with the names that `slots` gives',
  check: playsThrough.check,
};

const slotsFixed: OptimizerRule = {
  id: 'slots-fixed',
  must: 'slots gives names, each once, and always the same for a parameter',
  why: 'They are asked for before the first update, and again when a run is resumed',
  mend: 'Decide by the spec and the options alone',
  check: async (subject) => {
    const [one, other] = [await subject.make(), await subject.make()];
    for (const spec of SPECS) {
      const before = Object.keys(subject.fresh(one, spec));
      trained(subject, one, spec);
      for (const again of [one, other]) {
        const found = difference(before, Object.keys(subject.fresh(again, spec)), [
          'at first',
          'asked again',
        ]);
        if (found !== undefined) broken(`slots of "${spec.name}": ${found}`);
      }
    }
  },
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const COUNTS = [1, 2, 3, 10, 100, 1000, 10_000, 100_000, 1_000_000];

const scalarsFinite: OptimizerRule = {
  id: 'scalars-finite',
  must: 'scalars are finite numbers, always under the same names, for counts from 1 to a million and learning rates from 0',
  why: 'They are the inputs of a graph that is compiled once; corrections that overflow show after days',
  mend: 'Compute them in closed form from learning rate and count',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      let names: string[] | undefined;
      for (const count of COUNTS) {
        for (const learningRate of [0, 1e-6, 1e-3, 1]) {
          const own: unknown = subject.calls.now('scalars', () =>
            optimizer.scalars(learningRate, count, spec),
          );
          const common: unknown = subject.calls.now('common', () => optimizer.common?.(learningRate) ?? {});
          const scalars = isObject(own) && isObject(common) ? { ...own, ...common } : own;
          const plain = isObject(scalars) && isObject(common);
          const bad = plain && Object.entries(scalars).find(([, value]) => !Number.isFinite(value));
          if (!plain || bad) broken(`for update ${count} of "${spec.name}" scalars gave ${show(scalars)}`);
          names ??= Object.keys(scalars as object);
          const found = difference(names, Object.keys(scalars as object), ['at first', `at ${count}`]);
          if (found !== undefined) broken(`the names of the scalars of "${spec.name}" change: ${found}`);
        }
      }
    }
  },
};

const pure: OptimizerRule = {
  id: 'pure',
  must: 'equal inputs give equal outputs to the last bit, whatever was updated between, and from a fresh instance',
  why: 'A step is a pure function, so that a backend may compile and replay it; state beside the slots is lost in every checkpoint',
  mend: 'Keep what must be remembered in slots, and nothing in variables',
  check: async (subject) => {
    const [one, other] = [await subject.make(), await subject.make()];
    for (const spec of SPECS) {
      const whole = trained(subject, one, spec);
      assertSame(whole, trained(subject, one, spec), `"${spec.name}" trained twice`);
      assertSame(whole, trained(subject, other, spec), `"${spec.name}" trained by a fresh instance`);
    }
  },
};

const resumes: OptimizerRule = {
  id: 'resumes',
  must: 'the slots are its whole state: a fresh instance that is given parameter, slots and count goes on exactly',
  why: 'A checkpoint holds nothing else of it',
  mend: 'Put every running mean into a slot, and take counts from `scalars`',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      const whole = trained(subject, optimizer, spec);
      for (const middle of [1, 3, 5]) {
        const half = trained(subject, await subject.make(), spec, { last: middle });
        const heir = trained(subject, await subject.make(), spec, { from: half, first: middle + 1 });
        assertSame(whole, heir, `"${spec.name}", interrupted after ${middle} updates`);
      }
    }
  },
};

const inputsUntouched: OptimizerRule = {
  id: 'inputs-untouched',
  must: 'what goes in is neither changed nor disposed, and what comes out are other tensors',
  why: 'Inputs belong to the registry, which disposes them when the outputs have taken their place',
  mend: 'Return new tensors, `tensor.clone()` where nothing changes; dispose nothing that came in',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      const given = { parameter: noise(spec, 'start'), slots: subject.fresh(optimizer, spec) };
      const gradient = noise(spec, 'gradient');
      subject.update(optimizer, { ...given, spec, gradient, count: 1 }, (handed, output) => {
        const inputs: [string, Tensor][] = [
          ['parameter', handed.parameter],
          ['gradient', handed.gradient],
          ...Object.entries({ ...handed.slots, ...handed.scalars, ...handed.shared }),
        ];
        const outputs = [output.parameter, ...Object.values(output.slots)];
        for (const [name, tensor] of inputs) {
          if (tensor.isDisposed) broken(`of "${spec.name}" it disposed "${name}"`);
          if (outputs.includes(tensor)) broken(`of "${spec.name}" it gave "${name}" back as it came`);
        }
        const after = { parameter: handed.parameter.dataSync(), gradient: handed.gradient.dataSync() };
        const found = difference({ parameter: given.parameter, gradient }, after, ['before', 'after']);
        if (found !== undefined) broken(`of "${spec.name}" ${found}`);
      });
    }
  },
};

/** Float32 rounding of a product in another order, relative to what it is compared with. */
const ROUNDING = 1e-4;

const clipHonoured: OptimizerRule = {
  id: 'clip-honoured',
  must: 'a gradient with a clip factor does what the gradient times that factor does without one',
  why: 'Gradients come as they are: one that is not multiplied by the factor is not clipped, and nothing says so',
  mend: 'Multiply the gradient by `shared.clip`, or fold the factor into what `shared` makes of it',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      const start = trained(subject, optimizer, spec, { last: 2 });
      const gradient = noise(spec, 'clipped');
      const clip = 0.25;
      const factored = gradient.map((value) => clip * value);
      const one = subject.update(optimizer, { ...start, spec, gradient, clip, count: 3 });
      const other = subject.update(optimizer, { ...start, spec, gradient: factored, count: 3 });
      const far = farthest(one, other);
      if (far > ROUNDING) broken(`clipped by ${clip}, "${spec.name}" or its state is off by ${far}`);
    }
  },
};

function farthest(one: Place, other: Place): number {
  const flat = ({ parameter, slots }: Place): number[] =>
    [parameter, ...Object.values(slots)].flatMap((v) => [...v]);
  const others = flat(other);
  return Math.max(...flat(one).map((value, at) => Math.abs(value - others[at]!) / (1 + Math.abs(value))));
}

const restsAtZero: OptimizerRule = {
  id: 'rests-at-zero',
  must: 'a learning rate of zero changes no parameter',
  why: 'Schedules begin and end there; weights that decay all the same are another method',
  mend: 'Multiply every change of the parameter, decay included, by the learning rate',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      const start = trained(subject, optimizer, spec, { last: 1 });
      const gradient = noise(spec, 'gradient');
      const { parameter } = subject.update(optimizer, {
        ...start,
        spec,
        gradient,
        count: 2,
        learningRate: 0,
      });
      const found = difference(start.parameter, parameter, ['before', 'after']);
      if (found !== undefined) broken(`"${spec.name}": ${found}`);
    }
  },
};

const UPDATES = 200;

const descends: OptimizerRule = {
  id: 'descends',
  must: 'it gets down a bowl: 200 updates at least halve a squared distance',
  why: 'A sign the wrong way round climbs, and a model that does not learn looks much like one that has learnt little',
  mend: 'Subtract; or give the check the learning rate that it is made for',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      const goal = noise(spec, 'goal', 0.1);
      let place: Place = { parameter: noise(spec, 'start'), slots: subject.fresh(optimizer, spec) };
      const height = (): number =>
        place.parameter.reduce((sum, value, at) => sum + (value - goal[at]!) ** 2, 0);
      const before = height();
      for (let count = 1; count <= UPDATES; count += 1) {
        const gradient = place.parameter.map((value, at) => value - goal[at]!);
        place = subject.update(optimizer, { ...place, spec, gradient, count });
      }
      if (!(height() <= before / 2))
        broken(
          `of "${spec.name}" the squared distance was ${before} and is ${height()} after ${UPDATES} updates`,
        );
    }
  },
};

const noReadBack: OptimizerRule = {
  id: 'no-read-back',
  must: 'it reads no tensor back while it updates',
  why: 'A backend that compiles the step, or answers asynchronously, has no values yet',
  mend: 'Compute with tensors throughout; put what changes from step to step into `scalars`',
  check: async (subject) => {
    const optimizer = await subject.make();
    const counting = {
      ...optimizer,
      update: (input: Parameters<Optimizer['update']>[0]) => {
        let output: ReturnType<Optimizer['update']> | undefined;
        const reads = countingReads(() => (output = optimizer.update(input)));
        if (reads > 0) broken(`it read ${reads} ${reads === 1 ? 'tensor' : 'tensors'} back`);
        return output!;
      },
    };
    for (const spec of SPECS) trained(subject, counting as Optimizer, spec, { last: 2 });
  },
};

const noMathRandom: OptimizerRule = {
  id: 'no-math-random',
  must: 'it does not use Math.random or another unseeded source of chance',
  why: 'Two runs of one seed would differ',
  mend: 'Derive what is needed from the inputs',
  check: async (subject) => {
    const optimizer = await subject.make();
    await withAmbient((ambient) => {
      for (const spec of SPECS)
        trained(subject, optimizer, spec, { last: 2, calls: subject.calls.watchedBy(ambient) });
      const note = ambient.notes.find(({ source }) => source === 'chance');
      return Promise.resolve(note && broken(`it called ${note.call} at ${note.place}`));
    });
  },
};

const tensorsReleased: OptimizerRule = {
  id: 'tensors-released',
  must: 'an update leaves nothing behind but its outputs, and `shared` nothing but what it gives',
  why: 'Every parameter is updated thousands of times: one tensor each fills the memory of a long run',
  mend: 'Wrap the update in tf.tidy',
  check: async (subject) => {
    const optimizer = await subject.make();
    for (const spec of SPECS) {
      // Once before: what is made once and kept, such as a constant, is no leak.
      trained(subject, optimizer, spec, { last: 1 });
      const before = countTensors();
      trained(subject, optimizer, spec, { last: 2 });
      const left = countTensors() - before;
      if (left > 0)
        broken(`two updates of "${spec.name}" left ${left} ${left === 1 ? 'tensor' : 'tensors'} behind`);
    }
  },
};

export const optimizerRuleSpecs: readonly OptimizerRule[] = [
  playsThrough,
  updateForm,
  slotsFixed,
  scalarsFinite,
  pure,
  resumes,
  inputsUntouched,
  clipHonoured,
  restsAtZero,
  descends,
  noReadBack,
  noMathRandom,
  tensorsReleased,
];
