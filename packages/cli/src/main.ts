/** The program behind `bin/ligature.js`. */
import { InputError } from '@ligature/core';
import { reportError, STATUS } from './errors.js';
import { processIo } from './io.js';
import { run } from './run.js';
import { watchEnding } from './system/ending.js';
import { giveUpLostTerminals, takeStandardStreams, takeWarnings } from './system/standard-streams.js';

const argv = process.argv.slice(2);
const streams = takeStandardStreams();
takeWarnings();
const report = (error: unknown): number =>
  reportError(error, io, { json: argv.includes('--json'), verbose: argv.includes('--verbose') });
const ending = watchEnding(report);
process.once('exit', streams.flush);
giveUpLostTerminals();
const io = processIo(streams, ending);
const status = await run(argv, io);
// Whether a write went well is known a turn later.
await new Promise((resolve) => setImmediate(resolve));
const failure = streams.failure();
if (failure !== undefined) {
  const error = new InputError(
    'output-unwritable',
    {
      asked: 'Write to standard output',
      found: failure.message,
      todo: 'Mend where it leads, and ask again; what a run leaves in its folder is there',
    },
    { cause: failure },
  );
  report(error);
}
await ending.finish(failure === undefined || status !== STATUS.ok ? status : STATUS.failed);
