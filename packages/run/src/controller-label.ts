import type { Choice } from '@ligature/core';

/**
 * A controller as tables, messages and folders name it: as one writes it on the command line. `cycle`, with options
 * `cycle:blocks=4`, and a literal map as itself, `0-0-2-2`.
 */
export function controllerLabel({ name, options }: Choice): string {
  // What runs of the first versions go on with; their folders and results have the name without it.
  const given = Object.entries(options).filter(([key, one]) => key !== 'preset' || one !== 'first');
  const [[key, value] = []] = given;
  if (name === 'map' && given.length === 1 && key === 'map') {
    const map = Array.isArray(value) ? value.join('-') : value;
    if (typeof map === 'string' && /^\d+(-\d+)*$/.test(map)) return map;
  }
  return [name, ...given.map(([option, one]) => `${option}=${text(one)}`)].join(':');
}

/** A plain word needs no quotes; what a reader of YAML would take for something else keeps them. */
const text = (value: unknown): string =>
  typeof value === 'string' &&
  /^[A-Za-z][\w./-]*$/.test(value) &&
  !/^(true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value);
