/** `evaluation.final.of: best`: a run that overfits is measured at its best step, as if it had never been interrupted. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConfigSchema, type EventOf, type LigatureEvent, type RunConfigInput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateRun, finishedRun, resumeTrial, runTrial, type TrialResult } from '../src/index.js';
import { environment, hearing, tinyConfig, withFolder } from './tiny-run.js';

/** Lines without a rule behind them: what is learnt of some soon does harm with the others. */
const TEXT = Array.from(
  { length: 60 },
  (_, i) => `${(i * i * 7919 + 13 * i) % 9973} ${'abcdefgh'[(i * 5) % 8]}\n\n`,
).join('');
const STEPS = 18;
const EVERY = 3;

/** At a rate of learning that is far too high, and under maps that change every four steps. */
function overfitting(of: 'last' | 'best', steps = STEPS): RunConfigInput {
  return {
    seed: 1,
    controller: 'random',
    model: { layers: 4, width: 8, heads: 2, context: 8 },
    training: { steps, batch: 4, warmup: 0, learningRate: 0.05, schedule: 'constant' },
    tying: { window: 4 },
    evaluation: { every: EVERY, batch: 1, batches: 4, evaluators: ['ledger'], final: { batches: 'all', of } },
    checkpoint: { every: 5, everyMinutes: null, keepLast: 1 },
  };
}

interface Heard {
  readonly result: TrialResult;
  readonly events: readonly LigatureEvent[];
  readonly place: string;
}

async function train(
  folder: string,
  name: string,
  overrides: RunConfigInput,
  hear: (event: LigatureEvent) => void = () => undefined,
): Promise<Heard> {
  const events: LigatureEvent[] = [];
  const place = join(folder, name);
  const { listen } = hearing((event) => {
    events.push(event);
    hear(event);
  });
  const result = await runTrial(tinyConfig(folder, overrides, TEXT), place, environment(folder, { listen }));
  return { result, events, place };
}

const evaluations = (events: readonly LigatureEvent[]): EventOf<'evaluation.completed'>[] =>
  events.flatMap((event) => (event.type === 'evaluation.completed' ? [event] : []));

const lines = (place: string): Record<string, unknown>[] =>
  readFileSync(join(place, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as Record<string, unknown>), durationMs: 0 }));

const checkpoints = (place: string): string[] =>
  readdirSync(join(place, 'checkpoints')).filter((name) => name.startsWith('step-'));

const nameOf = (step: number): string => `step-${String(step).padStart(6, '0')}`;

const weightsAt = (place: string, step: number): string =>
  readFileSync(join(place, 'checkpoints', nameOf(step), 'model.safetensors')).toString('base64');

/** Of a result, what does not depend on the clock. */
const measured = ({ validation, test, ledger, tieMap, best, losses, summary }: TrialResult) => ({
  ...{ validation, test, ledger, tieMap, best, losses, summary },
});

describe('a run that is measured at its best step', () => {
  it('has the numbers of a run that ended there, and says which step it was', async () => {
    await withFolder(async (folder) => {
      const { result, events, place } = await train(folder, 'best', overfitting('best'));
      const best = result.best!;
      const onTheWay = evaluations(events).filter(({ weightsOf }) => weightsOf === undefined);
      // The last step was validated in the same way as the others.
      expect(onTheWay.map(({ step }) => step)).toEqual([3, 6, 9, 12, 15, 18]);
      const least = onTheWay.reduce((a, b) => (b.metrics['nats']! < a.metrics['nats']! ? b : a));
      expect(best).toMatchObject({ step: least.step, value: least.metrics['nats'] });
      expect(best.step).toBeLessThan(STEPS - EVERY);
      expect(best.last.value).toBe(onTheWay.at(-1)?.metrics['nats']);

      // The reference knows nothing of best steps: the same run, with a budget of so many steps.
      const short = await train(folder, 'short', overfitting('last', best.step));
      expect(result.validation).toEqual(short.result.validation);
      expect(result.test).toEqual(short.result.test);
      expect([result.tieMap, result.ledger]).toEqual([short.result.tieMap, short.result.ledger]);
      expect(result.summary['ledger.uniqueParameters']).toBe(short.result.ledger.uniqueParameters);
      expect(weightsAt(place, best.step)).toBe(weightsAt(short.place, best.step));

      const ofLast = await train(folder, 'last', overfitting('last'));
      expect(result.test['nats']).toBeLessThan(ofLast.result.test['nats']! - 0.1);
      expect([best.last.tieMap, best.last.ledger]).toEqual([ofLast.result.tieMap, ofLast.result.ledger]);
      // The size in the result is that of what was measured.
      expect(result.ledger.uniqueParameters).not.toBe(best.last.ledger.uniqueParameters);
      expect(ofLast.result).not.toHaveProperty('best');
    });
  });

  it('trains as any other: the same weights, and the same log but for what is new', async () => {
    await withFolder(async (folder) => {
      const best = await train(folder, 'best', overfitting('best'));
      const last = await train(folder, 'last', overfitting('last'));
      expect(weightsAt(best.place, STEPS)).toBe(weightsAt(last.place, STEPS));
      expect(best.result.losses).toEqual(last.result.losses);
      const isOld = ({ type, step }: Record<string, unknown>): boolean =>
        type !== 'checkpoint.saved' && !(type === 'evaluation.completed' && step === STEPS);
      const old = (place: string) =>
        lines(place)
          .filter(isOld)
          .map(({ best: _best, ...line }) => line);
      expect(old(best.place)).toEqual(old(last.place));
    });
  });

  it('keeps that step on the disk, and is evaluated by it; no tensor is left', async () => {
    await withFolder(async (folder) => {
      const before = tf.memory().numTensors;
      const { result, place } = await train(folder, 'best', overfitting('best'));
      expect(tf.memory().numTensors).toBe(before);
      const { step } = result.best!;
      expect(checkpoints(place)).toEqual([nameOf(step), nameOf(STEPS)]);
      for (const split of ['validation', 'test'] as const) {
        const again = await evaluateRun(place, { split }, environment(folder));
        expect(again.metrics).toEqual(result[split]);
        expect(again.best).toEqual({ step, steps: STEPS });
        expect([again.tieMap, again.ledger.bytes.weights]).toEqual([
          result.tieMap,
          result.ledger.bytes.weights,
        ]);
      }
      expect(tf.memory().numTensors).toBe(before);
      expect(finishedRun(place)?.best).toEqual(result.best);
    });
  });

  it('may be measured at its last step, by the same numbers as any other', async () => {
    await withFolder(async (folder) => {
      const learning: RunConfigInput = {
        training: { steps: 6, batch: 4, warmup: 0, learningRate: 1e-3 },
        evaluation: { every: 2, batch: 1, batches: 4, evaluators: [] },
      };
      const { result, events } = await train(folder, 'best', {
        ...learning,
        evaluation: { ...learning.evaluation, final: { batches: 'all', of: 'best' } },
      });
      const last = await train(folder, 'last', {
        ...learning,
        evaluation: { ...learning.evaluation, final: { batches: 'all' } },
      });
      expect(result.best?.step).toBe(6);
      expect(result.best?.last.value).toBe(result.best?.value);
      expect(result.test).toEqual(last.result.test);
      expect(evaluations(events).flatMap(({ weightsOf }) => weightsOf ?? [])).toEqual([6, 6]);
    });
  });
});

describe('interrupted', () => {
  const step = (at: number) => (event: LigatureEvent) => event.type === 'step.completed' && event.step === at;
  const afterTraining = (event: LigatureEvent) =>
    event.type === 'evaluation.completed' && event.step === STEPS && event.weightsOf === undefined;
  const testing = (event: LigatureEvent) =>
    event.type === 'evaluation.progressed' && event.split === 'test' && event.done === 1;
  const BEST = 12;
  const kills: Readonly<Record<string, (event: LigatureEvent) => boolean>> = {
    'before the best step': step(BEST - 2),
    'after it': step(BEST + 2),
    'after training': afterTraining,
    'while it is measured': testing,
  };
  const signals: readonly (readonly [string, (event: LigatureEvent) => boolean])[] = [
    ['at the best step', step(BEST)],
    ['after training', afterTraining],
    ['while it is measured', testing],
  ];

  let folder = '';
  let whole: Heard;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ligature-'));
    const left = new Set(Object.keys(kills));
    whole = await train(folder, 'whole', overfitting('best'), (event) => {
      for (const name of left) {
        if (!kills[name]!(event)) continue;
        left.delete(name);
        // What lies on the disk at that moment is what a process that is killed then leaves.
        cpSync(join(folder, 'whole'), join(folder, name), { recursive: true });
        rmSync(join(folder, name, 'run.lock'), { recursive: true, force: true });
      }
    });
    expect(whole.result.best?.step).toBe(BEST);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const expectTheSame = (result: TrialResult, place: string): void => {
    expect(measured(result)).toEqual(measured(whole.result));
    expect(lines(place)).toEqual(lines(whole.place));
    expect(checkpoints(place)).toEqual(checkpoints(whole.place));
    for (const at of [BEST, STEPS]) expect(weightsAt(place, at)).toBe(weightsAt(whole.place, at));
  };

  it.each(Object.keys(kills))('by a kill %s, it comes to the same log, result and weights', async (name) => {
    const place = join(folder, name);
    expect(finishedRun(place)).toBeUndefined();
    expectTheSame(await resumeTrial(place, environment(folder)), place);
  });

  it.each(signals)('by a signal %s, too', async (name, moment) => {
    const place = join(folder, `signal ${name}`);
    const abort = new AbortController();
    const { listen } = hearing((event) => moment(event) && abort.abort());
    const config = tinyConfig(folder, overfitting('best'), TEXT);
    const stopped = await runTrial(config, place, environment(folder, { listen, signal: abort.signal }));
    expect(stopped.outcome).toBe('stopped');
    // Named once something was measured of it.
    expect(stopped.best?.step).toBe(moment === testing ? BEST : undefined);
    expectTheSame(await resumeTrial(place, environment(folder)), place);
  });
});

describe('a configuration', () => {
  it('of the best step without validations on the way is refused, and says what to set', () => {
    const read = runConfigSchema.safeParse({ evaluation: { final: { of: 'best' } } });
    expect(read.error?.issues).toMatchObject([{ path: ['evaluation', 'final', 'of'] }]);
    expect(read.error?.issues[0]?.message).toContain('set evaluation.every');
    expect(runConfigSchema.parse({ evaluation: {} }).evaluation.final.of).toBe('last');
  });
});
