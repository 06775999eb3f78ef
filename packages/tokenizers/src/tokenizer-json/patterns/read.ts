/** Reads a pattern of Oniguruma's syntax. What cannot be done exactly as Oniguruma does it is refused, with the reason. */
import {
  parse,
  type AlternativeElementNode,
  type AlternativeNode,
  type GroupNode,
  type QuantifierNode,
} from 'oniguruma-parser/parser';
import { ANY, characterSource, classSource, setSource, Untranslatable } from './classes.js';
import { foldedCharacter, foldedClass, refuseExpandingFolds } from './fold.js';
import { lengths, type Ir, type Place } from './ir.js';

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
}

/** A look-behind longer than this is not tried. */
const LONGEST_LOOK_BEHIND = 16;

const PLACES: ReadonlySet<string> = new Set<Place>([
  'line_start',
  'line_end',
  'string_start',
  'string_end',
  'string_end_newline',
  'word_boundary',
]);

/** Within brackets the parser does not tell this property from `[:punct:]`, which has symbols besides. */
const PUNCT_IN_CLASS = /\[[^\]]*\\p\{\s*\^?punct\s*\}/i;

/** @throws Untranslatable */
export function readPattern(source: string): Ir {
  if (PUNCT_IN_CLASS.test(source))
    throw new Untranslatable('it has the property punct within brackets: write \\p{P}');
  let tree;
  try {
    tree = parse(source, { normalizeUnknownPropertyNames: true, skipPropertyNameValidation: true });
  } catch (error) {
    throw new Untranslatable(`it is no regular expression of Oniguruma: ${(error as Error).message}`);
  }
  return choice(tree.body, { ignoreCase: false, dotAll: false });
}

function choice(alternatives: readonly AlternativeNode[], outer: Flags): Ir {
  const first = alternatives[0]?.body[0];
  const flags = first?.type === 'Directive' && first.kind === 'flags' ? changed(outer, first.flags) : outer;
  // A switch of flags in the middle would hold for the alternatives after it, and split them differently.
  if (alternatives.length > 1 && alternatives.some(switchesLater)) {
    throw new Untranslatable('it switches flags in the middle of alternatives');
  }
  const options = alternatives.map((one) => sequence(one, flags));
  if (options.length === 1) return options[0] as Ir;
  // `a|b` is `[ab]`.
  if (options.every((option) => option.kind === 'set')) {
    return { kind: 'set', source: `[${options.map(({ source }) => source).join('')}]` };
  }
  return { kind: 'choice', options };
}

const switchesLater = ({ body }: AlternativeNode, at: number): boolean =>
  body.some((node, index) => node.type === 'Directive' && node.kind === 'flags' && (at > 0 || index > 0));

function sequence({ body }: AlternativeNode, outer: Flags): Ir {
  let flags = outer;
  const parts: Ir[] = [];
  let literal = '';
  for (const node of body) {
    if (node.type === 'Directive') {
      if (node.kind !== 'flags') throw new Untranslatable('it uses \\K');
      flags = changed(flags, node.flags);
      continue;
    }
    const text = flags.ignoreCase ? literalText(node) : undefined;
    literal = text === undefined ? '' : literal + text;
    if (literal !== '') refuseExpandingFolds(literal);
    const part = element(node, flags);
    const before = parts.at(-1);
    // `(?=x)y` is one character that is in both.
    if (part.kind === 'set' && before?.kind === 'look' && !before.behind && before.body.kind === 'set') {
      const operation = before.negate ? '--' : '&&';
      parts[parts.length - 1] = {
        kind: 'set',
        source: `[[${part.source}]${operation}[${before.body.source}]]`,
      };
    } else parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Ir) : { kind: 'sequence', parts };
}

/** What a node spells, if it is a character or a group of nothing else: Oniguruma joins those with what is beside. */
function literalText(node: AlternativeElementNode): string | undefined {
  if (node.type === 'Character') return String.fromCodePoint(node.value);
  if (node.type !== 'Group' || node.body.length !== 1) return undefined;
  const texts = (node.body[0] as AlternativeNode).body.map(literalText);
  return texts.every((text) => text !== undefined) ? texts.join('') : undefined;
}

function changed(flags: Flags, modifiers: GroupNode['flags']): Flags {
  const { enable, disable } = modifiers ?? {};
  return {
    ignoreCase: enable?.ignoreCase ?? (disable?.ignoreCase ? false : flags.ignoreCase),
    dotAll: enable?.dotAll ?? (disable?.dotAll ? false : flags.dotAll),
  };
}

function element(node: AlternativeElementNode, flags: Flags): Ir {
  switch (node.type) {
    case 'Character':
      return {
        kind: 'set',
        source: `[${flags.ignoreCase ? foldedCharacter(node.value) : characterSource(node.value)}]`,
      };
    case 'CharacterClass':
      return { kind: 'set', source: flags.ignoreCase ? foldedClass(node) : classSource(node) };
    case 'CharacterSet':
      if (node.kind === 'dot') return { kind: 'set', source: flags.dotAll ? ANY : '[^\\n]' };
      if (node.kind === 'newline') return node.negate ? { kind: 'set', source: '[^\\n]' } : anyLineEnd();
      if (flags.ignoreCase && (node.kind === 'property' || node.kind === 'posix')) {
        throw new Untranslatable('it ignores the case of a property');
      }
      return { kind: 'set', source: setSource(node, false) };
    case 'CapturingGroup':
      return choice(node.body, flags);
    case 'Group': {
      const body = choice(node.body, changed(flags, node.flags));
      return node.atomic ? { kind: 'atomic', body } : body;
    }
    case 'LookaroundAssertion': {
      const behind = node.kind === 'lookbehind';
      const body = choice(node.body, flags);
      if (behind && hasAnyLineEnd(node.body)) throw new Untranslatable('it looks back at \\R');
      if (behind && lengths(body).most > LONGEST_LOOK_BEHIND) {
        throw new Untranslatable(`it looks back at more than ${LONGEST_LOOK_BEHIND} characters`);
      }
      return { kind: 'look', behind, negate: node.negate, body };
    }
    case 'Quantifier':
      return quantifier(node, flags);
    case 'Assertion':
      if (!PLACES.has(node.kind)) throw new Untranslatable(`it asks for the place ${node.kind}`);
      return { kind: 'place', place: node.kind as Place, negate: node.negate === true };
    case 'Backreference':
      throw new Untranslatable('it refers back to what it has matched');
    case 'Subroutine':
      throw new Untranslatable('it calls a group');
    default:
      throw new Untranslatable(`it uses ${node.type}`);
  }
}

/** Of one or two characters: behind, Oniguruma does not look at both. */
const hasAnyLineEnd = (alternatives: readonly AlternativeNode[]): boolean =>
  JSON.stringify(alternatives).includes('"variableLength":true');

const anyLineEnd = (): Ir => ({
  kind: 'atomic',
  body: {
    kind: 'choice',
    options: [
      {
        kind: 'sequence',
        parts: [
          { kind: 'set', source: '[\\r]' },
          { kind: 'set', source: '[\\n]' },
        ],
      },
      { kind: 'set', source: '[\\n-\\r\\u0085\\u2028\\u2029]' },
    ],
  },
});

function quantifier(node: QuantifierNode, flags: Flags): Ir {
  const { min: least, max: most } = node;
  const body = element(node.body as AlternativeElementNode, flags);
  const repeat: Ir = { kind: 'repeat', least, most, lazy: node.kind === 'lazy', body };
  // `(?:x*)*` is `x*`.
  if (most === Infinity && !repeat.lazy && body.kind === 'repeat' && !body.lazy && body.least === 0) {
    const whole: Ir = { ...body, most: Infinity };
    return node.kind === 'possessive' ? { kind: 'atomic', body: whole } : whole;
  }
  // Oniguruma ends such a loop at the first empty round, or does not, by how it has compiled it. It would also lead
  // a state back to itself, and the memory of the machine astray.
  if (most > 1 && lengths(body).least === 0) throw new Untranslatable('it repeats what can be empty');
  return node.kind === 'possessive' ? { kind: 'atomic', body: repeat } : repeat;
}
