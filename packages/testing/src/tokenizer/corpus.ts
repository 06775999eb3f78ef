/** Texts that tokenizers stumble over, and an ordinary one to learn from. */

export interface Sample {
  readonly name: string;
  readonly text: string;
}

const TOPICS = ['whale', 'ship', 'sea', 'harpoon', 'captain', 'storm', 'sailor', 'mast', 'white', 'deep'];

/** Some 9 kB of plain sentences with numbers, names and punctuation. The same on every machine. */
export const TRAINING_TEXT = Array.from({ length: 160 }, (_, line) => {
  const [one, two, three] = [1, 3, 7].map((step) => TOPICS[(line * step) % TOPICS.length]);
  return `In chapter ${line}, the ${one} met the ${two}; "call it ${three}," said Ishmael, and it was so.\n`;
}).join('');

/** Every kind of text that has broken a tokenizer: empty, broken Unicode, white space, markup, repetition. */
export const NASTY_TEXTS: readonly Sample[] = [
  { name: 'the empty text', text: '' },
  { name: 'one letter', text: 'a' },
  { name: 'one space', text: ' ' },
  { name: 'one line end', text: '\n' },
  { name: 'plain English', text: TRAINING_TEXT.slice(0, 400) },
  { name: 'words that nobody has seen', text: 'zyxwv qqqq Überfluß 東京 Ωmega' },
  { name: 'leading and trailing white space', text: '  \t two  words \n\n' },
  { name: 'Windows line ends', text: 'one\r\ntwo\r\n\r\nthree\rfour' },
  { name: 'every kind of white space', text: 'a\u00a0b\u2003c\u3000d\u200be\u2028f\u2029g\u0085h\ufeffi' },
  { name: 'control characters', text: 'a\u0000b\u0001c\u001bd\u007fe' },
  { name: 'emoji with joiners, skin and flags', text: '👩‍👩‍👧‍👦 🏴‍☠️ 👍🏽 🇩🇪🐋' },
  { name: 'combining characters', text: 'e\u0301 Z\u0335\u030d\u0322a\u0315\u0300l\u0321g\u0489o ｆｕｌｌ' },
  { name: 'right-to-left text', text: 'שלום עולם — مرحبا بالعالم\u202eabc' },
  { name: 'scripts without spaces', text: '今日は世界。ภาษาไทย 한국어' },
  { name: 'astral characters', text: '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓂀 \u{10ffff}' },
  { name: 'a byte order mark', text: '\ufeffbegins with one' },
  { name: 'replacement characters', text: '\ufffd\ufffd and \uffff' },
  { name: 'lone surrogates', text: 'high \ud83d low \udc0b reversed \udc0b\ud83d end \ud83d' },
  { name: 'numbers', text: '0 00 3.14159 1e-300 -1,234,567.89 2²' },
  { name: 'contractions', text: "don't CAN'T we'll they've I'd 'tis o'clock '" },
  {
    name: 'what looks like special tokens',
    text: '<|endoftext|> <s></s> <unk> <eos> [CLS] [SEP] <pad> ## Ġ ▁',
  },
  { name: 'what looks like markup', text: '{"a": [1, 2]} <b>&amp;</b> `code` $x^2$ \\n \\u0041 %20' },
  { name: 'one letter 500 times', text: 'a'.repeat(500) },
  { name: 'spaces, 200 of them', text: ' '.repeat(200) },
  { name: 'one word of 700 letters', text: 'loremipsumdolor'.repeat(47) },
  { name: 'property names of objects', text: '__proto__ constructor toString hasOwnProperty' },
];

/** The text as UTF-8 has it: a lone surrogate has no UTF-8 form and becomes U+FFFD. */
export const wellFormed = (text: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
