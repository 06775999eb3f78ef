/** Fixed maps as controllers: every published sharing scheme by name, and any literal map. */
export {
  beginFields,
  createFixedMap,
  literalMap,
  literalMapSchema,
  type LiteralMapOptions,
} from './fixed-map.js';
export { plugin, plugin as default } from './plugin.js';
