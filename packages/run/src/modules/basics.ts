/** What every other module takes: bus, random streams, configuration, clock. */
import { createEventBus, createRandomStreams, TOKENS, type RunConfig, type RunModule } from '@ligature/core';
import type { RunEnvironment } from '../environment.js';

export const basics =
  (config: RunConfig, env: RunEnvironment): RunModule =>
  (container) => {
    container.provide(TOKENS.bus, createEventBus(), () => container.get(TOKENS.bus).dispose());
    container.saves('streams', container.provide(TOKENS.streams, createRandomStreams(config.seed)));
    container.provide(TOKENS.config, config);
    container.provide(TOKENS.now, env.now);
  };
