/** Texts in which tokenizers tend to differ: each kind of character that some rule of Unicode singles out. */
import type { Dice } from './dice.js';

const WORDS = [
  'the The THE hello Hello world unaffable a I abcabc aaaa e x tokens __proto__ constructor toString',
  'größe GRÖSSE straße ẞ naïve nai\u0308ve café cafe\u0301 Ångström A\u030angstro\u0308m Việt Vie\u0323\u0302t',
  'İstanbul ıi ſet ﬁn Ǆǅǆ ΟΔΟΣ Οδός ά ᾳ Ёлка мир! Привет й и\u0306 a\u0316\u0301\u0327 \u0301 \u0344 o\u20dd',
  'ᏣᎳᎩ ꭰ Ა 𐐀𐐨 𐌰𐌱 𝐇𝐞𝐥𝐥𝐨 𝕏 𒀀 \u{1d15e} 中文 中文字符 你好 𠀀 𠮷野 豈 \uf900 \u{2f800} こんにちは カタカナ ｶﾞ ガ が か\u3099 ー 々〇 한국어 \u1112\u1161\u11ab',
  'देवनागरी ภาษาไทย ำ مرحبا مُحَمَّد ﷺ ﻼ שָׁלוֹם தமிழ் ສະບາຍ བོད ქართული հայ',
].flatMap((line) => line.split(' '));
const DIGITS = '0 1 12 345 2024 1,000.50 ٣٤ १२३ １２ ² ½ ¼ Ⅷ ⅷ ① 𝟘𝟙 ৴ 〇 五 ൰ 0x1F a1 1a'.split(' ');
const SYMBOLS = [
  ...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ..."... -- `` '' ?! «» — – … 。 、 ， ¿ · € ™ ℡ № ´ ¨ ‿ ၊ § ° × ̧ ª µ Ω K Å".split(' '),
  ..."don't I'm we'll They'RE it's it’s 's 'S".split(' '),
  ...[" n't", ' .', ' ,', ' do not', " 're"],
  ...'▁ ▁▁ ▁the Ġ Ġthe Ċ ## ##s @@ </w> <0x41> <0x0A> <unk> [UNK] | <pad>'.split(' '),
];
const SPACES = [
  ...[' ', ' ', ' ', ' ', '  ', '   ', '\t', '\n', '\n\n', '\r\n', '\r', ' \n', ' \u00a0 '],
  ...'\v\f\u0085\u00a0\u1680\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u180e\u001c\u001f',
];
const INVISIBLE = [
  ...'\0\u0001\u0007\b\u001b\u007f\u0080\u008f\u009f\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u2060\u2066\ufeff',
  ...'\ufffc\ufffd\ufffe\uffff\ue000\u0378\u{e0001}\u{f0000}\u{10ffff}\ufe0f\u3164\ud800\udc00',
];
const EMOJI = '😀 👍🏽 👨‍👩‍👧 🇩🇪 1️⃣ ❤️ 🏳️‍🌈 ☃ ✂ 🜁 🧙‍♂️'.split(' ');

/** Where characters stand that one version of Unicode knows and another does not. */
const RANGES = [
  ...([
    [0x20, 0x24f],
    [0x250, 0x1fff],
    [0x2000, 0x2fff],
    [0x3000, 0xabff],
    [0xac00, 0xffff],
  ] as const),
  ...([
    [0x10000, 0x11fff],
    [0x12000, 0x1efff],
    [0x1f000, 0x1fbff],
    [0x20000, 0x323af],
    [0xe0000, 0xe01ef],
  ] as const),
];

/** A few characters of one neighbourhood, whatever they are. */
function anyCharacters(dice: Dice): string {
  const [low, high] = dice.pick(RANGES);
  return dice.list(1, 4, () => String.fromCodePoint(dice.int(low, high))).join('');
}

const POOLS = [WORDS, WORDS, WORDS, SPACES, SPACES, DIGITS, SYMBOLS, SYMBOLS, EMOJI, INVISIBLE];

/** @param contents of added tokens: they turn up in awkward places */
export function randomText(dice: Dice, contents: readonly string[]): string {
  if (dice.chance(0.02)) return '';
  if (dice.chance(0.04)) return longRun(dice, contents);
  const pools = contents.length > 0 ? [...POOLS, contents, contents] : POOLS;
  const spaced = dice.pick([0, 0.3, 0.8]);
  const text = dice
    .list(1, dice.pick([2, 6, 14]), () => {
      const fragment = dice.chance(0.1) ? anyCharacters(dice) : dice.pick(dice.pick(pools));
      return dice.chance(spaced) ? `${fragment} ` : fragment;
    })
    .join('');
  return dice.chance(0.05)
    ? dice.pick([text.toUpperCase(), text.toLowerCase(), text.normalize('NFD')])
    : text;
}

/** Long words meet limits, long runs the greedy parts. */
function longRun(dice: Dice, contents: readonly string[]): string {
  const unit = dice.pick([
    'a',
    'ab',
    ' ',
    '\n',
    '!',
    '😀',
    'é',
    '中',
    '1',
    '▁',
    '\u0301',
    'aaaa ',
    ...contents.slice(0, 1),
  ]);
  return `${dice.pick(['', 'x', ' '])}${unit.repeat(dice.int(2, 130))}${dice.pick(['', 'the', ' b'])}`;
}
