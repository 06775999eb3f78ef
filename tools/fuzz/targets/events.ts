/** Lines of an event log, from an older version, a newer one, or somebody else: the schema of events, and the fold. */
import { EVENTS, foldRun, parseEventLine, type LigatureEvent } from '@ligature/core';
import * as fc from 'fast-check';
import { oneOfEach } from '../../../packages/core/test/made-events.js';
import { damaged } from '../generate/bytes.js';
import { jsonFile } from '../generate/json.js';
import { defineTarget, Violation } from '../target.js';

const TEXTS = oneOfEach.map((event) => JSON.stringify(event));

const line = fc.oneof(
  { weight: 6, arbitrary: jsonFile(oneOfEach) },
  { weight: 1, arbitrary: damaged(fc.constantFrom(...TEXTS.map((text) => Buffer.from(text)))) },
);

export const eventLines = defineTarget({
  name: 'event-lines',
  reads: 'lines of an event log, and the state of the run that they tell of',
  input: fc.tuple(fc.nat(TEXTS.length), fc.array(line, { minLength: 1, maxLength: 3 })),
  // What is no event is said to be none, not thrown.
  mends: true,
  prepare([place, lines]) {
    // The lines stand somewhere in a run that is told as it should be.
    const strange = lines.map((bytes) => Buffer.from(bytes).toString('utf8'));
    const all = [...TEXTS.slice(0, place), ...strange, ...TEXTS.slice(place)];
    return () => {
      const events: LigatureEvent[] = [];
      for (const text of all) {
        const read = parseEventLine(text);
        if (read.kind !== 'event') continue;
        if (!Object.hasOwn(EVENTS, read.event.type)) throw new Violation(`it made up ${read.event.type}`);
        events.push(read.event);
      }
      return foldRun(events);
    };
  },
});
