/**
 * `npx nx g ./tools/generators:controller NAME`: the package of `npm create @ligature/controller`, as one of this
 * house. Sources, tests and README come from the same template; the rest is what every package here has.
 */
import { formatFiles, logger, type Tree } from '@nx/devkit';
import { parsePackageName, templateFiles } from '@ligature/create-controller';
import { addPackage } from './house.js';

export interface ControllerOptions {
  readonly name: string;
  readonly summary?: string;
}

export async function generate(tree: Tree, { name, summary }: ControllerOptions): Promise<() => void> {
  const { controller } = parsePackageName(name);
  const packageName = `controller-${controller}`;
  const files = templateFiles({ name: { npm: `@ligature/${packageName}`, controller }, summary });
  const { description } = JSON.parse(files['package.json']!) as { description: string };
  const folder = addPackage(tree, {
    ...{ name: packageName, description, floor: 1, keywords: ['controller'] },
    dependencies: ['@ligature/core', 'zod'],
    devDependencies: ['@ligature/testing'],
  });
  for (const [path, text] of Object.entries(files)) {
    // Tests run in the house's runner, which has functions of the same names.
    if (/^(src|test)\/|^README/.test(path))
      tree.write(`${folder}/${path}`, text.replace("from 'node:test'", "from 'vitest'"));
  }
  await formatFiles(tree);
  return () =>
    logger.info(`
Next:
  npm install                             # links the package, updates package-lock.json
  npx nx build @ligature/${packageName}
  npx nx test @ligature/${packageName}
  npm run api                             # writes its public types to api/
  npx ligature compare --plugins ./${folder} --controllers none,random,${controller}

To have it come with the command: packages/cli/src/builtins.ts and package.json, the names in
packages/create-controller/src/names.ts, a page in docs/controllers/, a row in README.md.
`);
}
