/** Ligature's own plug-ins, registered through the same door as anybody else's. */
import { plugin as backends } from '@ligature/backends';
import { plugin as annealing } from '@ligature/controller-annealing';
import { plugin as bandit } from '@ligature/controller-bandit';
import { plugin as gradientConflict } from '@ligature/controller-gradient-conflict';
import { plugin as halving } from '@ligature/controller-halving';
import { plugin as heuristics } from '@ligature/controller-heuristics';
import { plugin as linearThompson } from '@ligature/controller-linear-thompson';
import { plugin as lossProbed } from '@ligature/controller-loss-probed';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { plugin as random } from '@ligature/controller-random';
import { plugin as similarity } from '@ligature/controller-similarity';
import { plugin as yoked } from '@ligature/controller-yoked';
import { PluginHost, type Plugin } from '@ligature/core';
import { pluginGuard } from '@ligature/core/node';
import { plugin as datasets } from '@ligature/datasets';
import { plugin as evaluators } from '@ligature/evaluators';
import { plugin as adapters } from '@ligature/adapters';
import { plugin as hub } from '@ligature/hub';
import { plugin as recorders } from '@ligature/recorders';
import { plugin as run } from '@ligature/run';
import { plugin as tasks } from '@ligature/tasks';
import { plugin as studies } from '@ligature/studies';
import { plugin as tokenizers } from '@ligature/tokenizers/node';
import { plugin as trainer } from '@ligature/trainer';
import { plugin as transformer } from '@ligature/transformer';

export const BUILTINS: readonly Plugin[] = [
  heuristics,
  qLearning,
  random,
  annealing,
  bandit,
  halving,
  similarity,
  lossProbed,
  gradientConflict,
  linearThompson,
  yoked,
  datasets,
  hub,
  tokenizers,
  tasks,
  transformer,
  adapters,
  trainer,
  run,
  evaluators,
  recorders,
  backends,
  studies,
];

export function createHost(): PluginHost {
  const host = new PluginHost({ platform: pluginGuard });
  for (const plugin of BUILTINS) host.register(plugin, { timed: false });
  return host;
}
