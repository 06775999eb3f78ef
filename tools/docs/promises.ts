/** What `docs/reliability.md` promises, and whether the tests that it names are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, type Tokens } from 'marked';
import ts from 'typescript';
import { ROOT } from './pages.js';
import { plain } from './markdown.js';

/** The section whose headings are promises, each with a list of what holds it at its end. */
const SECTION = 'What is promised';

export interface Holder {
  /** A test file, or a command of `.ci/run`. */
  readonly place: string;
  /** Title of the test; `undefined` where a whole command holds the promise. */
  readonly test?: string;
}

export interface Promised {
  readonly title: string;
  readonly held: readonly Holder[];
}

/** The headings of the third level below "What is promised", with the items of the list that closes each. */
export function promisesOf(markdown: string): Promised[] {
  const promises: { title: string; held: Holder[] }[] = [];
  let inside = false;
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'heading' && token['depth'] === 2) inside = token['text'] === SECTION;
    else if (inside && token.type === 'heading' && token['depth'] === 3) {
      promises.push({ title: String(token['text']), held: [] });
    } else if (inside && token.type === 'list') {
      promises.at(-1)?.held.push(...(token as Tokens.List).items.map(({ text }) => holderOf(text)));
    }
  }
  return promises;
}

/** `packages/x/test/y.test.ts`: the title of a test, or `npm run script`: what it does. */
function holderOf(item: string): Holder {
  const [, place = '', rest] = /^`([^`]+)`(?:: ([\s\S]*))?$/.exec(item.trim()) ?? [];
  if (place.startsWith('npm run ') || rest === undefined) return { place };
  return { place, test: plain(rest.replaceAll(/\s+/g, ' ')) };
}

/** @returns one line for each promise that nothing holds, and for each test or command that is not there */
export function brokenPromises(promises: readonly Promised[]): string[] {
  const ci = readFileSync(join(ROOT, '.ci', 'run'), 'utf8');
  return promises.flatMap(({ title, held }) => {
    if (held.length === 0) return [`"${title}" is held by nothing`];
    return held.flatMap(({ place, test }) => {
      if (place.startsWith('npm run ')) {
        const script = place.slice('npm run '.length);
        return new RegExp(`npm run --silent ${script}\\b`).test(ci)
          ? []
          : [`${title}: CI does not run ${script}`];
      }
      if (!place.endsWith('.test.ts') || !existsSync(join(ROOT, place)))
        return [`${title}: no test file "${place}"`];
      if (test !== undefined && titlesIn(place).has(test)) return [];
      return [`${title}: ${place} has no test "${test ?? ''}"`];
    });
  });
}

const known = new Map<string, ReadonlySet<string>>();

/** The titles of a test file, as they stand in it: placeholders of tables and templates are not filled in. */
function titlesIn(path: string): ReadonlySet<string> {
  const before = known.get(path);
  if (before) return before;
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|test)\b/.test(node.expression.getText(source))) {
      const [title] = node.arguments;
      if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
        titles.add(ts.isStringLiteralLike(title) ? title.text : title.getText(source).slice(1, -1));
      }
    }
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile(
    path,
    readFileSync(join(ROOT, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  visit(source);
  known.set(path, titles);
  return titles;
}
