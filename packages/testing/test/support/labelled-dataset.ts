/** A small dataset of labelled texts, pairs among them, with one split changed where a check asks for that. */
import { createRandomStream } from '@ligature/core';
import type { Dataset, LabelledText, SplitName } from '@ligature/core';

const COUNTS: Readonly<Record<SplitName, number>> = { train: 29, validation: 21, test: 10 };
const WORDS = ['whale', 'ship', 'sea', 'a', 'sails', 'far', 'deep', 'no', 'storm'];

/** @param classes left out: labels are numbers */
export const labelledDataset =
  (classes?: readonly string[]) =>
  (changed?: SplitName): Dataset => ({
    name: 'labelled',
    description: 'Words about whales with labels, of the check itself',
    labelledTexts(split) {
      const stream = createRandomStream(split === changed ? 2 : 1, `labelled/${split}`);
      const text = (): string =>
        Array.from({ length: stream.integer(1, 5) }, () => WORDS[stream.integer(0, WORDS.length)]).join(' ');
      const examples = Array.from({ length: COUNTS[split] }, (_, at): LabelledText => {
        const label = classes ? classes[stream.integer(0, classes.length)]! : 5 * stream.uniform();
        return { texts: at % 3 === 0 ? [text(), text()] : [text()], label };
      });
      return Promise.resolve({ examples, origin: 'derived', ...(classes && { classes }) });
    },
  });
