/**
 * The tasks of GLUE (Wang et al. 2019, arXiv 1804.07461): how the columns of its files are called, in the files of the authors
 * (TSV) and in those of the Hugging Face Hub, its classes in the order of their ids there, and what each is judged by.
 */

export const GLUE_TASKS = ['cola', 'sst-2', 'mrpc', 'rte', 'wnli', 'sts-b', 'qnli', 'qqp', 'mnli'] as const;
export type GlueTask = (typeof GLUE_TASKS)[number];

export interface Columns {
  readonly texts: readonly [string] | readonly [string, string];
  readonly label: string;
  /** Numbers of the examples, no two alike. */
  readonly id?: string;
}

export interface GlueSpec {
  readonly title: string;
  /** Every way in which the columns are called. */
  readonly columns: readonly Columns[];
  /** `undefined`: labels are numbers from 0 to 5. */
  readonly classes?: readonly string[];
  /** As the page of the benchmark lists them; the first one before all. */
  readonly metrics: readonly string[];
}

const pair = (first: string, second: string, label: string, id: string): Columns => ({
  ...{ texts: [first, second], label, id },
});
const ENTAILMENT = ['entailment', 'not_entailment'];

/** Of the file without a header: where the sentence is from, label, the author's own mark, sentence. */
export const COLA_COLUMNS = ['source', 'label', 'mark', 'sentence'];

export const GLUE: Readonly<Record<GlueTask, GlueSpec>> = {
  cola: {
    title: 'CoLA, whether a sentence is acceptable',
    columns: [{ texts: ['sentence'], label: 'label', id: 'idx' }],
    classes: ['unacceptable', 'acceptable'],
    metrics: ['matthews'],
  },
  'sst-2': {
    title: 'SST-2, whether a film review is positive',
    columns: [{ texts: ['sentence'], label: 'label', id: 'idx' }],
    classes: ['negative', 'positive'],
    metrics: ['accuracy'],
  },
  mrpc: {
    title: 'MRPC, whether two sentences say the same',
    columns: [
      { texts: ['#1 String', '#2 String'], label: 'Quality' },
      pair('sentence1', 'sentence2', 'label', 'idx'),
    ],
    classes: ['not_equivalent', 'equivalent'],
    metrics: ['accuracy', 'f1'],
  },
  rte: {
    title: 'RTE, whether a sentence follows from a text',
    columns: [
      pair('sentence1', 'sentence2', 'label', 'index'),
      pair('sentence1', 'sentence2', 'label', 'idx'),
    ],
    classes: ENTAILMENT,
    metrics: ['accuracy'],
  },
  wnli: {
    title: 'WNLI, whether a sentence with its pronoun replaced follows',
    columns: [
      pair('sentence1', 'sentence2', 'label', 'index'),
      pair('sentence1', 'sentence2', 'label', 'idx'),
    ],
    classes: ['not_entailment', 'entailment'],
    metrics: ['accuracy'],
  },
  'sts-b': {
    title: 'STS-B, how alike two sentences are, from 0 to 5',
    columns: [
      pair('sentence1', 'sentence2', 'score', 'index'),
      pair('sentence1', 'sentence2', 'label', 'idx'),
    ],
    metrics: ['pearson', 'spearman'],
  },
  qnli: {
    title: 'QNLI, whether a sentence answers a question',
    columns: [pair('question', 'sentence', 'label', 'index'), pair('question', 'sentence', 'label', 'idx')],
    classes: ENTAILMENT,
    metrics: ['accuracy'],
  },
  qqp: {
    title: 'QQP, whether two questions ask the same',
    columns: [
      pair('question1', 'question2', 'is_duplicate', 'id'),
      pair('question1', 'question2', 'label', 'idx'),
    ],
    classes: ['not_duplicate', 'duplicate'],
    metrics: ['accuracy', 'f1'],
  },
  mnli: {
    title: 'MNLI, whether a sentence follows from another, contradicts it, or neither',
    columns: [
      pair('sentence1', 'sentence2', 'gold_label', 'index'),
      pair('premise', 'hypothesis', 'label', 'idx'),
    ],
    classes: ['entailment', 'neutral', 'contradiction'],
    metrics: ['accuracy'],
  },
};
