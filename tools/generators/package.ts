/** `npx nx g ./tools/generators:package NAME`: a package with one function, a test of it and a README that runs. */
import { formatFiles, logger, type Tree } from '@nx/devkit';
import { addPackage } from './house.js';

export interface PackageOptions {
  readonly name: string;
  readonly description: string;
  readonly floor: number;
}

export async function generate(
  tree: Tree,
  { name, description, floor }: PackageOptions,
): Promise<() => void> {
  const folder = addPackage(tree, {
    ...{ name, description, floor, keywords: [] },
    dependencies: ['@ligature/core'],
  });
  tree.write(`${folder}/src/index.ts`, INDEX(description));
  tree.write(`${folder}/src/share-of-own-blocks.ts`, SOURCE);
  tree.write(`${folder}/test/share-of-own-blocks.test.ts`, TEST);
  tree.write(`${folder}/README.md`, README(name, description));
  await formatFiles(tree);
  return () =>
    logger.info(`
Next:
  npm install                             # links the package, updates package-lock.json
  npx nx build @ligature/${name}
  npx nx test @ligature/${name}
  npm run api                             # writes its public types to api/
  add a row to the table of README.md; replace shareOfOwnBlocks by what the package is for
`);
}

const INDEX = (description: string): string => `/** ${description} */
export { shareOfOwnBlocks } from './share-of-own-blocks.js';
`;

const SOURCE = `import { assertTieMap, independentLayers } from '@ligature/core';
import type { TieMap } from '@ligature/core';

/**
 * Layers that have a block of their own, as a share of all, in (0, 1].
 *
 * @throws InputError (\`tie-map-invalid\`)
 */
export function shareOfOwnBlocks(tieMap: TieMap): number {
  return independentLayers(assertTieMap(tieMap, tieMap.length)).length / tieMap.length;
}
`;

const TEST = `import { describe, expect, it } from 'vitest';
import { shareOfOwnBlocks } from '../src/index.js';

describe('shareOfOwnBlocks', () => {
  it.each([
    [[0], 1],
    [[0, 0, 0, 0], 0.25],
    [[0, 0, 2, 2], 0.5],
  ])('counts the blocks of %j', (tieMap, share) => expect(shareOfOwnBlocks(tieMap)).toBe(share));

  it('refuses what is no tie map', () => {
    expect(() => shareOfOwnBlocks([0, 2, 2])).toThrow(expect.objectContaining({ code: 'tie-map-invalid' }));
  });
});
`;

const README = (name: string, description: string): string => `# @ligature/${name}

${description}

\`\`\`sh
npm install @ligature/${name}
\`\`\`

\`\`\`ts
import { shareOfOwnBlocks } from '@ligature/${name}';

console.log(shareOfOwnBlocks([0, 0, 2, 2]));
\`\`\`

\`\`\`text
0.5
\`\`\`

## Exports

| export | what |
| --- | --- |
| \`shareOfOwnBlocks(tieMap)\` | layers that have a block of their own, as a share of all |

## Limits

- None is known yet.
`;
