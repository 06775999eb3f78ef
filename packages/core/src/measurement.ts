/** Measurements of layers as events of a log, and back. */
import { ContractError } from './errors.js';
import type { LayersMeasured } from './events/events.js';
import type { Measured, Measurement } from './contracts/measurement.js';

/** The fields of a `layers.measured` that say what was measured, and what that took. */
export function measuredFields({
  measurement,
  cost,
}: Measured): Omit<LayersMeasured, 'type' | 'window' | 'layers'> {
  if (measurement.kind !== 'tie-cost') {
    const values = measurement.matrix.flatMap((row, layer) => row.slice(layer + 1));
    return { kind: measurement.kind, values, ...cost };
  }
  const { kind, pairs, loss, substitute, batches } = measurement;
  return {
    kind,
    pairs: pairs.map(({ first, second }) => [first, second]),
    values: pairs.map((one) => one.cost),
    ...{ loss, substitute, batches, ...cost },
  };
}

/**
 * What the controller was told, from what the log says of it.
 *
 * @throws ContractError (`measurement-unreadable`) for a list of another length than it must have
 */
export function measurementOf(event: LayersMeasured): Measurement {
  const { kind, layers, values } = event;
  if (kind === 'tie-cost') {
    const { pairs = [], loss, substitute, batches } = event;
    if (values.length !== pairs.length || pairs.some(({ length }) => length !== 2)) throw unreadable(event);
    if (loss === undefined || substitute === undefined || batches === undefined) throw unreadable(event);
    const costs = pairs.map(([first, second], at) => ({
      first: first as number,
      second: second as number,
      cost: values[at] as number,
    }));
    return { kind, substitute, batches, loss, pairs: costs };
  }
  if (values.length !== (layers * (layers - 1)) / 2) throw unreadable(event);
  const matrix = Array.from({ length: layers }, () => new Array<number>(layers).fill(1));
  let at = 0;
  for (let i = 0; i < layers; i += 1) {
    for (let j = i + 1; j < layers; j += 1) {
      matrix[i]![j] = matrix[j]![i] = values[at] as number;
      at += 1;
    }
  }
  return { kind, matrix };
}

function unreadable({ kind, layers, values, window }: LayersMeasured): ContractError {
  return new ContractError('measurement-unreadable', {
    asked: `Read the measurement ${kind} of window ${window} from a log`,
    found: `its ${values.length} numbers are none of ${layers} layers`,
    todo: 'Use the log as it was written',
  });
}
