/**
 * A line of an event log as the page may take it: the folder may come from anywhere, so that an event which is right
 * may still be too much to keep and to draw.
 */
import { parseEventLine, type EventOf, type LigatureEvent } from '@ligature/core';

/** Far more than any stack has, and little enough to draw. */
const MOST_LAYERS = 1024;
const MOST_VALUES = 4096;
const MOST_NAME = 300;
/** Characters of the lines whose events are kept: those with maps and ledgers, and all others. */
const MOST_OF_MAPS = 65_536;
const MOST_OF_OTHERS = 8192;

/** @returns the event; `undefined` for one of a type that is not known; `damaged` for what is no event */
export function readEvent(line: string): LigatureEvent | undefined | 'damaged' {
  const read = parseEventLine(line);
  if (read.kind === 'unknown') return undefined;
  return read.kind === 'event' && isKeepable(read.event, line.length) ? read.event : 'damaged';
}

function isKeepable(event: LigatureEvent, length: number): boolean {
  switch (event.type) {
    case 'run.started':
      return (
        length <= MOST_OF_MAPS &&
        event.tieMap.length <= MOST_LAYERS &&
        namesOf(event).every((name) => name.length <= MOST_NAME)
      );
    case 'tying.applied':
      return length <= MOST_OF_MAPS && event.tieMap.length <= MOST_LAYERS;
    case 'tying.decided':
      return length <= MOST_OF_MAPS && (event.notes.values?.length ?? 0) <= MOST_VALUES;
    case 'layers.measured':
    case 'window.closed':
    case 'run.completed':
      // As long as the stack or the window is; nothing of them is kept.
      return true;
    default:
      return length <= MOST_OF_OTHERS;
  }
}

/** All that a run calls its things, which every table and chart repeats. */
const namesOf = ({ controller, unit, lossUnit, metrics }: EventOf<'run.started'>): string[] => [
  ...[controller, unit ?? '', lossUnit ?? ''],
  ...(metrics ?? []).flatMap((one) => [one.name, one.unit, one.label ?? '']),
];
