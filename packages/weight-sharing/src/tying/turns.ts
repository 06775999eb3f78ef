/** Whose turn it is in a window: what a controller says, or what the configuration says for those that do not care. */
import { ContractError, type RunConfig, type Turn, type TurnContext } from '@ligature/core';
import { describe } from './plain-data.js';

export type TurnOptions = Pick<RunConfig['tying'], 'order' | 'decide'>;

/**
 * Layers 1..L-1 one after the other, each as a whole or component by component; a sweep is once over all of them. A
 * stack of one layer has none to decide on.
 */
export function turnOf(window: number, { layers, components }: TurnContext, options: TurnOptions): Turn {
  const parts = options.decide === 'components' ? components : [null];
  const turns = (layers - 1) * parts.length;
  if (turns < 1) return { sweep: window, layer: null, component: null };
  const place = window % turns;
  const nth = Math.floor(place / parts.length);
  return {
    sweep: Math.floor(window / turns),
    layer: options.order === 'ascending' ? nth + 1 : layers - 1 - nth,
    component: parts[place % parts.length] ?? null,
  };
}

/**
 * A copy of what a controller said.
 *
 * @throws ContractError (`controller-turn-invalid`) naming controller, window and answer
 */
export function checkTurn(answer: unknown, window: number, context: TurnContext, controller: string): Turn {
  const refuse = (found: string, todo: string, cause?: unknown): never => {
    throw new ContractError(
      'controller-turn-invalid',
      {
        asked: `Give window ${window} to the turn ${describe(answer)} of the controller "${controller}"`,
        found,
        todo,
      },
      { cause },
    );
  };
  if (typeof answer !== 'object' || answer === null) return refuse('it is no turn', 'Return a Turn');
  let read: Record<string, unknown>;
  try {
    const { sweep, layer, component } = answer as Record<string, unknown>;
    read = { sweep, layer, component: component ?? null };
  } catch (error) {
    return refuse('it cannot be read', 'Return plain data', error);
  }
  const { sweep, layer, component } = read;
  if (!isCount(sweep)) return refuse(`its sweep is ${describe(sweep)}`, 'Count sweeps from 0');
  if (layer !== null && !(isCount(layer) && layer >= 1 && layer < context.layers)) {
    const layers = `1 to ${context.layers - 1}`;
    return refuse(
      `there is no layer ${describe(layer)} to decide on`,
      `Name a layer from ${layers}, or null`,
    );
  }
  if (component !== null && !(typeof component === 'string' && context.components.includes(component))) {
    const known = context.components.join(', ') || 'none';
    return refuse(`${describe(component)} is not decided on by itself; known: ${known}`, 'Name one, or null');
  }
  // Makes a zero of -0.
  return Object.freeze({ sweep: sweep + 0, layer, component });
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
