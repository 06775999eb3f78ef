/** The rules of a life, for every kind that has one. The words of each kind are filled in. */
import type { RuleSpec } from '../harness/rule.js';
import type { Calls } from '../harness/calls.js';
import type { Came, Stage } from './life.js';
import { playingRules } from './playing-rules.js';
import { releaseRules } from './release-rules.js';
import { savingRules } from './saving-rules.js';

export interface LifeSubject {
  readonly calls: Calls;
  /** @throws Finding when no script can be played at all */
  stage(): Promise<Stage>;
  /** What came of every script. @throws Finding what it stumbled over */
  played(): Promise<readonly Came[]>;
}

export interface Words {
  /** `controller` */
  readonly thing: string;
  /** What it does, that must be the same again: `decisions` */
  readonly acts: string;
  /** Where it takes chance from; empty: nowhere. */
  readonly chance: string;
  /** Where it takes time from; empty: nowhere. */
  readonly time: string;
}

export const lifeRules = <S extends LifeSubject>(words: Words): readonly RuleSpec<S>[] => [
  ...playingRules(words),
  ...savingRules(words),
  ...releaseRules(words),
];
