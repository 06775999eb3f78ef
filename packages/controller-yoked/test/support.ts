/** Controllers by name for what is made around one, without a run. */
import { createRunContainer, PluginHost, TOKENS } from '@ligature/core';
import type { Controller, ControllerContext, Plugin, RunContainer } from '@ligature/core';
import { plugin as learners } from '@ligature/controller-q-learning';
import { worldContext } from '@ligature/testing';
import { createYoked, yokedOptionsSchema } from '../src/index.js';

/** Offers the Q-learner and what else is given. */
export function offer(
  container: RunContainer,
  layers: number,
  seed = 1,
  plugins: readonly Plugin[] = [],
): void {
  const host = new PluginHost();
  for (const plugin of [learners, ...plugins]) host.register(plugin);
  container.provide(TOKENS.createController, (name, options) =>
    host.create('controllers', name, options, worldContext(layers, seed)),
  );
}

export function makeYoked(
  options: Readonly<Record<string, unknown>>,
  layers: number,
  seed = 1,
  plugins: readonly Plugin[] = [],
): Promise<Controller> {
  const container = createRunContainer();
  offer(container, layers, seed, plugins);
  const context: ControllerContext = { ...worldContext(layers, seed), get: container.get };
  return createYoked(yokedOptionsSchema.parse(options), context);
}
