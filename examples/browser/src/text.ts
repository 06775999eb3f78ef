/** What the page learns unless another text is put in its place: a rhyme of the nursery, in nobody's copyright. */
const DEEDS = [
  ['the malt', 'lay in the house that Jack built'],
  ['the rat', 'ate the malt'],
  ['the cat', 'killed the rat'],
  ['the dog', 'worried the cat'],
  ['the cow with the crumpled horn', 'tossed the dog'],
  ['the maiden all forlorn', 'milked the cow with the crumpled horn'],
  ['the man all tattered and torn', 'kissed the maiden all forlorn'],
  ['the priest all shaven and shorn', 'married the man all tattered and torn'],
  ['the cock that crowed in the morn', 'woke the priest all shaven and shorn'],
  ['the farmer sowing his corn', 'kept the cock that crowed in the morn'],
] as const;

export const TEXT = `${['This is the house that Jack built.', ...DEEDS.map((_, last) => verse(last))].join('\n\n')}\n`;

/** Every verse is the one before it and one line more. */
function verse(last: number): string {
  const [newest] = DEEDS[last] as readonly [string, string];
  const told = DEEDS.slice(0, last + 1).toReversed();
  return `This is ${newest},\n${told.map(([, did]) => `That ${did}`).join(',\n')}.`;
}
