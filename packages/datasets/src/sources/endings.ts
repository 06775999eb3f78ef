/** Which files are texts, by the endings of their names. */
const TEXT = /\.(txt|text|md|markdown)$/i;
/** Of the files of WikiText and its like: text where the rest of the name says a split, anything elsewhere. */
const SPLIT_TEXT = /\.(tokens|raw)$/i;

/** For messages. */
export const TEXT_ENDINGS = '.txt, .text, .md or .markdown';

/** @param ofSplit whether the name says something of splits */
export const isText = (path: string, ofSplit = false): boolean =>
  TEXT.test(path) || (ofSplit && SPLIT_TEXT.test(path));

/** `train.txt` -> `train`; of what is no text the whole name. */
export const withoutEnding = (name: string): string => name.replace(TEXT, '').replace(SPLIT_TEXT, '');
