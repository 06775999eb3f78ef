/**
 * A line of an event log as the page may take it: the folder may come from anywhere, so that an event which is right
 * may still be too much to keep and to draw.
 */
import { parseEventLine, type LigatureEvent } from '@ligature/core';

/** Far more than any stack has, and little enough to draw. */
const MOST_LAYERS = 1024;
const MOST_VALUES = 4096;
const MOST_CHARACTERS = 300;

/** @returns the event; `undefined` for one of a type that is not known; `damaged` for what is no event */
export function readEvent(line: string): LigatureEvent | undefined | 'damaged' {
  const read = parseEventLine(line);
  if (read.kind === 'unknown') return undefined;
  return read.kind === 'event' && isDrawable(read.event) ? read.event : 'damaged';
}

function isDrawable(event: LigatureEvent): boolean {
  switch (event.type) {
    case 'run.started':
      return event.tieMap.length <= MOST_LAYERS && event.controller.length <= MOST_CHARACTERS;
    case 'tying.applied':
      return event.tieMap.length <= MOST_LAYERS;
    case 'tying.decided':
      return (event.notes.values?.length ?? 0) <= MOST_VALUES;
    default:
      return true;
  }
}
