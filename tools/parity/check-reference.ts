/** What a schema cannot say of reference files: numbers that must fit each other, before anything is computed. */
import type { ModelReference, OfficialReference, ReferenceConfig, Weights } from './reference-files.js';

type Rows = readonly (readonly number[])[];

/** What is wrong with a model reference, one text for each mistake. */
export function modelProblems({ config, batches, scenarios }: ModelReference): string[] {
  const problems = configProblems(config);
  batches.forEach((rows, index) => problems.push(...rowProblems(`batches[${index}]`, rows, config)));
  for (const { name, tie_map: map } of scenarios) {
    const at = `the tie map [${map.join(', ')}] of "${name}"`;
    if (map.length !== config.n_layer)
      problems.push(`${at} has ${map.length} entries for ${config.n_layer} layers`);
    const forward = map.findIndex((source, layer) => source > layer);
    if (forward >= 0) problems.push(`${at} lets layer ${forward} use a later one`);
  }
  return problems;
}

/** What is wrong with a replay of the official code, one text for each mistake. */
export function officialProblems(reference: OfficialReference, weights: Weights): string[] {
  const { config, windows, steps_per_window: steps } = reference;
  const layers = config.n_layer;
  if (layers < 2) return ['config.n_layer is 1: there is nothing to decide'];
  const problems = [...configProblems(config), ...networkProblems(reference, weights)];
  windows.forEach((window, index) => {
    const at = `windows[${index}]`;
    const expect = (what: string, found: number, wanted: number): void => {
      if (found !== wanted) problems.push(`${at}.${what} is ${found} and should be ${wanted}`);
    };
    // The official loop: for layer in range(1, L), again and again.
    expect('layer', window.layer, 1 + (index % (layers - 1)));
    if (window.action > window.layer) {
      problems.push(
        `${at}.action is ${window.action}: layer ${window.layer} has actions 0 to ${window.layer}`,
      );
    }
    expect('train.length', window.train.length, steps);
    expect('losses.length', window.losses.length, steps);
    expect('state.length', window.state.length, layers);
    expect('weight_gradient_taken.length', window.weight_gradient_taken.length, layers);
    window.train.forEach((rows, step) => problems.push(...rowProblems(`${at}.train[${step}]`, rows, config)));
    problems.push(...rowProblems(`${at}.probe`, window.probe, config));
  });
  return problems;
}

function configProblems({ dropout = 0 }: ReferenceConfig): string[] {
  return dropout === 0 ? [] : [`config.dropout is ${dropout}: only 0 can be compared`];
}

/** Rows of one length, of at most n_positions inputs and a last label, all from the vocabulary. */
function rowProblems(at: string, rows: Rows, config: ReferenceConfig): string[] {
  const problems: string[] = [];
  const length = rows[0]?.length ?? 0;
  const ragged = rows.find((row) => row.length !== length);
  if (ragged) problems.push(`${at} has rows of ${length} and of ${ragged.length} tokens`);
  if (length > config.n_positions + 1) {
    problems.push(
      `${at} has rows of ${length} tokens; ${config.n_positions} positions and a label are the most`,
    );
  }
  const unknown = rows.flat().find((token) => token >= config.vocab_size);
  if (unknown !== undefined)
    problems.push(`${at} has the token ${unknown} of a vocabulary of ${config.vocab_size}`);
  return problems;
}

function networkProblems({ config, q_network: network }: OfficialReference, weights: Weights): string[] {
  const [inputs, hidden, outputs] = network.layers as [number, number, number];
  const heads = (config.n_layer * (config.n_layer + 1)) / 2;
  if (inputs !== config.n_layer || outputs !== heads) {
    return [
      `q_network.layers is [${network.layers.join(', ')}]; ${config.n_layer} layers need [${config.n_layer}, hidden, ${heads}]`,
    ];
  }
  const shapes = {
    'q.0.weight': [inputs, hidden],
    'q.0.bias': [hidden],
    'q.2.weight': [hidden, outputs],
    'q.2.bias': [outputs],
  };
  return Object.entries(shapes).flatMap(([name, shape]) => {
    const found = weights.get(name)?.shape;
    if (!found) return [`there is no weight "${name}"`];
    if (found.join() === shape.join()) return [];
    return [`the weight "${name}" has shape [${found.join(', ')}] and should have [${shape.join(', ')}]`];
  });
}
