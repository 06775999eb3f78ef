/** YAML as data: bounded nesting, no tags that other tools take for code, no value that contains itself. */
import { Lexer, parseDocument, Parser } from 'yaml';

const MOST_LEVELS = 100;
const MOST_VALUES = 100_000;

/** @throws Error saying what is wrong */
export function parseYaml(text: string): unknown {
  assertShallow(text);
  // `silent` would pass over a second document.
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: true, logLevel: 'error' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem?.code === 'MULTIPLE_DOCS') {
    const [start] = problem.linePos ?? [];
    throw new Error(`a second document begins in line ${start?.line}: a file holds one`);
  }
  if (problem) throw problem;
  const content: unknown = document.toJS();
  assertFinite(content);
  return content;
}

/**
 * The first half of the library's work keeps its own stack; the second half calls itself for each level, and Node
 * ends without an exception when it compiles a regular expression near the end of the call stack.
 */
function assertShallow(text: string): void {
  const parser = new Parser();
  const reading = new Lexer().lex(text);
  for (const lexeme of reading) {
    // Finished nodes come out here; how many are open is what counts.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > MOST_LEVELS) throw new Error(`it is nested deeper than ${MOST_LEVELS} levels`);
  }
}

/** Aliases may contain themselves, or each other many times over: no reader of the value would come to its end. */
function assertFinite(content: unknown): void {
  let values = 0;
  const visit = (value: unknown, level: number): void => {
    values += 1;
    if (values > MOST_VALUES) throw new Error(`its aliases stand for more than ${MOST_VALUES} values`);
    if (typeof value !== 'object' || value === null) return;
    if (level === MOST_LEVELS) {
      throw new Error(`it is nested deeper than ${MOST_LEVELS} levels, or an alias in it contains itself`);
    }
    for (const child of Object.values(value)) visit(child, level + 1);
  };
  visit(content, 0);
}
