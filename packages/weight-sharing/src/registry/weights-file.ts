/**
 * Weights and tie maps as a file holds them. Each storage is there once, under the name of its first layer; the
 * maps say who else reads it. `format: pt` is what Hugging Face loaders ask of a safetensors file.
 */
import {
  assertTieMap,
  InputError,
  isCanonical,
  parseJson,
  tieMapFromBlocks,
  type TieMap,
} from '@ligature/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Layout } from '../layout/layout.js';
import type { SafetensorsFile } from '../safetensors/types.js';
import type { Wiring } from './wiring.js';

type TieMaps = Readonly<Record<string, TieMap>>;

const mapSchema = z.array(z.number().int());
const mapsSchema = z.record(z.string(), mapSchema);

/** Every storage once, with the maps. Copies. */
export function exportedWeights(wiring: Wiring, weight: (storage: string) => Tensor): SafetensorsFile {
  const { layout } = wiring;
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const { name, storage } of wiring.storages()) {
    const tensor = weight(storage);
    tensors.set(name, { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) });
  }
  const maps = Object.fromEntries(layout.components.map((one) => [one, layout.tieMapOf(one)]));
  const metadata = {
    format: 'pt',
    tieMap: JSON.stringify(layout.tieMap()),
    tieMaps: JSON.stringify(maps),
  };
  return { tensors, metadata };
}

/**
 * The tie maps of a file, one for each component of the model; without any, every layer is independent.
 *
 * @param governed components that may be tied
 * @throws InputError (`tie-map-invalid`) when they are no canonical maps of this model or contradict each other
 */
export function readTieMaps(
  metadata: Readonly<Record<string, string>>,
  layout: Layout,
  governed: readonly string[],
): TieMaps {
  const independent = Array.from({ length: layout.layers }, (_, layer) => layer);
  const tieMap = parse(metadata, 'tieMap', mapSchema);
  const stored = parse(metadata, 'tieMaps', mapsSchema);
  if (tieMap) assertTieMap(tieMap, layout.layers);
  const maps = new Map<string, TieMap>();
  for (const component of layout.components) {
    const whole = governed.includes(component) ? tieMap : undefined;
    const map =
      stored && Object.hasOwn(stored, component) ? (stored[component] as TieMap) : (whole ?? independent);
    if (!isCanonical(assertTieMap(map, layout.layers))) {
      throw invalid(`the map of ${component}, [${map.join(', ')}], points at a layer that is tied itself`);
    }
    if (!governed.includes(component) && map.some((source, layer) => source !== layer)) {
      throw invalid(`${component} is tied there, but this registry does not tie it`);
    }
    maps.set(component, map);
  }
  const unknown = Object.keys(stored ?? {}).find((component) => !maps.has(component));
  if (unknown !== undefined) throw invalid(`the model has no component "${unknown}"`);
  if (tieMap && stored) assertAgreement(tieMap, [...maps.values()]);
  return Object.fromEntries(maps);
}

/**
 * The map of whole blocks must follow from those of the components: of all of them, or of those that tie anything
 * (which is what the whole map means where only some are governed).
 */
function assertAgreement(tieMap: TieMap, maps: readonly TieMap[]): void {
  const combine = (list: readonly TieMap[]): string =>
    tieMapFromBlocks(tieMap.map((_, layer) => list.map((map) => map[layer]).join(' '))).join(', ');
  const tied = maps.filter((map) => map.some((source, layer) => source !== layer));
  const possible = [combine(maps), ...(tied.length > 0 ? [combine(tied)] : [])];
  if (possible.includes(tieMap.join(', '))) return;
  throw invalid(`tieMap is [${tieMap.join(', ')}], but the maps of the components give [${possible[0]}]`);
}

function parse<T>(
  metadata: Readonly<Record<string, string>>,
  key: string,
  schema: z.ZodType<T>,
): T | undefined {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw invalid(`${key} is no JSON`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(`${key} is no list of layers`);
  return parsed.data;
}

function invalid(found: string): InputError {
  return new InputError('tie-map-invalid', {
    asked: 'Read the tie maps of a weights file',
    found,
    todo: 'Use a file that was made for this model with its own tie map',
  });
}
