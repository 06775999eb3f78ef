/**
 * `npm run bench -- <command>`: measures Ligature against its peers on fixed workloads. Results go to standard
 * output, everything else to standard error. Exit status 2 for what the caller can mend.
 */
import { bench } from './program.js';

process.exitCode = await bench(process.argv.slice(2));
