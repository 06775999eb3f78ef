/** A run for an evaluator to listen to, with evaluation passes on the way. */
import type { Evaluator, LigatureEvent, Metrics, Plugin } from '@ligature/core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import type { LifeSubject } from '../life/life-rules.js';
import { playEverything, snapshotOf, type Came, type Life, type Mark, type Stage } from '../life/life.js';
import type { MetricSubject } from '../metrics/metric-rules.js';
import { passOf, USUAL_COLUMNS, type Columns, type Pass } from '../metrics/passes.js';
import { HeardBus } from '../run/heard-bus.js';
import { runEvents } from '../run/events.js';

export interface CheckEvaluatorOptions extends CheckOptions {
  /** Metrics of `summary` that measure the machine, such as resident memory: they may differ from run to run. */
  readonly machineMetrics?: readonly string[];
  /** Scores of a target that its metrics fold, by column, such as they may be; `nats` and `correct` if left out. */
  readonly columns?: Columns;
  /** Metrics that depend on how targets are cut into batches, such as means of batch means. */
  readonly batchMetrics?: readonly string[];
}

export interface EvaluatorSubject extends Subject<'evaluators'>, LifeSubject, MetricSubject {
  readonly machineMetrics: readonly string[];
  /** A fresh one, whose context goes on with `clock`. */
  make(layers: number, clock: Clock, calls?: Calls): Promise<Evaluator>;
  /** `summary()` without what measures the machine. @throws Finding (of `summary-finite`) */
  summaryOf(evaluator: Evaluator, calls?: Calls): Metrics;
}

/** What the scripted context shows: it moves with the events, not with time. */
export interface Clock {
  at: number;
}

/** The deep one hears fewer windows than a sweep has. */
const SHAPES = [
  { layers: 12, windows: 14 },
  { layers: 2, windows: 8 },
  { layers: 1, windows: 4 },
  { layers: 48, windows: 5 },
];

export function evaluatorSubject(
  plugin: Plugin,
  name: string,
  options: CheckEvaluatorOptions = {},
): EvaluatorSubject {
  const subject = subjectOf('evaluators', plugin, name, options);
  const { machineMetrics = [], batchMetrics = [], columns = USUAL_COLUMNS } = options;
  const make: EvaluatorSubject['make'] = async (layers, clock, calls = subject.calls) => {
    const evaluator = await subject.create(
      {
        ...subject.inRun(),
        ...{ layers, backendBytes: () => 4096 * (1 + (clock.at % 7)), now: () => 5 * clock.at },
      },
      calls,
    );
    assertForm(evaluator);
    return evaluator;
  };
  const summaryOf: EvaluatorSubject['summaryOf'] = (evaluator, calls = subject.calls) => {
    const summary: unknown = calls.now('summary', () => evaluator.summary?.() ?? {});
    assertMetrics(summary, 'summary', 'summary-finite');
    return Object.fromEntries(Object.entries(summary).filter(([metric]) => !machineMetrics.includes(metric)));
  };
  const stage = (): Promise<Stage> =>
    Promise.resolve({
      scripts: SHAPES.map(({ layers }) => `${layers} layers`),
      async begin({ seed, script, calls }, mark) {
        const shape = SHAPES.find(({ layers }) => `${layers} layers` === script)!;
        const clock: Clock = { at: 0 };
        const evaluator = await make(shape.layers, clock, calls);
        const life = new EvaluatorLife({
          ...{ evaluator, clock, calls },
          events: runEvents({ ...shape, seed }),
          pass: (number) => passOf(columns, seed, number),
          summary: () => summaryOf(evaluator, calls),
        });
        if (mark) life.rollBack(mark);
        return life;
      },
    });
  return {
    ...subject,
    ...{ machineMetrics, batchMetrics, make, summaryOf, stage },
    played: playEverything(stage, subject.calls),
    metrics: async () => (await make(12, { at: 0 })).metrics ?? [],
    pass: (seed) => Promise.resolve(passOf(columns, seed, 1)),
  };
}

/** @throws Finding (of `creates`) */
function assertForm(evaluator: Evaluator): void {
  assertFunctions(evaluator, 'evaluator', []);
  const { name, metrics, attach, summary, snapshot, restore } = evaluator;
  if (typeof name !== 'string' || name === '') throw new Finding(`its name is ${show(name)}`, 'creates');
  if (!metrics && !attach && !summary)
    throw new Finding('it has none of metrics, attach and summary', 'creates');
  if (!snapshot !== !restore) {
    const [has, lacks] = snapshot ? ['snapshot', 'restore'] : ['restore', 'snapshot'];
    throw new Finding(`it has ${has}, but no ${lacks}`, 'creates');
  }
}

/** @throws Finding (of `rule`) unless it is an object of finite numbers */
export function assertMetrics(metrics: unknown, call: string, rule: string): asserts metrics is Metrics {
  const plain = typeof metrics === 'object' && metrics !== null && !Array.isArray(metrics);
  const bad = plain && Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (!plain || bad) throw new Finding(`${call} gave ${show(metrics)}`, rule);
}

interface Playing {
  readonly evaluator: Evaluator;
  readonly events: readonly LigatureEvent[];
  readonly clock: Clock;
  readonly calls: Calls;
  readonly pass: (number: number) => Pass;
  readonly summary: () => Metrics;
}

class EvaluatorLife implements Life {
  readonly #heard = new HeardBus();
  readonly #detach: () => void;

  constructor(private readonly playing: Playing) {
    const { evaluator, calls } = playing;
    const detach: unknown = calls.now('attach', () => evaluator.attach?.(this.#heard.bus));
    if (evaluator.attach && typeof detach !== 'function') {
      throw new Finding(`attach gave ${show(detach)} instead of a function that detaches`, 'attach-detaches');
    }
    this.#detach = (detach ?? (() => undefined)) as () => void;
  }

  get at(): number {
    return this.playing.clock.at;
  }

  get length(): number {
    return this.playing.events.length;
  }

  async step(): Promise<Came> {
    const event = this.playing.events[this.at]!;
    const metrics = event.type === 'evaluation.completed' ? this.#pass() : null;
    const said = await this.#heard.tell(event, this.playing.calls);
    const at = `event ${this.at}, ${event.type}`;
    this.playing.clock.at += 1;
    return { at, what: structuredClone({ metrics, said }) };
  }

  mark(): Mark {
    const { evaluator } = this.playing;
    const state = evaluator.snapshot ? snapshotOf(evaluator, this.playing.calls) : undefined;
    return { state, place: this.playing.clock.at };
  }

  rollBack({ state, place }: Mark): void {
    if (state !== undefined) this.playing.calls.now('restore', () => this.playing.evaluator.restore?.(state));
    this.playing.clock.at = place as number;
  }

  async end(): Promise<Came> {
    const what = this.playing.summary();
    await this.playing.calls.wait('detach', () => this.#detach() as void | Promise<void>);
    this.#heard.dispose();
    return { at: 'its summary', what };
  }

  /** What the folds make of a pass; `null` where it folds nothing. */
  #pass(): unknown {
    const { evaluator, calls, pass } = this.playing;
    if (!evaluator.metrics) return null;
    const lent = new Lent('the scores', pass(this.at));
    const folds = evaluator.metrics.map((metric) => calls.now('fold', () => metric.fold()));
    for (const score of lent.copy.scores) {
      for (const fold of folds) calls.now('add', () => fold.add(score));
    }
    const values = folds.map((fold) => calls.now('finish', () => fold.finish(lent.copy.scope)) ?? null);
    lent.assertUntouched();
    return values;
  }
}
