/**
 * Property tests draw the same inputs in every run, so that a green commit stays green: a failure then comes from a
 * change and not from luck. `PROPERTY_SEED=<n> npm test` looks at other inputs; a failure's message names its seed.
 */
import fc from 'fast-check';

const given = process.env['PROPERTY_SEED'];
const seed = given === undefined ? 20240116 : Number(given);
if (!Number.isSafeInteger(seed)) throw new Error(`PROPERTY_SEED is "${given}"; give a whole number`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
