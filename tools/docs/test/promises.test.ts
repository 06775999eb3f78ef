import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../pages.js';
import { brokenPromises, promisesOf } from '../promises.js';

const page = (...held: readonly string[]): string =>
  [
    '# Page',
    '## Before',
    '### No promise',
    '## What is promised',
    '### It holds',
    'Words.',
    '',
    ...held.map((item) => `- ${item}`),
    '',
    '## What was measured',
    '### No promise either',
  ].join('\n');
const here = 'tools/docs/test/promises.test.ts';

describe('the promises of docs/reliability.md', () => {
  it('are each held by a test that is there', () => {
    const promises = promisesOf(readFileSync(join(ROOT, 'docs', 'reliability.md'), 'utf8'));
    expect(promises.length).toBeGreaterThan(25);
    expect(brokenPromises(promises)).toEqual([]);
  });

  it.each([
    [[`\`${here}\`: are each held by a test that is there`, '`npm run test:crash`'], []],
    [[`\`${here}\`: would be broken by %j`], []],
    [[], ['"It holds" is held by nothing']],
    [['Words only'], ['It holds: no test file ""']],
    [[`\`${here}\``], [`It holds: ${here} has no test ""`]],
    [[`\`${here}\`: is no title`], [`It holds: ${here} has no test "is no title"`]],
    [['`tools/docs/test/gone.test.ts`: x'], ['It holds: no test file "tools/docs/test/gone.test.ts"']],
    [['`npm run soak`'], ['It holds: CI does not run soak']],
  ])('would be broken by %j', (held, broken) => {
    const promises = promisesOf(page(...held));
    expect(promises.map(({ title }) => title)).toEqual(['It holds']);
    expect(brokenPromises(promises)).toEqual(broken);
  });
});
