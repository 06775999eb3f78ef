/** All plug-ins that misbehave: `npm run test:crash:plugins`; words after `--` choose among them (`-- controllers loops`). */
import { misbehaviours, runMisbehaving } from './plugins.js';

const words = process.argv.slice(2);
const chosen = [...misbehaviours()].filter((bad) => words.every((word) => bad.includes(word)));
const failures = await runMisbehaving(chosen);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
