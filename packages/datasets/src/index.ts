export { plugin, plugin as default } from './plugin.js';
export { DATASET_NAMES, resolveDataset, type ResolveOptions } from './resolve.js';
export { createMobyDick, createSotu } from './sources/bundled.js';
export { createTextDataset, textOptionsSchema } from './sources/text.js';
export { createWikitext, wikitextOptionsSchema } from './sources/wikitext.js';
export { cutMissing, deriveSplits, sharesSchema, SPLIT_NAMES, type Shares } from './splits.js';
