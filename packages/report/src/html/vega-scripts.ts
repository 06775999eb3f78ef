/**
 * The scripts that draw charts in a page, as text: Vega as it is published, and its expression interpreter, with which
 * no text is ever evaluated as code. Both are read from where they are installed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ContractError } from '@ligature/core';

const require = createRequire(import.meta.url);

/** The folder of an installed package, from the file that it is imported by. */
function packageFolder(name: string): string {
  let folder = dirname(resolveModule(name));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function resolveModule(name: string): string {
  // Tests run in a module runner that has no `import.meta.resolve`.
  const { resolve } = import.meta as { resolve?: (name: string) => string };
  return resolve ? fileURLToPath(resolve.call(import.meta, name)) : require.resolve(name);
}

interface Published {
  readonly version: string;
  readonly license: string;
  readonly source: string;
}

function published(name: string, file: string): Published {
  const folder = packageFolder(name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return {
    version,
    license: readFileSync(join(folder, 'LICENSE'), 'utf8').trim(),
    source: readFileSync(join(folder, file), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, ''),
  };
}

/** The interpreter is published as a module that imports from vega-util, all of which the global `vega` has too. */
function asGlobal(source: string): string {
  const body = source
    .replace(/^import \{([^}]+)\} from 'vega-util';/m, 'const {$1} = vega;')
    .replace(/^export \{ (\w+) as expressionInterpreter \};/m, 'vega.expressionInterpreter = $1;');
  if (/^(import|export) /m.test(body) || !body.includes('vega.expressionInterpreter =')) {
    throw new ContractError('vega-changed', {
      asked: 'Put the interpreter of Vega expressions into a page',
      found: 'the installed vega-interpreter is built in another way than the one this was made for',
      todo: 'Install the version that @ligature/report asks for',
    });
  }
  return `(() => {\n${body}\n})();`;
}

const banner = (name: string, { version, license }: Published): string =>
  `/*! ${name} ${version}\n${license}\n*/`;

/** Scripts to run in this order; they define the global `vega` with `vega.expressionInterpreter`. */
export function vegaScripts(): string[] {
  const vega = published('vega', 'build/vega.min.js');
  const interpreter = published('vega-interpreter', 'build/vega-interpreter.js');
  return [
    `${banner('vega', vega)}\n${vega.source}`,
    `${banner('vega-interpreter', interpreter)}\n${asGlobal(interpreter.source)}`,
  ];
}

/** The version of Vega that draws. */
export function vegaVersion(): string {
  return published('vega', 'package.json').version;
}
