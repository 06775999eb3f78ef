/** What a model writes: it is the product, and it may be anything. */
import { visible } from '@ligature/core';
import type { OutputStream } from '../io.js';

/** A model of bytes may draw control characters: a terminal does not obey them, and a pipe or a file gets them as they are. */
export function writeModelText(
  text: string,
  stdout: OutputStream,
  paint = (shown: string): string => shown,
): void {
  if (stdout.isTTY === true || stdout.raw === undefined) stdout.write(paint(visible(text)));
  else stdout.raw(text);
}
