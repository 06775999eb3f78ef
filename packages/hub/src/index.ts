/** Datasets and checkpoints of the Hugging Face Hub, and the plug-in that offers them as `hub` and `hf:…`. */
export type { PinnedRepo, Repo, RepoKind } from './cache.js';
export { createHub, type Hub, type HubOptions } from './client.js';
export type { Clock } from './clock.js';
export { createHubDataset } from './dataset.js';
export type { Checksum, HubFile } from './listing.js';
export { formatHubName, parseHubName, readingsOf, type HubName, type Reading } from './name.js';
export { hubOptionsSchema, type HubDatasetOptions } from './options.js';
export { plugin, plugin as default } from './plugin.js';
export type { Environment, GivenSettings } from './settings.js';
