/** What a controller that learns makes of rewards that are far out, or none at all. */
import type { Snapshot } from '@ligature/core';
import { PLAYS_THROUGH } from '../harness/calls.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { play, SEED } from '../life/life.js';
import type { Episode } from './episode.js';
import { extremeWindow, scriptedWindow, type WindowScript } from './script.js';
import type { ControllerSubject } from './subject.js';

const extremeRewards: RuleSpec<ControllerSubject> = {
  id: 'extreme-rewards',
  must: 'rewards of any finite size are survived: decisions stay legal and reports finite, or it says what is wrong with the reward',
  why: 'Minus the perplexity of a model that starts badly is -1e30 and worse; a learner that overflows decides nonsense from then on',
  mend: 'Clip or scale the reward, or throw a ContractError that says so',
  check: async (subject) => {
    await assertLearns(subject);
    await withEpisode(subject, extremeWindow, 32, async (life) => {
      await play(life).catch((error: unknown) => {
        if (!refusedByController(error)) throw blamed(error, 'with extreme rewards');
      });
    });
  },
};

const badRewards: RuleSpec<ControllerSubject> = {
  id: 'bad-rewards',
  must: 'a reward that is not a number is refused or passed over, and never learned from',
  why: 'One NaN spreads through a whole network with the next update, and every decision after it is made of nothing',
  mend: 'Check Number.isFinite(transition.reward) first; throw a ContractError, or return',
  check: async (subject) => {
    await assertLearns(subject);
    for (const reward of [Number.NaN, Infinity, -Infinity]) await learnsFrom(subject, reward);
  },
};

/** The window whose reward is bad; ordinary ones come before and after it. */
const BAD = 4;

async function learnsFrom(subject: ControllerSubject, bad: number): Promise<void> {
  const script: WindowScript = (setting) => ({
    ...scriptedWindow(setting),
    ...(setting.window === BAD && { reward: bad }),
  });
  await withEpisode(subject, script, 12, async (life) => {
    await play(life, 2 * BAD + 1);
    const before = countNaN(life.mark().state);
    try {
      await life.step();
    } catch (error) {
      if (refusedByController(error)) return;
      throw blamed(error, `with a reward of ${bad}`);
    }
    const more = countNaN(life.mark().state) - before;
    if (more > 0) broken(`after a reward of ${bad} its snapshot holds ${more} NaN`);
    await play(life).catch((error: unknown) => {
      throw blamed(error, `after a reward of ${bad}`);
    });
  });
}

async function withEpisode(
  { accepted, episode }: ControllerSubject,
  script: WindowScript,
  windows: number,
  use: (life: Episode) => Promise<void>,
): Promise<void> {
  const [layers] = await accepted();
  const life = await episode({ layers: layers!, seed: SEED, script, windows });
  try {
    await use(life);
  } finally {
    await life.end().catch(() => undefined);
  }
}

/** Whether the controller itself refused what it was told, in words for people. */
const refusedByController = (error: unknown): boolean =>
  error instanceof Finding && error.rule === PLAYS_THROUGH && isRefusal(error.cause);

/** Ordinary runs have passed by then: what it stumbles over now, the reward has brought about. */
const blamed = (error: unknown, when: string): unknown =>
  error instanceof Finding ? new Finding(`${when}, ${error.found}`, undefined, { cause: error }) : error;

function countNaN(state: Snapshot | undefined): number {
  if (typeof state === 'number') return Number.isNaN(state) ? 1 : 0;
  if (typeof state !== 'object' || state === null) return 0;
  const values = ArrayBuffer.isView(state) ? Array.from(state as Float64Array) : Object.values(state);
  return values.reduce((sum: number, one) => sum + countNaN(one as Snapshot), 0);
}

/** @throws Finding when ordinary runs fail already, NotApplicable when it does not learn */
export async function assertLearns({ accepted, make, played, calls }: ControllerSubject): Promise<void> {
  await played();
  const [layers] = await accepted();
  const controller = await make(layers!);
  const learns = controller.learn !== undefined && controller.decide !== undefined;
  await calls.wait('dispose', () => controller.dispose?.());
  if (!learns) notApplicable('it does not learn');
}

export const rewardRules: readonly RuleSpec<ControllerSubject>[] = [extremeRewards, badRewards];
