/** The depths at which a controller is tried, and what it is asked there. */
import { createRandomStreams } from '@ligature/core';
import type { Controller, Plugin, RandomStreams } from '@ligature/core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import { once } from '../harness/once.js';
import { showError } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import type { LifeSubject } from '../life/life-rules.js';
import { playEverything, type Stage } from '../life/life.js';
import { Episode } from './episode.js';
import type { WindowScript } from './script.js';
import type { Profile } from './stack.js';

export interface CheckControllerOptions extends CheckOptions {
  /**
   * Depths of stacks to try; 12, 4, 2, 1 and 48 if left out. Options that fit one depth only, such as a literal tie map,
   * need that one.
   */
  readonly layers?: readonly number[];
}

export interface EpisodeSetting {
  readonly layers: number;
  readonly seed: number;
  readonly calls?: Calls;
  readonly profile?: Profile;
  /** Parts of blocks one after the other, instead of whole blocks. */
  readonly byComponent?: boolean;
  readonly windows?: number;
  readonly measures?: boolean;
  readonly script?: WindowScript;
}

export interface ControllerSubject extends Subject<'controllers'>, LifeSubject {
  readonly layers: readonly number[];
  /** Depths that it was made for, in the order of `layers`; never none. */
  accepted(): Promise<readonly number[]>;
  /** Why it would not be made for the others. */
  refused(): Promise<ReadonlyMap<number, string>>;
  /** Whether it may want something measured. */
  wants(): Promise<boolean>;
  make(layers: number, streams?: RandomStreams, calls?: Calls): Promise<Controller>;
  episode(setting: EpisodeSetting): Promise<Episode>;
}

/** First the one that says most, then one in which many sweeps are few windows; 1 and 48 are the ends of what runs use. */
const DEPTHS = [12, 4, 2, 1, 48];

export function controllerSubject(
  plugin: Plugin,
  name: string,
  options: CheckControllerOptions = {},
): ControllerSubject {
  const subject = subjectOf('controllers', plugin, name, options);
  const { layers = DEPTHS } = options;

  const make: ControllerSubject['make'] = async (depth, streams = createRandomStreams(1), calls) => {
    const random = streams.stream('policy/initialization');
    const controller = await subject.create(
      { layers: depth, seed: streams.seed, random, ...subject.inRun() },
      calls,
    );
    assertFunctions(controller, 'controller', ['snapshot', 'restore']);
    return controller;
  };

  const refused = once(async () => {
    const reasons = new Map<number, string>();
    for (const depth of layers) {
      try {
        const controller = await make(depth);
        controller.initial?.(depth);
        await controller.dispose?.();
      } catch (error) {
        const cause = error instanceof Finding ? (error.cause ?? error) : error;
        // What is no refusal in words for people is the business of other rules.
        if (isRefusal(cause)) reasons.set(depth, showError(cause));
      }
    }
    return reasons;
  });

  const accepted = async (): Promise<readonly number[]> => {
    const reasons = await refused();
    const left = layers.filter((depth) => !reasons.has(depth));
    if (left.length > 0) return left;
    const [reason] = reasons.values();
    throw new Finding(`no depth of ${layers.join(', ')} layers is accepted: ${reason}`, 'creates');
  };

  const wants = once(async () => {
    const [depth] = await accepted();
    const controller = await make(depth!);
    await controller.dispose?.();
    return controller.wants !== undefined;
  });

  const episode: ControllerSubject['episode'] = async ({ calls = subject.calls, ...setting }) => {
    const { layers: depth, seed, profile = 'clean', windows = windowsOf(depth) } = setting;
    const streams = createRandomStreams(seed);
    const controller = await make(depth, streams, calls);
    return new Episode(controller, streams, { ...setting, name, profile, windows, calls });
  };

  const stage = async (): Promise<Stage> => {
    const depths = await accepted();
    const settings = depths.flatMap((depth) =>
      (['clean', 'official'] as const).map((profile) => ({
        ...{ layers: depth, profile, measures: true, byComponent: false },
      })),
    );
    // A run on a model that nobody measures.
    const first = { layers: depths[0]!, profile: 'clean', measures: true, byComponent: false } as const;
    if (await wants()) settings.push({ ...first, measures: false });
    // As a configuration has it whose turns go through the parts of each block.
    settings.push({ ...first, byComponent: true });
    const scripts = settings.map(
      ({ layers: depth, profile, measures, byComponent }) =>
        `${depth} layers, ${profile}${measures ? '' : ', nothing measured'}${byComponent ? ', by component' : ''}`,
    );
    // The first depth, and one in which state that spans many sweeps comes to bear.
    const shallow = depths.slice(1).find((depth) => depth > 2 && depth <= MANY_SWEEPS);
    const saved = [scripts[0]!, ...(shallow === undefined ? [] : [`${shallow} layers, clean`])];
    return {
      scripts,
      saved,
      async begin({ seed, script, calls }, mark) {
        const life = await episode({ ...settings[scripts.indexOf(script)]!, seed, calls });
        if (mark) life.rollBack(mark);
        return life;
      },
    };
  };

  return {
    ...subject,
    layers,
    accepted,
    refused,
    wants,
    make,
    episode,
    stage,
    played: playEverything(stage, subject.calls),
  };
}

/** Up to this depth `WINDOWS` are several sweeps. */
const MANY_SWEEPS = 6;
const WINDOWS = 24;

/** Eight sweeps of 4 layers, three of a stack of up to 16, a little more than one of a deep one. */
const windowsOf = (layers: number): number =>
  layers <= 16 ? Math.max(3 * (layers - 1), WINDOWS) : layers + 4;
