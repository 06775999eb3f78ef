/** Fails when a tracked file names a machine's paths or a registry host: everything here must mean the same anywhere. */
import { execFileSync } from 'node:child_process';

const patterns = ['/(root|work|home|farm)/[a-z]', 'registry\\.[a-z0-9-]+\\.(org|com|io|net)([^a-z]|$)'];
const found = patterns.flatMap((pattern) => {
  try {
    const lines = execFileSync('git', ['grep', '-nIE', pattern, '--', '.', ':!tools/ci/check-texts.mjs'], {
      encoding: 'utf8',
    });
    return lines.trim().split('\n');
  } catch (error) {
    // git grep ends with 1 when it finds nothing.
    if (error.status === 1) return [];
    throw error;
  }
});
for (const line of found) console.error(line.slice(0, 200));
console.log(found.length === 0 ? 'No machine paths, no registry hosts.' : `${found.length} lines to mend.`);
process.exitCode = found.length === 0 ? 0 : 1;
