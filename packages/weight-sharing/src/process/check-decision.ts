/** Decisions come from plug-ins: nothing of them is believed. */
import { ContractError, type Decision, type Observation } from '@ligature/core';

/**
 * A frozen copy of what a controller decided.
 *
 * @throws ContractError (`decision-invalid`) naming controller, window and decision
 */
export function checkDecision(
  decision: Decision | undefined,
  observation: Observation,
  controller: string,
): Decision {
  const { layer, layers } = observation;
  const refuse = (found: string, todo: string): never => {
    throw new ContractError('decision-invalid', {
      asked: `Apply the decision ${describe(decision)} of the controller "${controller}" in window ${observation.window}`,
      found,
      todo,
    });
  };
  const checkSource = (at: number, source: unknown): void => {
    if (!Number.isInteger(source)) refuse(`layer ${at} is given ${describe(source)}`, 'Give a layer number');
    if ((source as number) > at) {
      refuse(`layer ${at} would use layer ${String(source)}, a later one`, 'Use an earlier layer');
    }
    if ((source as number) < 0) refuse(`there is no layer ${String(source)}`, 'Use an earlier layer');
  };

  const notes = decision?.notes && { notes: structuredClone(decision.notes) };
  switch (decision?.kind) {
    case 'keep':
      return deepFreeze({ kind: 'keep', ...notes });
    case 'layer':
      if (decision.layer !== layer || layer === null) {
        refuse(
          `it is about layer ${describe(decision.layer)}, but layer ${String(layer)} is to be decided on`,
          'Decide on observation.layer, or on the whole map',
        );
      }
      checkSource(decision.layer, decision.source);
      return deepFreeze({ kind: 'layer', layer: decision.layer, source: decision.source, ...notes });
    case 'map': {
      const map: unknown = decision.tieMap;
      if (!Array.isArray(map) || map.length !== layers) {
        return refuse(`it is no list of ${layers} layers`, 'Give one entry for each layer');
      }
      const tieMap = Array.from(map as unknown[]);
      tieMap.forEach((source, at) => checkSource(at, source));
      return deepFreeze({ kind: 'map', tieMap: tieMap as number[], ...notes });
    }
    default:
      return refuse('its kind is none of layer, map and keep', 'Return a Decision');
  }
}

function describe(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/** Freezes plain data all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of Object.values(value)) deepFreeze(one);
  }
  return value;
}
