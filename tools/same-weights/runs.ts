/** The runs whose weights are compared: together they pass through everything that may change the weights. */

export type Kind = 'tie' | 'untie';

export interface Run {
  readonly name: string;
  /** Arguments of `ligature train` beside the common ones, as this checkout spells them. */
  readonly flags: readonly string[];
  /** The same in the words of the other checkout, where they changed. */
  readonly flagsBefore?: readonly string[];
  /** What must happen to the tie map, or the run shows nothing. */
  readonly expects: readonly Kind[];
  /** Killed once it has a checkpoint, and resumed. */
  readonly interrupted?: true;
}

/** Of every run, as this checkout spells them. */
export const COMMON: readonly string[] = [
  ...['--dataset', 'text.txt', '--layers', '5', '--width', '16', '--heads', '2', '--context', '16'],
  ...['--batch', '2', '--steps', '40', '--window', '2', '--threads', '1', '--seed', '1'],
  ...['--set', 'evaluation.every=20', '--set', 'evaluation.batches=2', '--set', 'training.warmup=5'],
];

/** The same in the words of the other checkout. */
export const COMMON_BEFORE: readonly string[] = COMMON;

const bytes = ['--tokenizer', 'byte'];
const controller = (name: string): string[] => [...bytes, '--controller', name];
const set = (field: string): string[] => ['--set', field];

const BOTH: readonly Kind[] = ['tie', 'untie'];

export const RUNS: readonly Run[] = [
  { name: 'none', flags: controller('none'), expects: [] },
  { name: 'cycle', flags: controller('cycle:blocks=2'), expects: [] },
  // Attention and MLP shared, norms not: the one scheme whose components have maps of their own.
  { name: 'sandwich', flags: controller('sandwich'), expects: [] },
  { name: 'random', flags: controller('random'), expects: BOTH },
  { name: 'q-learning', flags: controller('q-learning'), expects: BOTH },
  {
    name: 'q-learning-replay',
    flags: [
      ...controller('q-learning:hidden=16:replay.batch=4:targetNetwork.every=3:doubleQ=true:decide=all'),
      ...set('tying.probe=fresh-train'),
      ...set('tying.moments=keep'),
    ],
    expects: BOTH,
  },
  { name: 'bandit', flags: controller('bandit:policy=thompson'), expects: BOTH },
  { name: 'annealing', flags: controller('annealing'), expects: BOTH },
  { name: 'halving', flags: controller('halving:candidates=6:warmup=2:visits=1'), expects: BOTH },
  // It merges only.
  { name: 'similarity', flags: controller('similarity:warmup=3:every=3:blocks=2'), expects: ['tie'] },
  {
    name: 'official',
    flags: [
      ...controller('q-learning'),
      ...set('tying.profile=official'),
      ...set('tokenizer.options.bos=true'),
      ...set('tokenizer.options.eos=true'),
    ],
    expects: BOTH,
  },
  {
    name: 'dropout',
    flags: [...controller('random'), ...set('model.dropout=0.1')],
    expects: BOTH,
  },
  {
    name: 'accumulation',
    flags: [...controller('random'), ...set('training.accumulation=3')],
    expects: BOTH,
  },
  {
    name: 'source-only-bpe',
    flags: [
      ...['--tokenizer', 'bpe:vocabularySize=300', '--controller', 'random'],
      ...set('tying.gradient=source-only'),
      ...set('optimizer.decay=all'),
    ],
    flagsBefore: [
      ...['--tokenizer', 'bpe:vocabularySize=300', '--controller', 'random'],
      ...set('tying.gradient=source-only'),
      ...set('training.decay=all'),
    ],
    expects: BOTH,
  },
  {
    name: 'resumed',
    flags: [
      ...controller('q-learning'),
      ...['--steps', '90'],
      ...set('model.dropout=0.1'),
      ...set('training.accumulation=2'),
      ...set('checkpoint.every=11'),
    ],
    expects: BOTH,
    interrupted: true,
  },
];
