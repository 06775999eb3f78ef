/** It is saved and goes on: the state is data, it is complete, and a foreign one is refused. */
import type { Snapshot } from '@ligature/core';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { savedCopy } from '../harness/saved-copy.js';
import { difference, show, showError } from '../harness/show.js';
import type { LifeSubject, Words } from './life-rules.js';
import { play, playWhole, SEED, type Came, type Life, type Mark, type Scene, type Stage } from './life.js';
import { compare } from './playing-rules.js';

const STATELESS = 'it has no state to save';

export function savingRules({ thing, acts }: Words): RuleSpec<LifeSubject>[] {
  const [goesOn, isBack] = ['without the interruption', 'with it'];
  return [
    {
      id: 'snapshot-plain',
      must: 'a snapshot is JSON with Float32Array, Float64Array, Int32Array and Uint32Array, and nothing else',
      why: 'Checkpoints are JSON and tensors: a Map, a class or undefined would be lost or refused when a run is saved',
      mend: 'Return plain objects and lists: Object.fromEntries(map), [...set], array.slice()',
      check: async (subject) => {
        const { life } = await begun(subject);
        while (life.at < life.length) {
          assertSaveable(life.mark());
          await life.step();
        }
        assertSaveable(life.mark());
        await life.end();
      },
    },
    {
      id: 'snapshot-detached',
      must: `a snapshot shares nothing with the living ${thing}, neither the one that gave it nor the one it is restored to`,
      why: 'What still changes after it was saved is of no moment in time; a run that rolls back would return to a state that never was',
      mend: 'Copy in `snapshot` and again in `restore`: [...list], array.slice(), structuredClone(state)',
      check: async (subject) => {
        const { set, scene, life } = await begun(subject);
        await play(life, middle(life));
        const mark = life.mark();
        const stateless = mark.state === undefined || mark.state === null;
        const copy = stateless ? null : savedCopy(mark.state);
        await play(life);
        await life.end();
        if (stateless) notApplicable(STATELESS);
        assertSame(copy, mark.state, 'after it was taken, the snapshot');
        const heir = await set.begin(scene, { ...mark, state: mark.state });
        await play(heir);
        await heir.end();
        assertSame(copy, mark.state, 'after it was restored, the snapshot');
      },
    },
    {
      id: 'resumes',
      must: 'a fresh instance that is given the snapshot goes on exactly where the other one was',
      why: 'A run that was interrupted must end like one that never stopped; what a snapshot leaves out is lost in every crash',
      mend: 'Save everything that later answers depend on: counters, weights, optimizer moments, buffers, streams of its own',
      check: async (subject) => {
        for (const { set, scene } of await settings(subject)) {
          const whole = await playWhole(set, scene);
          compare(whole, await interrupted(set, scene), [goesOn, isBack]);
        }
      },
    },
    {
      id: 'rolls-back',
      must: 'an instance that has gone on and is given an earlier snapshot is back where it was then',
      why: 'With training.onDivergence: rollback a run goes back to its last checkpoint with the instances that it has',
      mend: 'Let `restore` replace the whole state; what was added since must go',
      check: async (subject) => {
        for (const { set, scene } of await settings(subject)) {
          const life = await set.begin(scene);
          await play(life, Math.floor(life.length / 4));
          const mark = saved(life.mark());
          if (mark.state === undefined) {
            await life.end();
            notApplicable('it has no snapshot');
          }
          const first = await play(life, Math.floor((3 * life.length) / 4));
          life.rollBack(mark);
          const again = await play(life, Math.floor((3 * life.length) / 4));
          await life.end();
          compare(first, again, ['the first time', 'after going back']);
        }
      },
    },
    {
      id: 'restore-refuses',
      must: 'a state that is none of its own is refused with an InputError or ContractError of @ligature/core',
      why: `A ${thing} that takes any state goes on with ${acts} of nobody, and the run looks fine`,
      mend: 'Check the state, with a zod schema for instance, and throw a ContractError that says what was found',
      check: async (subject) => {
        const { life } = await begun(subject);
        await play(life, middle(life));
        const { state } = life.mark();
        await life.end();
        if (state === undefined || state === null) notApplicable(STATELESS);
        for (const foreign of FOREIGN) await refuses(subject, foreign);
      },
    },
  ];
}

const FOREIGN: readonly Snapshot[] = [{ 'no such': 'state' }, 'a text', 42, [1, 2, 3], null];

async function refuses(subject: LifeSubject, foreign: Snapshot): Promise<void> {
  const { life } = await begun(subject);
  const mark = life.mark();
  try {
    life.rollBack({ ...mark, state: foreign });
  } catch (error) {
    const cause = error instanceof Finding ? error.cause : error;
    if (isRefusal(cause)) return;
    throw new Finding(`given ${show(foreign)}, restore threw ${showError(cause)}`);
  } finally {
    await life.end().catch(() => undefined);
  }
  broken(`restore took ${show(foreign)} without a word`);
}

/** Hands the life over to a fresh instance, again and again. */
async function interrupted(set: Stage, scene: Scene): Promise<Came[]> {
  const came: Came[] = [];
  let life = await set.begin(scene);
  for (const part of [0, 0.1, 0.35, 0.5, 0.55, 0.9]) {
    came.push(...(await play(life, Math.floor(part * life.length))));
    const mark = saved(life.mark());
    await life.end();
    life = await set.begin(scene, mark);
  }
  came.push(...(await play(life)), await life.end());
  return came;
}

/** @throws Finding (of `snapshot-plain`) */
function assertSaveable({ state }: Mark): void {
  if (state !== undefined) savedCopy(state);
}

/** A mark as a checkpoint brings it back. */
const saved = (mark: Mark): Mark =>
  mark.state === undefined ? mark : { ...mark, state: savedCopy(mark.state) };

/** Where it is saved and goes on. */
async function settings({ stage, calls }: LifeSubject): Promise<{ set: Stage; scene: Scene }[]> {
  const set = await stage();
  const { saved = set.scripts.slice(0, 1) } = set;
  return saved.map((script) => ({ set, scene: { seed: SEED, calls, script } }));
}

async function begun(subject: LifeSubject): Promise<{ set: Stage; scene: Scene; life: Life }> {
  const [first] = await settings(subject);
  const { set, scene } = first!;
  return { set, scene, life: await set.begin(scene) };
}

// Odd, where steps come in pairs: between a decision and what comes of it.
const middle = ({ length }: Life): number => Math.floor(length / 4) * 2 + 1;

function assertSame(one: unknown, other: unknown, what: string): void {
  const found = difference(one, other, ['at first', 'later']);
  if (found !== undefined) broken(`${what} changed: ${found}`);
}
