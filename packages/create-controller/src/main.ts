/** The program behind `bin/create-controller.js`. */
import { createInterface } from 'node:readline/promises';
import { run, type Io } from './program.js';

const { stdin, stdout, stderr } = process;
const terminal = stdin.isTTY && stdout.isTTY ? createInterface({ input: stdin, output: stdout }) : undefined;
const io: Io = {
  stdout,
  stderr,
  cwd: process.cwd(),
  ask: terminal && ((question) => terminal.question(question)),
};
// Ctrl-C and Ctrl-D close it while a question is open; at the end it is closed below.
terminal?.once('close', () => process.exit(process.exitCode ?? 130));
process.exitCode = await run(process.argv.slice(2), io);
terminal?.close();
