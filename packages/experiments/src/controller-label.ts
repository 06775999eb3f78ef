import type { Choice } from '@ligature/core';

/** A controller as tables and folders name it: `cycle`, or with options `cycle(blocks=4)`. */
export function controllerLabel({ name, options }: Choice): string {
  const given = Object.entries(options);
  if (given.length === 0) return name;
  return `${name}(${given.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')})`;
}

/** The same as part of a file name. */
export function folderLabel(choice: Choice): string {
  return controllerLabel(choice)
    .replace(/[^A-Za-z0-9.=-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
}
