/** A run without a trainer: the test publishes what the trainer and the reward evaluator would. */
import {
  createEventBus,
  createRandomStreams,
  runConfigSchema,
  sweepPosition,
  type Controller,
  type EventBus,
  type LigatureEvent,
  type RandomStreams,
  type SimilarityKind,
} from '@ligature/core';
import { TyingProcess, type WeightRegistry } from '../src/index.js';
import { toyRegistry } from './support.js';

export const LAYERS = 3;

export type Hooks = Partial<Pick<Controller, 'wants' | 'decide' | 'learn'>>;

export interface TyingRun {
  readonly bus: EventBus;
  readonly registry: WeightRegistry;
  readonly streams: RandomStreams;
  readonly events: LigatureEvent[];
  readonly process: TyingProcess;
  readonly detach: () => void;
  open(window: number, step: number): Promise<void>;
  step(window: number, step: number, loss: number): Promise<void>;
  /** The end of the window alone. */
  end(window: number, step: number, truncated?: boolean): Promise<void>;
  reward(window: number, reward?: number): Promise<void>;
  /** Both. */
  close(window: number, step: number, truncated?: boolean): Promise<void>;
}

export function tyingRun(
  hooks: Hooks,
  tying: {
    timeoutSeconds?: number | null;
    onMisbehaviour?: 'stop' | 'keep-map';
    profile?: 'clean' | 'official';
  } = {},
  registry = toyRegistry(LAYERS, { profile: tying.profile ?? 'clean' }),
  streams = createRandomStreams(3),
  similarity?: (kind: SimilarityKind) => Promise<readonly (readonly number[])[]>,
): TyingRun {
  const bus = createEventBus();
  const events: LigatureEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const controller: Controller = { ...hooks, snapshot: () => null, restore: () => undefined };
  const config = runConfigSchema.parse({ controller: 'scripted', tying });
  const shape = { batch: 2, context: 4 };
  const process = new TyingProcess(bus, controller, registry, streams, shape, config, similarity);
  const publish = async (event: LigatureEvent): Promise<void> => {
    await bus.publish(event);
    await bus.idle();
  };
  const end: TyingRun['end'] = (window, step, truncated = false) => {
    const { layer } = sweepPosition(window, LAYERS);
    return publish({ type: 'window.closed', window, layer, step, losses: [], truncated });
  };
  const reward: TyingRun['reward'] = (window, value = 0.5) =>
    publish({ type: 'reward.measured', window, reward: value, raw: 2 * value, saturated: false });
  return {
    bus,
    registry,
    streams,
    events,
    process,
    detach: process.attach(),
    open: (window, step) =>
      publish({ type: 'window.opened', window, ...sweepPosition(window, LAYERS), step }),
    step: (window, step, loss) =>
      publish({
        type: 'step.completed',
        step,
        window,
        loss,
        gradientNorm: 1,
        learningRate: 1,
        tokens: 8,
        durationMs: 0,
      }),
    end,
    reward,
    async close(window, step, truncated) {
      await end(window, step, truncated);
      await reward(window);
    },
  };
}
