/** What a module asks for by name, read from its syntax tree: imports of every form, and text that may be a name. */
import { isBuiltin } from 'node:module';
import ts from 'typescript';

export interface Mentions {
  /** Packages that are imported, required or resolved, as values or as types. */
  readonly imported: ReadonlySet<string>;
  /** Every piece of text in the module: a package may be named in data and loaded from there. */
  readonly texts: ReadonlySet<string>;
  /** Specifiers that are imported for their effects alone: `import 'x'`. */
  readonly bare: ReadonlySet<string>;
}

/** The package of a specifier; none for a path, a URL or a module of Node. */
export function packageOf(specifier: string): string | undefined {
  if (/^[./#]|^[a-z]+:/.test(specifier) || isBuiltin(specifier)) return undefined;
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

const isCreateRequire = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'createRequire';

export function mentions(fileName: string, text: string): Mentions {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const specifiers: string[] = [];
  const texts = new Set<string>();
  const bare = new Set<string>();
  const constants = new Map<string, string>();
  const requires = new Set(['require']);

  const literal = (node: ts.Node | undefined): string | undefined => {
    if (node === undefined) return undefined;
    if (ts.isStringLiteralLike(node)) return node.text;
    return ts.isIdentifier(node) ? constants.get(node.text) : undefined;
  };
  /** `require`, `require.resolve`, or the same of whatever `createRequire` made. */
  const isRequire = (callee: ts.Expression): boolean => {
    const target =
      ts.isPropertyAccessExpression(callee) && callee.name.text === 'resolve' ? callee.expression : callee;
    return isCreateRequire(target) || (ts.isIdentifier(target) && requires.has(target.text));
  };
  const note = (specifier: string | undefined): void => {
    if (specifier !== undefined) specifiers.push(specifier);
  };
  // Names first: a module may use what it declares further down.
  const declare = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      if (ts.isStringLiteralLike(node.initializer)) constants.set(node.name.text, node.initializer.text);
      if (isCreateRequire(node.initializer)) requires.add(node.name.text);
    }
    ts.forEachChild(node, declare);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const specifier = literal(node.moduleSpecifier);
      note(specifier);
      if (ts.isImportDeclaration(node) && !node.importClause && specifier) bare.add(specifier);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      note(literal(node.argument.literal));
    } else if (ts.isExternalModuleReference(node)) {
      note(literal(node.expression));
    } else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression))
        note(literal(node.arguments[0]));
    } else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      texts.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  declare(file);
  visit(file);
  return { imported: new Set(specifiers.flatMap((specifier) => packageOf(specifier) ?? [])), texts, bare };
}
