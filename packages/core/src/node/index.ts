/** What of core needs Node: files of plug-ins, and knowing a bus's handlers through all that they await. */
export { asyncHandlerContext } from './async-context.js';
export { loadPlugin } from './load-plugin.js';
