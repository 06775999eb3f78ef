/**
 * What a registry must remember beside its weights: the layout, and every optimizer moment with its step count,
 * those of positions that own no block at the moment included (`moments: keep` and the official profile use them
 * again). The weights themselves go into the weights file, each block once.
 */
import type { ParameterSpec, Snapshot } from '@ligature/core';
import { z } from 'zod';
import { layerList, stateMismatch, type Layout } from '../layout/layout.js';
import { sizeOf } from './block-parameters.js';
import type { TensorStore } from './tensor-store.js';
import type { WeightsFile } from './weights-file.js';

/** Moments of one position as plain data. */
export interface SavedMoments {
  /** Full name of the position. */
  readonly name: string;
  readonly spec: ParameterSpec;
  readonly step: number;
  /** Row-major. */
  readonly m: Float32Array;
  readonly v: Float32Array;
}

const stateSchema = z.strictObject({
  profile: z.enum(['clean', 'official']),
  layout: z.custom<Snapshot>((value) => value !== undefined),
  moments: z.array(
    z.strictObject({
      name: z.string(),
      step: z.int().min(0),
      m: z.instanceof(Float32Array),
      v: z.instanceof(Float32Array),
    }),
  ),
});

/** Copies: later updates do not reach it. */
export function registryState(
  profile: 'clean' | 'official',
  layout: Layout,
  names: readonly string[],
  store: TensorStore,
): Snapshot {
  return {
    profile,
    layout: layout.snapshot(),
    moments: names.flatMap((name) => {
      const moments = store.moments(name);
      if (!moments) return [];
      const { m, v, step } = moments;
      return [{ name, step, m: Float32Array.from(m.dataSync()), v: Float32Array.from(v.dataSync()) }];
    }),
  };
}

/**
 * Reads a state back. The layout that it is given takes on the saved one.
 *
 * @throws ContractError (`registry-state-mismatch`)
 */
export function readRegistryState(
  state: Snapshot,
  profile: 'clean' | 'official',
  layout: Layout,
  specs: ReadonlyMap<string, ParameterSpec>,
): SavedMoments[] {
  const parsed = stateSchema.safeParse(state);
  if (!parsed.success) throw stateMismatch('it is no state of a registry', parsed.error);
  const saved = parsed.data;
  if (saved.profile !== profile) {
    throw stateMismatch(`it was saved under the profile ${saved.profile}, and this registry's is ${profile}`);
  }
  layout.restore(saved.layout);
  const seen = new Set<string>();
  return saved.moments.map(({ name, step, m, v }) => {
    const spec = specs.get(name);
    if (!spec) throw stateMismatch(`the model has no parameter "${name}"`);
    if (seen.has(name)) throw stateMismatch(`it holds moments of "${name}" twice`);
    seen.add(name);
    if (m.length !== sizeOf(spec) || v.length !== sizeOf(spec)) {
      throw stateMismatch(`the moments of "${name}" have not ${sizeOf(spec)} numbers each`);
    }
    return { name, spec, step, m, v };
  });
}

/** @throws ContractError when the tie maps of the weights are not those of the saved layout */
export function assertSameMaps(layout: Layout, metadata: WeightsFile['metadata']): void {
  const text = Object.hasOwn(metadata, 'tieMaps') ? (metadata['tieMaps'] as string) : 'null';
  const maps = z.record(z.string(), layerList).safeParse(parseJson(text)).data ?? {};
  for (const component of layout.components) {
    const inFile = Object.hasOwn(maps, component) ? (maps[component] as number[]) : [];
    const map = layout.tieMapOf(component);
    if (map.join() === inFile.join()) continue;
    throw stateMismatch(
      `the tie map of ${component} is [${map.join(', ')}] there and [${inFile.join(', ')}] in the weights`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
