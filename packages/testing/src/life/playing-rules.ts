/** It gets through, it does the same again, and it takes nothing from anywhere but its inputs. */
import { ANSWERS, PLAYS_THROUGH } from '../harness/calls.js';
import { withAmbient, type Source } from '../harness/ambient.js';
import { broken, Finding } from '../harness/finding.js';
import { INPUTS_UNTOUCHED } from '../harness/lent.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference } from '../harness/show.js';
import type { LifeSubject, Words } from './life-rules.js';
import { play, playWhole, SEED, type Came, type Life } from './life.js';

const OTHER_SEED = 8;

export function playingRules({ thing, acts, chance, time }: Words): RuleSpec<LifeSubject>[] {
  const playsEverything = async ({ played }: LifeSubject): Promise<void> => void (await played());
  return [
    {
      id: PLAYS_THROUGH,
      must: `the ${thing} gets through ordinary runs without an error`,
      why: 'What it throws stops the run',
      mend: 'Handle every input that the contract allows; the error above says which call failed',
      check: playsEverything,
    },
    {
      id: ANSWERS,
      must: 'every call is answered in time',
      why: 'A promise that is never settled holds up the run for ever; that of a controller is given up after tying.timeoutSeconds',
      mend: 'Settle every promise that is returned, also when something fails',
      check: playsEverything,
    },
    {
      id: 'deterministic',
      must: `the same options, seed and inputs give the same ${acts}`,
      why: 'Same seed, same log: a result that nobody can repeat shows nothing',
      mend: `Take chance ${chance || 'from nowhere'}; iterate over lists and Maps, whose order is fixed; keep no state outside the instance`,
      check: async ({ stage, calls }) => {
        const set = await stage();
        const scene = { seed: SEED, calls, script: set.scripts[0]! };
        compare(await playWhole(set, scene), await playWhole(set, scene));
      },
    },
    {
      id: 'independent',
      must: `two instances at once give the same ${acts} as each alone`,
      why: 'Programs and tests make several in one process; what they share moves results from one into the other',
      mend: 'Keep state in what `create` returns, not in variables of the module',
      check: async ({ stage, calls }) => {
        const set = await stage();
        const scenes = [SEED, OTHER_SEED].map((seed) => ({ seed, calls, script: set.scripts[0]! }));
        const alone = await playWhole(set, scenes[0]!);
        const first = await set.begin(scenes[0]!);
        const second = await set.begin(scenes[1]!);
        const came: Came[] = [];
        // The other one is ahead by a step and ends early: neither its steps nor its end may be felt.
        await step(second);
        while (first.at < first.length) {
          if (first.at === Math.floor(first.length / 2)) await second.end();
          else if (first.at < first.length / 2) await step(second);
          came.push(await first.step());
        }
        came.push(await first.end());
        compare(alone, came, ['alone', 'beside another one']);
      },
    },
    {
      id: INPUTS_UNTOUCHED,
      must: 'what it is given stays as it was',
      why: 'Inputs are shared and, in a run, frozen: a change throws there, or is seen by others',
      mend: 'Copy what is to be changed: [...tieMap], { ...options }',
      check: playsEverything,
    },
    {
      id: 'no-math-random',
      must: 'it does not use Math.random or another unseeded source of chance',
      why: 'Two runs of one seed would differ, and a resumed run from the one that never stopped',
      mend: chance ? `Draw ${chance}` : 'Derive what is needed from the inputs',
      check: takesNo('chance'),
    },
    {
      id: 'no-clock',
      must: `it does not read the clock${time && ` but ${time}`}`,
      why: `${acts[0]!.toUpperCase()}${acts.slice(1)} that depend on the time differ from run to run and from machine to machine`,
      mend: `Count steps or windows instead of time${time && `, or take the time ${time}`}`,
      check: takesNo('clock'),
    },
  ];
}

/** Plays a whole life, saving and restoring included, and looks at what it took from its surroundings. */
function takesNo(source: Source) {
  return async ({ stage, calls }: LifeSubject): Promise<void> => {
    const set = await stage();
    await withAmbient(async (ambient) => {
      const scene = { seed: SEED, calls: calls.watchedBy(ambient), script: set.scripts[0]! };
      const life = await set.begin(scene);
      await play(life, Math.floor(life.length / 2));
      const mark = life.mark();
      await play(life);
      if (mark.state !== undefined) life.rollBack(mark);
      await life.end();
      const note = ambient.notes.find((one) => one.source === source);
      if (note) broken(`it called ${note.call} at ${note.place}`);
    });
  };
}

const step = async (life: Life): Promise<unknown> => (life.at < life.length ? life.step() : undefined);

/** @throws Finding at the first step that differs */
export function compare(
  one: readonly Came[],
  other: readonly Came[],
  words: readonly [string, string] = ['at first', 'then'],
): void {
  one.forEach(({ at, what }, index) => {
    const found = difference(what, other[index]?.what, words);
    if (found !== undefined) throw new Finding(`${at}: ${found}`);
  });
}
