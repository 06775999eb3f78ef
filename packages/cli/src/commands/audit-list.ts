/** What the audits are, for `ligature audit --list` and its help. */
import type { AuditName } from '@ligature/studies';

export interface ListedAudit {
  readonly name: AuditName;
  readonly question: string;
  /** What it runs. */
  readonly runs: string;
}

export const AUDITS: readonly ListedAudit[] = [
  {
    name: 'storages',
    question: "does the official log's count of independent layers say how many weights exist?",
    runs: 'trains under the official profile, 3 seeds of 20 episodes',
  },
  {
    name: 'random-ratio',
    question: 'how many layers stay independent when every action is random?',
    runs: 'replays the random controller, 4 to 48 layers, 200 seeds; trains nothing',
  },
  {
    name: 'rewards',
    question: 'for how much of a training does each reward tell the learner anything?',
    runs: 'trains once for each reward, 2 seeds',
  },
  {
    name: 'gradients',
    question: 'does it matter whose gradient a shared block gets, and what untying leaves?',
    runs: 'trains the 2 x 2 of accumulate, source-only and clone, alias, 5 seeds',
  },
  {
    name: 'memory',
    question: 'what does tying save as the blocks become fewer, and what not?',
    runs: 'trains a few steps with L to 1 blocks, each in a process of its own',
  },
];
