/**
 * A run as a controller sees it: windows open, losses come, rewards are told. What the tying process of a run checks
 * is checked here by the same functions; who is at fault is said by the id of the rule.
 */
import type { Controller, Decision, Observation, RandomStreams, Snapshot, Turn } from '@ligature/core';
import { checkDecision, checkReport, checkWanted, lendStream, turnOf } from '@ligature/weight-sharing';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import { show } from '../harness/show.js';
import { snapshotOf, type Came, type Life, type Mark } from '../life/life.js';
import { scriptedMeasurement, scriptedWindow, type WindowScript } from './script.js';
import { applied, initialStack, tieMapOf, tieMapsOf, type Profile, type StackState } from './stack.js';
import { contextOf, foundIn, legalTurn } from './turns.js';

export interface EpisodeOptions {
  readonly name: string;
  readonly layers: number;
  readonly profile: Profile;
  readonly byComponent?: boolean;
  readonly windows: number;
  readonly seed: number;
  readonly calls: Calls;
  /** Whether what the controller wants measured is; left out: it is. */
  readonly measures?: boolean;
  /** What windows bring; the scripted ones if left out. */
  readonly script?: WindowScript;
}

interface Place {
  readonly at: number;
  readonly stack: StackState;
  readonly losses: readonly number[];
  readonly pending: { readonly observation: Observation; readonly decision: Decision } | undefined;
  readonly streams: Snapshot;
}

const STEPS_PER_WINDOW = 3;

/** Each window is two steps: the decision, and what came of it. */
export class Episode implements Life {
  #place: Omit<Place, 'streams'>;

  /**
   * @param streams the run's streams, which `controller` was made with
   * @throws Finding (of `initial-legal`)
   */
  constructor(
    private readonly controller: Controller,
    private readonly streams: RandomStreams,
    private readonly options: EpisodeOptions,
  ) {
    const { layers, profile, calls } = options;
    const initial = calls.now('initial', () => controller.initial?.(layers), 'initial-legal');
    this.#place = {
      at: 0,
      stack: initialStack(profile, layers, legalMap(initial, layers)),
      losses: [],
      pending: undefined,
    };
  }

  get at(): number {
    return this.#place.at;
  }

  get length(): number {
    return 2 * this.options.windows;
  }

  async step(): Promise<Came> {
    const window = Math.floor(this.at / 2);
    const what = this.at % 2 === 0 ? 'decide' : 'learn';
    const at = `${what} in window ${window} of ${this.options.layers} layers`;
    const came = what === 'decide' ? await this.#decide(window) : await this.#learn(window);
    this.#place = { ...this.#place, at: this.at + 1 };
    return { at, what: came };
  }

  mark(): Mark {
    const place: Place = { ...this.#place, streams: this.streams.snapshot() };
    return { state: snapshotOf(this.controller, this.options.calls), place };
  }

  /** In the order of a run: streams first, then the controller. */
  rollBack({ state, place }: Mark): void {
    const { streams, ...rest } = place as Place;
    this.streams.restore(streams);
    if (state !== undefined) this.options.calls.now('restore', () => this.controller.restore(state));
    this.#place = rest;
  }

  async end(): Promise<Came> {
    const { calls } = this.options;
    const state = calls.now('snapshot', () => structuredCopy(this.controller.snapshot()));
    // A promise is none of the contract, but one that is given is waited for.
    await calls.wait('dispose', () => this.controller.dispose?.() as void | Promise<void>);
    return { at: 'its state at the end', what: state };
  }

  async #decide(window: number): Promise<unknown> {
    const { controller } = this;
    if (!controller.decide) return null;
    const observation = await this.#measured(this.#observe(window));
    const lent = new Lent('the observation', observation);
    const loan = lendStream(this.streams.stream('policy'));
    const answer: unknown = await this.options.calls
      .wait('decide', () => controller.decide?.(lent.copy, loan.stream))
      .finally(() => loan.end());
    lent.assertUntouched();
    const { profile, name } = this.options;
    const decision = legalDecision(answer, observation, name, contextOf(this.options).components);
    const named = decision.kind === 'keep' ? undefined : decision.component;
    this.#place = {
      ...this.#place,
      stack: applied(profile, this.#place.stack, decision, named ?? observation.component),
      pending: { observation, decision },
    };
    return decision;
  }

  /** The observation with what the controller wants measured. */
  async #measured(observation: Observation): Promise<Observation> {
    const { controller } = this;
    const { name, calls, measures = true } = this.options;
    if (!controller.wants) return observation;
    const lent = new Lent('the observation', observation);
    const wanted: unknown = await calls.wait('wants', () => controller.wants?.(lent.copy));
    lent.assertUntouched();
    const order = legalMeasurement(wanted, observation, name);
    if (!order || !measures) return observation;
    return { ...observation, measured: scriptedMeasurement(order, observation, this.options.seed) };
  }

  async #learn(window: number): Promise<unknown> {
    const { pending, stack } = this.#place;
    const { calls, seed, name, windows, script = scriptedWindow } = this.options;
    const { losses, reward } = script({ window, seed, tieMap: tieMapOf(stack), before: this.#place.losses });
    this.#place = { ...this.#place, losses, pending: undefined };
    if (!pending || !this.controller.learn) return null;
    const lent = new Lent('the transition', {
      ...pending,
      reward,
      next: this.#observe(window + 1),
      terminated: false,
      truncated: window === windows - 1,
    });
    const answer: unknown = await calls
      .wait('learn', () => this.controller.learn?.(lent.copy))
      .catch((error: unknown) => {
        throw lateDraw(error) ?? error;
      });
    lent.assertUntouched();
    try {
      return checkReport(answer, window, name) ?? null;
    } catch (cause) {
      throw new Finding(`learn reported ${show(answer)}: ${foundIn(cause)}`, 'report-finite', { cause });
    }
  }

  #observe(window: number): Observation {
    const { layers, windows } = this.options;
    const { stack, losses } = this.#place;
    const turn = this.#turn(window);
    const tieMaps = tieMapsOf(stack);
    const map = turn.component === null ? undefined : tieMaps[turn.component]!;
    return {
      window,
      ...turn,
      step: window * STEPS_PER_WINDOW,
      progress: Math.min(1, window / windows),
      layers,
      tieMap: [...(map ?? tieMapOf(stack))],
      tieMaps: structuredClone(tieMaps),
      state: [...(map ?? stack.state)],
      recentLosses: [...losses],
    };
  }

  #turn(window: number): Turn {
    const { byComponent = false, calls, name } = this.options;
    const context = contextOf(this.options);
    const decide = byComponent ? 'components' : 'blocks';
    if (!this.controller.turn) return turnOf(window, context, { order: 'ascending', decide });
    const answer: unknown = calls.now('turn', () => this.controller.turn?.(window, context));
    return legalTurn(answer, window, context, name);
  }
}

/** @throws Finding (of `initial-legal`) */
function legalMap(map: unknown, layers: number): readonly number[] | undefined {
  if (map === undefined) return undefined;
  const entries = Array.isArray(map) ? (map as unknown[]) : [];
  const legal = (source: unknown, layer: number): boolean =>
    Number.isInteger(source) && (source as number) >= 0 && (source as number) <= layer;
  if (entries.length === layers && Array.from(entries).every(legal)) return entries as number[];
  throw new Finding(`initial(${layers}) gave ${show(map)}`, 'initial-legal');
}

/** @throws Finding (of `measurement-known`) */
function legalMeasurement(
  answer: unknown,
  observation: Observation,
  name: string,
): ReturnType<typeof checkWanted> {
  try {
    return checkWanted(answer, observation, name);
  } catch (cause) {
    throw new Finding(
      `in window ${observation.window} wants gave ${show(answer)}: ${foundIn(cause)}`,
      'measurement-known',
      {
        cause,
      },
    );
  }
}

/** @throws Finding (of `no-forward-reference` or `decision-legal`) */
function legalDecision(
  answer: unknown,
  observation: Observation,
  name: string,
  decidable: readonly string[],
): Decision {
  try {
    return checkDecision(answer, observation, name, decidable);
  } catch (cause) {
    const found = `for window ${observation.window} of ${observation.layers} layers decide gave ${show(answer)}: ${foundIn(cause)}`;
    throw new Finding(found, /a later one/.test(foundIn(cause)) ? 'no-forward-reference' : 'decision-legal', {
      cause,
    });
  }
}

/** A finding of its own for the stream that was drawn from when its decision was over. */
function lateDraw(error: unknown): Finding | undefined {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 'random-loan-ended'
    ? new Finding('learn drew from the stream that decide was given', 'random-borrowed', { cause })
    : undefined;
}

/** A copy, or the thing itself where it cannot be copied: that is another rule's to say. */
function structuredCopy(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
