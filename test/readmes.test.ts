/**
 * Every package's README opens with an example; this runs each as a program on the built packages and compares
 * what it prints with what the README says it prints.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run-program.js';
import { ROOT } from './support.js';

// Inside the checkout, so that `@ligature/…` resolves as it does for a user who installed the packages.
const folder = join(ROOT, 'node_modules', '.cache', 'ligature-readmes');

interface Example {
  readonly name: string;
  readonly program: string;
  readonly output: string;
}

function exampleOf(name: string): Example {
  const readme = readFileSync(join(ROOT, 'packages', name, 'README.md'), 'utf8');
  const found = /```ts\n(?<program>.*?)```\s*(?:[^`]*?)```text\n(?<output>.*?)```/s.exec(readme);
  if (!found?.groups)
    throw new Error(`${name}/README.md has no \`\`\`ts example followed by its \`\`\`text output`);
  return { name, program: found.groups['program'] as string, output: found.groups['output'] as string };
}

const examples = readdirSync(join(ROOT, 'packages')).map(exampleOf);

describe('README examples', () => {
  it.each(examples)('$name prints what it says', async ({ name, program, output }) => {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${name}.mts`);
    writeFileSync(file, program);
    expect((await runProgram(file)).trim()).toBe(output.trim());
  });
});
