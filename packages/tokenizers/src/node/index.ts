/** What reads files, and so needs Node. */
export { plugin, plugin as default } from './plugin.js';
export { readTokenizerFile } from './read-file.js';
