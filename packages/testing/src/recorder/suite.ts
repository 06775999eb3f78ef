/** What a recorder promises: everything is written, whole, where it belongs, and nothing else is touched. */
import { readdir } from 'node:fs/promises';
import { isDurable } from '@ligature/core';
import { entryRules } from '../entry/entry-rules.js';
import { withAmbient } from '../harness/ambient.js';
import { ANSWERS, PLAYS_THROUGH } from '../harness/calls.js';
import { broken, notApplicable } from '../harness/finding.js';
import { INPUTS_UNTOUCHED } from '../harness/lent.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { runEvents } from '../run/events.js';
import {
  asText,
  filesOf,
  RECORDED,
  recorderSubject,
  type CheckRecorderOptions,
  type RecorderSubject,
} from './subject.js';

const records = ({ recorded }: RecorderSubject): Promise<void> => recorded();

const creates: RuleSpec<RecorderSubject> = {
  id: 'creates',
  must: 'create gives a recorder with a name',
  why: 'Errors and the order of handlers go by the name',
  mend: 'Return { name, attach, close }',
  check: ({ inFolder, make, calls }) =>
    inFolder(async (folder) => {
      const recorder = await make(folder);
      await calls.wait('close', () => recorder.close());
    }),
};

const recordPhase: RuleSpec<RecorderSubject> = {
  id: 'record-phase',
  must: 'its handlers are in the phase "record"',
  why: 'What it writes must be what the other phases made of the event; an earlier one would also hold up decisions',
  mend: 'bus.handle({ type: "*", phase: "record", name, handle })',
  check: ({ inFolder, attach }) =>
    inFolder(async (folder) => {
      const { heard, detach, close } = await attach(folder);
      detach();
      await close();
      const wrong = [...heard.phases].find((phase) => phase !== 'record');
      if (wrong !== undefined) broken(`it handles events in the phase "${wrong}"`);
    }),
};

const publishesNothing: RuleSpec<RecorderSubject> = {
  id: 'publishes-nothing',
  must: 'it publishes no events',
  why: 'What it publishes is recorded in its turn; and the log of a run must not depend on who wrote it down',
  mend: 'Throw when writing fails: the run then stops and says so',
  check: ({ inFolder, attach }) =>
    inFolder(async (folder) => {
      const { tell, detach, close } = await attach(folder);
      const [said] = await tell(RECORDED);
      detach();
      await close();
      if (said) broken(`it published ${said.type}`);
    }),
};

const attachDetaches: RuleSpec<RecorderSubject> = {
  id: 'attach-detaches',
  must: 'attach returns a function that takes it off the bus altogether',
  why: 'One that stays writes the events of the next run into the folder of this one',
  mend: 'Return what bus.handle returned, and unsubscribe every subscription',
  check: ({ inFolder, attach }) =>
    inFolder(async (folder) => {
      const half = Math.floor(RECORDED.length / 2);
      const { heard, tell, detach, close } = await attach(folder);
      await tell(RECORDED.slice(0, half));
      detach();
      if (heard.handlers > 0) broken(`${heard.handlers} of its handlers are still on the bus`);
      await tell(RECORDED.slice(half));
      await close();
      const late = JSON.stringify(RECORDED.at(-1)).slice(1, -1);
      for (const [path, text] of await filesOf(folder)) {
        if (asText(text).includes(late)) broken(`detached, it still wrote events into ${path}`);
      }
    }),
};

const roundTrip: RuleSpec<RecorderSubject> = {
  id: 'round-trip',
  must: 'every durable event comes back as it was published, each once and in order; transient ones do not',
  why: 'A record is read by programs and people who have nothing else of the run; one that holds how often it was stopped is not the record of a seed',
  mend: 'Write JSON.stringify(event) and a line end for each event that a handler of "*" hears; await each write in it',
  check: async ({ inFolder, record, read }) => {
    await inFolder(async (folder) => {
      await record(folder, RECORDED);
      const found = read ? await read(folder) : await linesOfEvents(folder);
      if (!found) notApplicable('it writes no lines of events; give the check `read` to read its files back');
      const expected = RECORDED.filter(isDurable).map(
        (event) => JSON.parse(JSON.stringify(event)) as unknown,
      );
      if (found.length !== expected.length) broken(`of ${expected.length} events ${found.length} came back`);
      const differs = difference(expected, found, ['as published', 'as read']);
      if (differs !== undefined) broken(`event ${differs}`);
    });
  },
};

/** The events in the lines of the files, if that is what its files hold. */
async function linesOfEvents(folder: string): Promise<unknown[] | undefined> {
  for (const [path, text] of await filesOf(folder)) {
    if (!isLines(path)) continue;
    const values = asText(text)
      .split('\n')
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as unknown];
        } catch {
          // Torn lines are the business of another rule.
          return [];
        }
      });
    if (values.some((value) => typeof (value as { type?: unknown } | null)?.type === 'string')) return values;
  }
  return undefined;
}

const isLines = (path: string): boolean => /\.(jsonl|ndjson)$/.test(path);

const whole: RuleSpec<RecorderSubject> = {
  id: 'whole-files',
  must: 'when close resolves, nothing is half-written: JSON files parse, every line of JSON lines too, the last one ended',
  why: 'The process may end right after: what is still in a buffer is gone',
  mend: 'Await every write, and the end of the stream, in `close`',
  check: async ({ inFolder, record }) => {
    // An ordinary run, one that failed, and one that never began.
    for (const events of [RECORDED, RECORDED.slice(0, 40), []]) {
      await inFolder(async (folder) => {
        await record(folder, events);
        const files = await filesOf(folder);
        for (const [path, text] of files) assertWhole(path, asText(text));
        await settle();
        const later = await filesOf(folder);
        for (const [path, text] of later) {
          if (files.get(path) !== text) broken(`${path} was still being written when close had resolved`);
        }
      });
    }
  },
};

function assertWhole(path: string, text: string): void {
  const parse = (part: string, what: string): void => {
    try {
      JSON.parse(part);
    } catch (error) {
      broken(`${what} of ${path} is no JSON: ${show(part)} (${showError(error)})`);
    }
  };
  if (path.endsWith('.json')) parse(text, 'the content');
  if (!isLines(path) || text === '') return;
  const lines = text.split('\n');
  if (lines.pop() !== '') broken(`the last line of ${path} has no end`);
  lines.forEach((line, index) => parse(line, `line ${index + 1}`));
}

/** Time for writes that nobody awaited. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const closes: RuleSpec<RecorderSubject> = {
  id: 'closes',
  must: 'close resolves after a run, without one, and a second time',
  why: 'A run that fails closes everything that it has made, some of it before the first event; who closes twice to be sure must not fail',
  mend: 'Remember that it is closed, and resolve',
  check: async ({ inFolder, attach, make, calls }) => {
    await inFolder(async (folder) => {
      const recorder = await make(folder);
      await calls.wait('close before anything was recorded', () => recorder.close());
    });
    await inFolder(async (folder) => {
      const { tell, detach, close, recorder } = await attach(folder);
      await tell(RECORDED.slice(0, 20));
      await tell([{ type: 'run.failed', step: 4, code: 'handler-failed', message: 'disk full' }]);
      detach();
      await close();
      const before = await filesOf(folder);
      await calls.wait('close for the second time', () => recorder.close(), 'closes');
      const found = difference(Object.fromEntries(before), Object.fromEntries(await filesOf(folder)));
      if (found !== undefined) broken(`closed twice, its files change: ${found}`);
    });
  },
};

const staysInside: RuleSpec<RecorderSubject> = {
  id: 'stays-inside',
  must: 'it writes into the folder of the run and nowhere beside it',
  why: 'Runs are copied, compared and deleted as folders; what lies elsewhere is lost or in the way',
  mend: 'Join every path to context.folder',
  check: ({ inFolder, record }) =>
    inFolder(async (folder, parent) => {
      const beside = async (): Promise<string[]> => (await readdir(parent)).sort();
      const before = await beside();
      await record(folder, RECORDED);
      const found = difference(before, await beside(), ['before', 'after']);
      if (found !== undefined) broken(`beside its folder, entry ${found}`);
    }),
};

const independent: RuleSpec<RecorderSubject> = {
  id: 'independent',
  must: 'two recorders at once write what each writes alone',
  why: 'Runs may be recorded side by side in one process: lines of one must not end in the folder of the other',
  mend: 'Keep files and buffers in what `create` returns, not in variables of the module',
  check: ({ inFolder, record, attach }) =>
    inFolder((folder) =>
      inFolder((again) =>
        inFolder((beside) =>
          inFolder(async (other) => {
            await record(folder, RECORDED);
            await record(again, RECORDED);
            const alone = Object.fromEntries(await filesOf(folder));
            if (difference(alone, Object.fromEntries(await filesOf(again))) !== undefined) {
              notApplicable('it does not write the same files for the same events');
            }
            const [one, two] = [await attach(beside), await attach(other)];
            const events = runEvents({ layers: 3, windows: 4, seed: 9 });
            for (const [index, event] of RECORDED.entries()) {
              await two.tell(events.slice(index, index + 1));
              await one.tell([event]);
            }
            for (const attached of [two, one]) {
              attached.detach();
              await attached.close();
            }
            const found = difference(alone, Object.fromEntries(await filesOf(beside)), [
              'alone',
              'beside another',
            ]);
            if (found !== undefined) broken(`the file ${found}`);
          }),
        ),
      ),
    ),
};

const timersReleased: RuleSpec<RecorderSubject> = {
  id: 'timers-released',
  must: 'when it is closed none of its timers is running',
  why: 'A timer keeps the process from ending, and writes into a folder that may be gone',
  mend: 'Clear it in `close`',
  check: ({ inFolder, record, calls }) =>
    withAmbient((ambient) =>
      inFolder(async (folder) => {
        await record(folder, RECORDED, calls.watchedBy(ambient));
        const [place] = ambient.timers;
        if (place !== undefined) broken(`a timer runs on, started at ${place}`);
      }),
    ),
};

const specs: readonly RuleSpec<RecorderSubject>[] = [
  ...entryRules<RecorderSubject>(),
  creates,
  {
    id: PLAYS_THROUGH,
    must: 'every kind of event is recorded without an error',
    why: 'A recorder that throws stops the run',
    mend: 'Handle events of every type; texts may hold line ends, quotes, emoji and broken Unicode',
    check: records,
  },
  {
    id: ANSWERS,
    must: 'every write and close comes to an end',
    why: 'A run waits for its recorders: a promise that is never settled holds it up for ever',
    mend: 'Settle every promise, also when writing fails',
    check: records,
  },
  {
    id: INPUTS_UNTOUCHED,
    must: 'the events stay as they were',
    why: 'Every listener gets the same object: what one changes the others believe',
    mend: 'Copy what is to be changed: { ...event }',
    check: records,
  },
  recordPhase,
  publishesNothing,
  attachDetaches,
  roundTrip,
  whole,
  closes,
  staysInside,
  independent,
  timersReleased,
];

export const recorderSuite = createSuite('recorders', specs, recorderSubject);
export type { CheckRecorderOptions };
