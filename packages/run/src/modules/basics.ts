/** What every other module takes: bus, random streams, configuration, clock. */
import { createRandomStreams, TOKENS, type RunConfig, type RunModule } from '@ligature/core';
import type { ComposeEnvironment } from '../compose-environment.js';

export const basics =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  (container) => {
    container.provide(TOKENS.bus, env.bus);
    container.saves('streams', container.provide(TOKENS.streams, createRandomStreams(config.seed)));
    container.provide(TOKENS.config, config);
    container.provide(TOKENS.now, env.now);
  };
