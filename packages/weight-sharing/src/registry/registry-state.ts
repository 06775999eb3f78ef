/**
 * What a registry must remember beside its weights: the layout, and every optimizer slot with its step count, those of
 * positions that own no block at the moment included (`moments: keep` and the official profile use them again). The
 * weights themselves go into the weights file, each block once.
 */
import type { ParameterSpec, Snapshot, WeightsFile } from '@ligature/core';
import { z } from 'zod';
import { layerList, stateMismatch, type Layout } from '../layout/layout.js';
import { sizeOf } from './block-parameters.js';
import type { TensorStore } from './tensor-store.js';
import type { Wiring } from './wiring.js';

/** Optimizer slots of one position as plain data. */
export interface SavedSlots {
  /** Full name of the position. */
  readonly name: string;
  readonly spec: ParameterSpec;
  readonly step: number;
  /** Row-major, by slot name. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

const shared = {
  profile: z.enum(['clean', 'official']),
  layout: z.custom<Snapshot>((value) => value !== undefined),
};
const position = { name: z.string(), step: z.int().min(0) };
const numbers = z.instanceof(Float32Array);

const stateSchema = z.strictObject({
  ...shared,
  slots: z.array(z.strictObject({ ...position, slots: z.record(z.string(), numbers) })),
});

/** As written when AdamW was the only optimizer. */
const momentsSchema = z
  .strictObject({
    ...shared,
    moments: z.array(z.strictObject({ ...position, m: numbers, v: numbers })),
  })
  .transform(({ moments, ...rest }) => ({
    ...rest,
    slots: moments.map(({ name, step, m, v }) => ({ name, step, slots: { m, v } })),
  }));

/** Copies: later updates do not reach it. */
export function registryState(
  profile: 'clean' | 'official',
  { layout, parameters }: Wiring,
  store: TensorStore,
): Snapshot {
  return {
    profile,
    layout: layout.snapshot(),
    slots: [...parameters.specs.keys()].flatMap((name) => {
      const state = store.slots(name);
      if (!state) return [];
      const copies = Object.entries(state.slots).map(
        ([slot, tensor]) => [slot, Float32Array.from(tensor.dataSync())] as const,
      );
      return [{ name, step: state.step, slots: Object.fromEntries(copies) }];
    }),
  };
}

/**
 * Reads a state back. The layout of the wiring takes on the saved one. Slots of what is frozen here are left out.
 *
 * @throws ContractError (`registry-state-mismatch`)
 */
export function readRegistryState(
  state: Snapshot,
  profile: 'clean' | 'official',
  { layout, parameters, frozen }: Wiring,
): SavedSlots[] {
  const parsed = z.union([stateSchema, momentsSchema]).safeParse(state);
  if (!parsed.success) throw stateMismatch('it is no state of a registry', parsed.error);
  const saved = parsed.data;
  if (saved.profile !== profile) {
    throw stateMismatch(`it was saved under the profile ${saved.profile}, and this registry's is ${profile}`);
  }
  layout.restore(saved.layout);
  const seen = new Set<string>();
  const read = saved.slots.map(({ name, step, slots }) => {
    const spec = parameters.specs.get(name);
    if (!spec) throw stateMismatch(`the model has no parameter "${name}"`);
    if (seen.has(name)) throw stateMismatch(`it holds the optimizer slots of "${name}" twice`);
    seen.add(name);
    if (Object.values(slots).some((one) => one.length !== sizeOf(spec))) {
      throw stateMismatch(`the optimizer slots of "${name}" have not ${sizeOf(spec)} numbers each`);
    }
    return { name, spec, step, slots };
  });
  return read.filter(({ name }) => !frozen.has(name));
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
