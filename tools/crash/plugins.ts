/**
 * Plug-ins that misbehave in one call, in real runs: every kind, every call, every way. Each run must end by itself, with the
 * status and the name that its misbehaviour asks for, and keep standard output clean.
 */
import { availableParallelism } from 'node:os';
import { makePlace, misbehave, type Ended } from '../../test/fixtures/misbehaving.js';

const CALLS: Readonly<Record<string, readonly string[]>> = {
  controllers: ['create', 'initial', 'decide', 'learn', 'snapshot', 'dispose'],
  rewards: ['create', 'measure', 'snapshot'],
  evaluators: ['create', 'attach', 'handler', 'summary', 'snapshot'],
  recorders: ['create', 'attach', 'handler', 'close', 'snapshot'],
  optimizers: ['create', 'slots', 'scalars', 'update'],
  datasets: ['create', 'split'],
};

const WAYS = [
  ...['throws', 'throwsNothing', 'throwsHostile', 'rejects', 'hangs', 'hangsAwake', 'loops', 'loopsLater'],
  ...['neverEnds', 'overflows', 'exits', 'exitsLater', 'leavesThrow', 'leavesRejection', 'leavesTimer'],
];

/** Calls whose answer is there at once: what they promise is a wrong answer, which the contract suites look for. */
const AT_ONCE = ['snapshot', 'initial', 'slots', 'scalars', 'update', 'attach', 'summary'];
const PROMISES = ['rejects', 'hangs', 'hangsAwake', 'loopsLater', 'neverEnds', 'exitsLater'];
/** Those that take as long as the work is large: what does not return there is ended by a person. */
const UNTIMED = [
  'optimizers.slots',
  'optimizers.scalars',
  'optimizers.update',
  'datasets.create',
  'datasets.split',
];
const ENDLESS = ['hangsAwake', 'loops', 'loopsLater', 'neverEnds'];

/** `KIND.CALL.WAY` of each. */
export function* misbehaviours(): Generator<string> {
  for (const [kind, calls] of Object.entries(CALLS)) {
    for (const call of calls) {
      for (const way of WAYS) {
        if (AT_ONCE.includes(call) && PROMISES.includes(way)) continue;
        if (UNTIMED.includes(`${kind}.${call}`) && ENDLESS.includes(way)) continue;
        yield `${kind}.${call}.${way}`;
      }
    }
  }
}

/** What is wrong with how it ended; nothing, if all is well. */
function faultsOf(bad: string, ended: Ended): string[] {
  const { status, stdout, stderr, error, result } = ended;
  const [kind = '', call = '', way = ''] = bad.split('.');
  const faults: string[] = [];
  if (way === 'leavesTimer') {
    if (status !== 0 || stderr !== '' || result === undefined) faults.push(`status ${status}: ${stderr}`);
    return faults;
  }
  const isLate = way === 'leavesThrow' || way === 'leavesRejection';
  // What fails after the last event of a run may be too late for it.
  if (isLate && status === 0) return ['dispose', 'close', 'summary'].includes(call) ? [] : ['nobody noticed'];
  if (
    isLate &&
    ended.events.length > 0 &&
    !ended.events.includes('run.completed') &&
    ended.events.at(-1) !== 'run.failed'
  )
    faults.push('no run.failed');
  if (status !== 1) faults.push(`status ${status}`);
  if (stdout !== '') faults.push(`${stdout.length} characters on standard output`);
  if (error === undefined) return [...faults, `no error: ${stderr.slice(-300)}`];
  const says = `${error.asked} ${error.found}`;
  if (!says.includes('"bad"')) faults.push(`names no entry: ${says}`);
  const isNamed =
    error.code.startsWith('controller-') || (says.includes('misbehaving') && says.includes(call));
  if (!isNamed) faults.push(`names no ${call} of ${kind}: ${says}`);
  return faults;
}

/**
 * Runs them, as many at once as there are cores.
 *
 * @param chosen some of `misbehaviours()`
 * @returns a line for each fault
 */
export async function runMisbehaving(chosen: readonly string[]): Promise<string[]> {
  const left = [...chosen];
  const failures: string[] = [];
  const place = makePlace();
  const work = async (): Promise<void> => {
    for (let bad = left.shift(); bad !== undefined; bad = left.shift()) {
      const ended = await misbehave(place, bad);
      const faults = faultsOf(bad, ended);
      console.log(
        `${bad}: ${faults.length > 0 ? 'FAULT' : `${ended.status} ${ended.error?.code ?? 'done'}`}`,
      );
      failures.push(...faults.map((fault) => `${bad}: ${fault}`));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, work));
  } finally {
    place.remove();
  }
  console.log(`${chosen.length} plug-ins that misbehave, ${failures.length} faults`);
  return failures;
}
