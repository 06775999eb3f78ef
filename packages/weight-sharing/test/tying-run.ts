/** A run without a trainer: the test publishes what the trainer and the reward evaluator would. */
import {
  createEventBus,
  createRandomStreams,
  runConfigSchema,
  type Controller,
  type EventBus,
  type Ledger,
  type LigatureEvent,
  type Measured,
  type MeasurementOrder,
  type RandomStreams,
} from '@ligature/core';
import { CheckedController, TyingProcess, type WeightRegistry } from '../src/index.js';
import { toyCost, toyRegistry } from './support.js';

export const LAYERS = 3;

export type Hooks = Partial<Pick<Controller, 'turn' | 'wants' | 'decide' | 'learn'>>;

/** Steps after which the budget of these runs is spent. */
export const BUDGET = 20;

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
    order?: 'ascending' | 'descending';
    decide?: 'blocks' | 'components';
    until?: number;
  } = {},
  registry = toyRegistry(LAYERS, { profile: tying.profile ?? 'clean' }),
  streams = createRandomStreams(3),
  measure?: (order: MeasurementOrder) => Promise<Measured>,
): TyingRun {
  const bus = createEventBus();
  const events: LigatureEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const controller: Controller = { ...hooks, snapshot: () => null, restore: () => undefined };
  const config = runConfigSchema.parse({ controller: 'scripted', tying });
  const checked = new CheckedController(controller, streams, config);
  const ledger = (): Ledger => registry.ledger(toyCost(2, 4));
  const process = new TyingProcess(bus, checked, registry, ledger, measure);
  const publish = async (event: LigatureEvent): Promise<void> => {
    await bus.publish(event);
    await bus.idle();
  };
  const end: TyingRun['end'] = (window, step, truncated = false) =>
    publish({ type: 'window.closed', window, step, progress: step / BUDGET, losses: [], truncated });
  const reward: TyingRun['reward'] = (window, value = 0.5) =>
    publish({ type: 'reward.measured', window, reward: value, raw: 2 * value, saturated: false });
  return {
    bus,
    registry,
    streams,
    events,
    process,
    detach: process.attach(),
    open: (window, step) => publish({ type: 'window.opened', window, step, progress: step / BUDGET }),
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
