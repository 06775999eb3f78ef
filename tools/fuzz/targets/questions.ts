/** Questions in the format of SQuAD from files that somebody else has written. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf, PluginHost, type SplitName } from '@ligature/core';
import { plugin } from '@ligature/datasets';
import * as fc from 'fast-check';
import { jsonFile } from '../generate/json.js';
import { defineTarget, Violation, type Box } from '../target.js';

const host = new PluginHost().register(plugin);
const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

const squad = (version: string, from: number): object => ({
  version,
  data: Array.from({ length: 4 }, (_, at) => {
    const name = `n${from + at}`;
    const answers = [{ text: name, answer_start: 4 }];
    const none = { id: `${name}-none`, question: 'Why?', answers: [], is_impossible: true };
    const qas = [{ id: name, question: 'Who?', answers }, ...(version === '1.1' ? [] : [none])];
    return { title: name, paragraphs: [{ context: `🐋 a ${name} of 🐋`, qas }] };
  }),
});
const file = (from: number) => jsonFile([squad('1.1', from), squad('v2.0', from)]);

export const squadFolder = defineTarget({
  name: 'squad-folder',
  reads: 'a folder with files of SQuAD, or one of them',
  input: fc.tuple(
    fc.option(file(0), { nil: undefined }),
    file(100),
    fc.constantFrom('1.1', '2.0'),
    fc.constantFrom('auto', '1.1', '2.0'),
    fc.constantFrom('.', 'dev'),
    fc.boolean(),
  ),
  prepare([train, dev, named, version, place, cut], { folder }: Box) {
    const name = (split: string): string => `${split}-v${named}.json`;
    if (train) writeFileSync(join(folder, name('train')), train);
    writeFileSync(join(folder, name('dev')), dev);
    return async () => {
      const options = { path: place === '.' ? '.' : name('dev'), version, cut };
      const dataset = await host.create('datasets', 'squad', options, { source: '.', folder });
      const read = contentsOf(dataset, 'questions', 'fuzz');
      const found: unknown[] = [];
      for (const split of SPLITS) {
        const { questions } = await read(split);
        if (questions.length === 0) throw new Violation(`${split} has no question`);
        for (const { id, context, answers } of questions) {
          const wrong = answers.find(({ text, start }) => context.slice(start, start + text.length) !== text);
          if (wrong) throw new Violation(`an answer to ${id} does not stand in its context`);
        }
        found.push(questions);
      }
      return JSON.stringify(found);
    };
  },
});
