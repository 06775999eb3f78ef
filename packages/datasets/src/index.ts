export { createGlue, glueOptionsSchema, type GlueDataset, type GlueOptions } from './glue/dataset.js';
export { GLUE_TASKS, type GlueTask } from './glue/tasks.js';
export { createLambada, lambadaOptionsSchema } from './corpora/lambada.js';
export { createOneBillionWord, oneBillionWordOptionsSchema } from './corpora/one-billion-word.js';
export { createPennTreebank, pennTreebankOptionsSchema } from './corpora/penn-treebank.js';
export { createTinyShakespeare, tinyShakespeareOptionsSchema } from './corpora/tiny-shakespeare.js';
export {
  createCifar10,
  createCifar100,
  cifar10OptionsSchema,
  cifar100OptionsSchema,
} from './images/cifar.js';
export { createImageFolder, imageFolderOptionsSchema } from './images/image-folder.js';
export { createFashionMnist, createMnist, mnistOptionsSchema } from './images/mnist.js';
export type { ImageDataset } from './images/three-splits.js';
export { plugin, plugin as default } from './plugin.js';
export { DATASET_NAMES, resolveDataset, type ResolveOptions } from './resolve.js';
export { createMobyDick, createSotu } from './sources/bundled.js';
export { createTextDataset, textOptionsSchema } from './sources/text.js';
export { createWikitext, wikitextOptionsSchema } from './sources/wikitext.js';
export { createSquad, squadOptionsSchema, type SquadDataset, type SquadOptions } from './squad/dataset.js';
export { cutMissing, deriveSplits, sharesSchema, SPLIT_NAMES, type Shares } from './splits.js';
export { createTable } from './table/dataset.js';
export { tableOptionsSchema, type TableOptions } from './table/options.js';
