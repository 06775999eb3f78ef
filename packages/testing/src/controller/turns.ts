/** Whose turn it is, as a controller says. */
import type { Turn, TurnContext } from '@ligature/core';
import { checkTurn } from '@ligature/weight-sharing';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { COMPONENTS, type Profile } from './stack.js';
import type { ControllerSubject } from './subject.js';

/** Under `official` blocks are tied as a whole. */
export const contextOf = (setting: { readonly layers: number; readonly profile: Profile }): TurnContext => ({
  layers: setting.layers,
  components: setting.profile === 'official' ? [] : COMPONENTS,
});

export const foundIn = (error: unknown): string =>
  (error as { parts?: { found: string } }).parts?.found ?? String(error);

/** @throws Finding (of `turn-legal`) */
export function legalTurn(answer: unknown, window: number, context: TurnContext, name: string): Turn {
  try {
    return checkTurn(answer, window, context, name);
  } catch (cause) {
    const found = `for window ${window} of ${context.layers} layers turn gave ${show(answer)}: ${foundIn(cause)}`;
    throw new Finding(found, 'turn-legal', { cause });
  }
}

const WINDOWS = 12;

export const turnLegal: RuleSpec<ControllerSubject> = {
  id: 'turn-legal',
  must: 'turn, where there is one, names a layer from 1 on or null and a part of the block that can be decided on alone, and follows from its arguments alone',
  why: 'It is asked for a window again when a run is resumed, and once more for what `learn` sees as the next one',
  mend: 'Compute sweep, layer and component from window, layers and components; remember nothing',
  check: async (subject) => {
    await subject.played();
    const { calls, name } = subject;
    for (const layers of await subject.accepted()) {
      const [one, other] = [await subject.make(layers), await subject.make(layers)];
      if (!one.turn) return notApplicable('the configuration says whose turn it is');
      for (const profile of ['clean', 'official'] as const) {
        const context = contextOf({ layers, profile });
        const asked = (controller: typeof one, window: number): Turn =>
          legalTurn(
            calls.now('turn', () => controller.turn?.(window, { ...context })),
            window,
            context,
            name,
          );
        const turns = Array.from({ length: WINDOWS }, (_, window) => asked(one, window));
        for (let window = WINDOWS - 1; window >= 0; window -= 1) {
          for (const again of [asked(one, window), asked(other, window)]) {
            const found = difference(turns[window], again, ['at first', 'asked again']);
            if (found !== undefined) broken(`turn for window ${window} of ${layers} layers: ${found}`);
          }
        }
      }
      for (const made of [one, other]) await calls.wait('dispose', () => made.dispose?.());
    }
  },
};
