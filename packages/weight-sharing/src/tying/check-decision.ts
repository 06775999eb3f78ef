/**
 * Decisions come from plug-ins: nothing of them is believed, everything is copied. Each property is read once, so
 * that one which changes between two reads cannot pass the check as something else.
 */
import {
  ContractError,
  deepFreeze,
  type Component,
  type Decision,
  type DecisionNotes,
  type Observation,
} from '@ligature/core';
import { describe, plainCopy } from './plain-data.js';

/**
 * A frozen copy of what a controller decided.
 *
 * @param decidable components that a decision may be about alone; left out: those of the observation
 * @throws ContractError (`controller-decision-invalid`) naming controller, window and decision
 */
export function checkDecision(
  answer: unknown,
  observation: Observation,
  controller: string,
  decidable?: readonly string[],
): Decision {
  const refuse = (found: string, todo: string, cause?: unknown): never => {
    throw new ContractError(
      'controller-decision-invalid',
      {
        asked: `Apply the decision ${describe(answer)} of the controller "${controller}" in window ${observation.window}`,
        found,
        todo,
      },
      { cause },
    );
  };
  let read: Fields;
  try {
    read = fields(answer);
  } catch (error) {
    return refuse(
      `it cannot be read: ${error instanceof Error ? error.message : describe(error)}`,
      'Return plain data, and notes of what one reads',
      error,
    );
  }
  const { kind, layer, source, tieMap, notes } = read;
  const checkSource = (at: number, given: unknown): number => {
    if (!Number.isInteger(given)) refuse(`layer ${at} is given ${describe(given)}`, 'Give a layer number');
    const one = given as number;
    if (one > at) refuse(`layer ${at} would use layer ${one}, a later one`, 'Use an earlier layer');
    if (one < 0) refuse(`there is no layer ${one}`, 'Use an earlier layer');
    // Makes a zero of -0.
    return one + 0;
  };

  const part = (): { readonly component?: Component } => {
    const { component } = read;
    if (component === undefined || component === null) return {};
    const possible = decidable ?? Object.keys(observation.tieMaps);
    if (typeof component !== 'string' || !possible.includes(component)) {
      const known = possible.join(', ') || 'none';
      return refuse(
        `${describe(component)} is not decided on by itself; known: ${known}`,
        'Leave out the component to decide on what the observation names',
      );
    }
    if (observation.component !== null && component !== observation.component) {
      return refuse(
        `it is about ${component}, but ${observation.component} is to be decided on`,
        'Decide on observation.component, or leave it out',
      );
    }
    return { component };
  };

  switch (kind) {
    case 'keep':
      return deepFreeze({ kind, ...notes });
    case 'layer':
      if (layer !== observation.layer || observation.layer === null) {
        return refuse(
          `it is about layer ${describe(layer)}, but layer ${String(observation.layer)} is to be decided on`,
          'Decide on observation.layer, or on the whole map',
        );
      }
      return deepFreeze({
        kind,
        layer: observation.layer,
        source: checkSource(observation.layer, source),
        ...part(),
        ...notes,
      });
    case 'map': {
      if (!Array.isArray(tieMap) || tieMap.length !== observation.layers) {
        return refuse(`it is no list of ${observation.layers} layers`, 'Give one entry for each layer');
      }
      const entries = Array.from({ length: observation.layers }, (_, at) => tieMap[at] as unknown);
      return deepFreeze({
        kind,
        tieMap: entries.map((given, at) => checkSource(at, given)),
        ...part(),
        ...notes,
      });
    }
    default:
      return refuse('its kind is none of layer, map and keep', 'Return a Decision');
  }
}

interface Fields {
  readonly kind?: unknown;
  readonly layer?: unknown;
  readonly source?: unknown;
  readonly tieMap?: unknown;
  readonly component?: unknown;
  readonly notes?: { readonly notes: DecisionNotes };
}

function fields(answer: unknown): Fields {
  if (typeof answer !== 'object' || answer === null) return {};
  const { kind, layer, source, tieMap, component, notes } = answer as Record<string, unknown>;
  const copy = notes === undefined || notes === null ? undefined : plainCopy(notes);
  if (copy !== undefined && (typeof copy !== 'object' || Array.isArray(copy))) {
    throw new TypeError('its notes are no object');
  }
  return { kind, layer, source, tieMap, component, ...(copy && { notes: { notes: copy as DecisionNotes } }) };
}
