/** A run for an evaluator to listen to, with evaluation passes on the way. */
import { createRandomStream } from '@ligature/core';
import type { BatchScore, EvaluationScope, Evaluator, LigatureEvent, Metrics, Plugin } from '@ligature/core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import type { LifeSubject } from '../life/life-rules.js';
import { playEverything, snapshotOf, type Came, type Life, type Mark, type Stage } from '../life/life.js';
import { HeardBus } from '../run/heard-bus.js';
import { runEvents } from '../run/events.js';

export interface CheckEvaluatorOptions extends CheckOptions {
  /** Metrics of `summary` that measure the machine, such as resident memory: they may differ from run to run. */
  readonly machineMetrics?: readonly string[];
}

export interface EvaluatorSubject extends Subject<'evaluators'>, LifeSubject {
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
  const { machineMetrics = [] } = options;
  const make: EvaluatorSubject['make'] = async (layers, clock, calls = subject.calls) => {
    const evaluator = await subject.create(
      { layers, backendBytes: () => 4096 * (1 + (clock.at % 7)), now: () => 5 * clock.at },
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
        const life = new EvaluatorLife(evaluator, runEvents({ ...shape, seed }), clock, seed, calls, () =>
          summaryOf(evaluator, calls),
        );
        if (mark) life.rollBack(mark);
        return life;
      },
    });
  return { ...subject, machineMetrics, make, summaryOf, stage, played: playEverything(stage, subject.calls) };
}

/** @throws Finding (of `creates`) */
function assertForm(evaluator: Evaluator): void {
  assertFunctions(evaluator, 'evaluator', []);
  const { name, begin, attach, summary, snapshot, restore } = evaluator;
  if (typeof name !== 'string' || name === '') throw new Finding(`its name is ${show(name)}`, 'creates');
  if (!begin && !attach && !summary) throw new Finding('it has none of begin, attach and summary', 'creates');
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

class EvaluatorLife implements Life {
  readonly #heard = new HeardBus();
  readonly #detach: () => void;

  constructor(
    private readonly evaluator: Evaluator,
    private readonly events: readonly LigatureEvent[],
    private readonly clock: Clock,
    private readonly seed: number,
    private readonly calls: Calls,
    private readonly summary: () => Metrics,
  ) {
    const detach: unknown = calls.now('attach', () => evaluator.attach?.(this.#heard.bus));
    if (evaluator.attach && typeof detach !== 'function') {
      throw new Finding(`attach gave ${show(detach)} instead of a function that detaches`, 'attach-detaches');
    }
    this.#detach = (detach ?? (() => undefined)) as () => void;
  }

  get at(): number {
    return this.clock.at;
  }

  get length(): number {
    return this.events.length;
  }

  async step(): Promise<Came> {
    const event = this.events[this.at]!;
    const metrics = event.type === 'evaluation.completed' ? this.#pass() : null;
    const said = await this.#heard.tell(event, this.calls);
    const at = `event ${this.at}, ${event.type}`;
    this.clock.at += 1;
    return { at, what: structuredClone({ metrics, said }) };
  }

  mark(): Mark {
    const { evaluator } = this;
    const state = evaluator.snapshot ? snapshotOf(evaluator, this.calls) : undefined;
    return { state, place: this.clock.at };
  }

  rollBack({ state, place }: Mark): void {
    if (state !== undefined) this.calls.now('restore', () => this.evaluator.restore?.(state));
    this.clock.at = place as number;
  }

  async end(): Promise<Came> {
    const what = this.summary();
    await this.calls.wait('detach', () => this.#detach() as void | Promise<void>);
    this.#heard.dispose();
    return { at: 'its summary', what };
  }

  /** What the folds make of a pass; `null` where it folds nothing. */
  #pass(): unknown {
    const { evaluator, calls } = this;
    if (!evaluator.begin) return null;
    const fold = calls.now('begin', () => evaluator.begin!());
    const { scores, scope } = passOf(this.seed, this.at);
    const lent = new Lent('the scores', { scores, scope });
    for (const score of lent.copy.scores) calls.now('add', () => fold.add(score));
    const metrics = calls.now('finish', () => fold.finish(lent.copy.scope));
    lent.assertUntouched();
    return metrics;
  }
}

export interface Pass {
  readonly scores: readonly BatchScore[];
  readonly scope: EvaluationScope;
}

/** Scores of seven batches, the last one smaller. */
export function passOf(seed: number, number: number): Pass {
  const random = createRandomStream(seed, `pass ${number}`);
  const scores = Array.from({ length: 7 }, (_, batch) => {
    const tokens = batch === 6 ? 5 : 32;
    return { nats: tokens * (1 + 4 * random.uniform()), tokens, correct: random.integer(0, tokens + 1) };
  });
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0);
  return { scores, scope: { split: 'validation', tokens, bytes: 3 * tokens + 1 } };
}
