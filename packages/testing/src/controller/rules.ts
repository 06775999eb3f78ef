/** What a controller promises, beyond what everything does that lives through a run. */
import { entryRules } from '../entry/entry-rules.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference } from '../harness/show.js';
import { lifeRules } from '../life/life-rules.js';
import { assertLearns, rewardRules } from './reward-rules.js';
import type { ControllerSubject } from './subject.js';
import { turnLegal } from './turns.js';

const playsEverywhere = async ({ played }: ControllerSubject): Promise<void> => void (await played());

const creates: RuleSpec<ControllerSubject> = {
  id: 'creates',
  must: 'create gives a controller at each depth, or refuses the depth with an InputError',
  why: 'Stacks have any number of layers; one that does not fit must be told to the user, not end in a stack trace',
  mend: 'Return { decide, learn, snapshot, restore }; throw an InputError of @ligature/core for a depth that cannot be',
  check: async ({ accepted, refused, layers, make }) => {
    await accepted();
    for (const depth of layers) {
      await make(depth).catch((error: unknown) => {
        if (!(error instanceof Finding) || !isRefusal(error.cause)) throw error;
      });
    }
    return [...(await refused())].map(([depth, reason]) => `${depth} layers: ${reason}`).join('; ');
  },
};

const initialLegal: RuleSpec<ControllerSubject> = {
  id: 'initial-legal',
  must: 'initial gives a tie map of the stack, always the same one, or nothing',
  why: 'The run starts with that map; it is asked for again when a run is resumed',
  mend: 'Give one entry for each layer, each a layer from 0 to its own place',
  check: async (subject) => {
    await subject.played();
    for (const depth of await subject.accepted()) {
      const controller = await subject.make(depth);
      if (!controller.initial) notApplicable('it has no initial map: every layer starts independent');
      const asked = [0, 1].map(() => subject.calls.now('initial', () => controller.initial?.(depth)));
      await subject.calls.wait('dispose', () => controller.dispose?.());
      const found = difference(asked[0], asked[1]);
      if (found !== undefined) broken(`initial(${depth}): ${found}`);
    }
  },
};

const decisionLegal: RuleSpec<ControllerSubject> = {
  id: 'decision-legal',
  must: 'a decision is about observation.layer, or a whole map of the stack, or keep, of whole blocks or of a part that can be decided on alone; its notes are plain data',
  why: 'A decision about another layer would be credited with a reward that it did not earn; a run stops there',
  mend: 'Return { kind: "layer", layer: observation.layer, source }, { kind: "map", tieMap } or { kind: "keep" }; where observation.layer is null, a map or keep is the answer. Leave the component out to decide on observation.component',
  check: playsEverywhere,
};

const noForwardReference: RuleSpec<ControllerSubject> = {
  id: 'no-forward-reference',
  must: 'no layer is given the block of a later layer',
  why: 'Only earlier layers own blocks that a layer can use: a map that points forward has no owner, and files and readers refuse it',
  mend: 'Choose sources from 0 to the layer itself; the layer itself makes it independent',
  check: playsEverywhere,
};

const measurementKnown: RuleSpec<ControllerSubject> = {
  id: 'measurement-known',
  must: 'wants asks for a measurement that there is, or for nothing',
  why: 'Controllers never see weights or hidden states: what is not measured for them, they cannot have, and the run stops there',
  mend: "Return 'weight-cosine', 'hidden-cka', 'gradient-cosine', 'tie-cost', one of them with its details ({ measure: 'tie-cost', pairs: 'all' }), or undefined; decide gets it as observation.measured",
  check: async (subject) => {
    await subject.played();
    if (!(await subject.wants())) notApplicable('it wants nothing measured');
  },
};

const reportFinite: RuleSpec<ControllerSubject> = {
  id: 'report-finite',
  must: 'learn reports finite numbers by name, or nothing',
  why: 'Reports go into the event log, whose lines are JSON: it has no NaN and no infinity',
  mend: 'Leave out what is not a finite number',
  check: async (subject) => {
    await subject.played();
    await assertLearns(subject);
  },
};

const randomBorrowed: RuleSpec<ControllerSubject> = {
  id: 'random-borrowed',
  must: 'the stream that decide is given, its second argument, is drawn from during that call alone',
  why: "It is the run's own, lent for one decision: a later draw would shift every decision that follows, so the run refuses it",
  mend: 'Draw in `decide`, from its second argument; for chance in `learn` use context.random of `create`, and save it in the snapshot',
  check: playsEverywhere,
};

export const controllerRuleSpecs: readonly RuleSpec<ControllerSubject>[] = [
  ...entryRules(),
  creates,
  ...lifeRules<ControllerSubject>({
    thing: 'controller',
    acts: 'decisions',
    chance: 'from the stream that decide is given, or from context.random in `create`',
    time: '',
  }),
  initialLegal,
  turnLegal,
  decisionLegal,
  noForwardReference,
  measurementKnown,
  reportFinite,
  randomBorrowed,
  ...rewardRules,
];
