import { InputError } from '@ligature/core';

/** @throws InputError (`tie-map-invalid`) unless `layer` of a stack of `layers` may use the block of `source` */
export function assertTie(layer: number, source: number, layers: number): void {
  const valid = Number.isInteger(layer) && layer >= 0 && layer < layers;
  if (valid && Number.isInteger(source) && source >= 0 && source <= layer) return;
  throw new InputError('tie-map-invalid', {
    asked: `Tie layer ${layer} to layer ${source} in a stack of ${layers}`,
    found: valid ? `layer ${layer} can use layers 0 to ${layer}` : `there is no layer ${layer}`,
    todo: 'Name a layer of the stack and an earlier one, or itself to untie it',
  });
}

/** For changes of one component under the official profile. */
export function wholeBlocks(component: string): InputError {
  return new InputError('component-unknown', {
    asked: `Tie ${component} alone`,
    found: 'the official profile ties whole blocks',
    todo: 'Leave out the component, or use the clean profile',
  });
}
