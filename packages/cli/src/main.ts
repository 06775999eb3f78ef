/** The program behind `bin/ligature.js`. */
import { run } from './run.js';

// A reader that has seen enough (`ligature plugins | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await run(process.argv.slice(2));
