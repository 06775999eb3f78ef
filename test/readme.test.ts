/** The controller that the README prints, run with the command that it prints. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ligature, ROOT } from './support.js';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
// Inside the checkout, where the plug-in finds @ligature/core as it would in a project that installed it.
const folder = join(ROOT, 'node_modules', '.cache', 'ligature-readme');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('README', () => {
  it('prints a controller that runs as printed', async () => {
    const program = /```js\n(.*?)```/s.exec(readme)?.[1];
    const command = /npx ligature (compare --plugins .*)/.exec(readme)?.[1];
    if (program === undefined || command === undefined) throw new Error('the README lost its example');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'my-controller.mjs'), program);
    const { status, stdout, stderr } = await ligature(command.split(' '), folder);
    expect(stderr).not.toMatch(/failed/);
    expect(status).toBe(0);
    expect(stdout).toContain('top-down');
    const log = readFileSync(
      join(folder, 'runs', 'compare-moby-dick', 'top-down-keep=3-seed-1', 'events.jsonl'),
      'utf8',
    );
    const maps = [...log.matchAll(/"tieMap":(\[[0-9,]+\])/g)].map(([, map]) => map);
    // Four layers of which three stay: the deepest one is tied to its neighbour.
    expect(maps.at(-1)).toBe('[0,1,2,2]');
  });

  it('links only to what is there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link]) => link as string);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links) expect(() => readFileSync(join(ROOT, link)), link).not.toThrow(/ENOENT/);
  });
});
