/** The program behind `bin/ligature.js`. */
import { InputError } from '@ligature/core';
import { reportError, STATUS } from './errors.js';
import { processIo } from './io.js';
import { run } from './run.js';
import { takeStandardStreams, takeWarnings } from './system/standard-streams.js';

const streams = takeStandardStreams();
takeWarnings();
process.once('exit', streams.flush);
const io = processIo(streams);
const status = await run(process.argv.slice(2), io);
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
  const argv = process.argv.slice(2);
  reportError(error, io, { json: argv.includes('--json'), verbose: argv.includes('--verbose') });
}
process.exitCode = failure === undefined || status !== STATUS.ok ? status : STATUS.failed;
