/** A report tells every change of a public type, and nothing else. */
import { afterEach, describe, expect, it } from 'vitest';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeRepository, type Place } from '../../check-packages/test/repository.js';
import { entryPoints } from '../entry-points.js';
import { reportOf, type Report } from '../report.js';

const COMPILER = JSON.stringify({ compilerOptions: { module: 'NodeNext', target: 'ES2023', types: [] } });
let place: Place | undefined;
afterEach(() => place?.remove());

function report(types: string): Report {
  place?.remove();
  place = makeRepository({ files: { 'dist/index.d.ts': types, 'tsconfig.build.json': COMPILER } });
  const scratch = join(place.folder, 'scratch');
  mkdirSync(join(scratch, 'temp'), { recursive: true });
  const [entry] = entryPoints(place.pkg);
  return reportOf(entry!, scratch);
}

describe('an API report', () => {
  it('changes with a type, exported or only visible through an exported one, and not with a comment', () => {
    const hidden = 'interface Hidden { readonly size: number }\n';
    const { text, problems } = report(
      `${hidden}export declare function make(one: number): Hidden;\nexport {};\n`,
    );
    expect(problems).toEqual([]);
    expect(text).toContain('export function make(one: number): Hidden;');
    const other = report(`${hidden}export declare function make(one: string): Hidden;\nexport {};\n`);
    expect(other.text).not.toBe(text);
    const behind = report(
      `${hidden.replace('number', 'bigint')}export declare function make(one: number): Hidden;\nexport {};\n`,
    );
    expect(behind.text).not.toBe(text);
    const told = report(
      `${hidden}/** Makes one. */\nexport declare function make(one: number): Hidden;\nexport {};\n`,
    );
    expect(told.text).toBe(text);
  });

  it('is refused when a type cannot be resolved', () => {
    const { problems } = report("export * from './gone.js';\n");
    expect(problems.join()).toContain('./gone');
  });

  it('is one for each entry point, named after it', () => {
    const entry = { types: './dist/index.d.ts' };
    place = makeRepository({
      manifest: { exports: { '.': entry, './a/b': entry, './package.json': './p' } },
    });
    expect(entryPoints(place.pkg).map(({ specifier, report: name }) => [specifier, name])).toEqual([
      ['@house/good', 'good.api.md'],
      ['@house/good/a/b', 'good.a.b.api.md'],
    ]);
  });
});
