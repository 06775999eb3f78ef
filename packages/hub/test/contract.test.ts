/** The contract of datasets, once the cache has one: who asks a network waits by the clock. */
import { plugin } from '@ligature/hub';
import { checkDataset } from '@ligature/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHubDataset } from '../src/dataset.js';
import { glue, temporaryFolder, wikitext } from './helpers.js';
import { commitOf, serveHub } from './hub-server.js';

describe('the contract', () => {
  it.each([
    `hf:Salesforce/wikitext/wikitext-2-raw-v1@${commitOf('a')}`,
    `hf:nyu-mll/glue/sst2@${commitOf('b')}`,
  ])('is kept by %s', async (source) => {
    const repos = { 'datasets/Salesforce/wikitext': wikitext(), 'datasets/nyu-mll/glue': glue() };
    const server = await serveHub(repos);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('HF_ENDPOINT', server.url);
    vi.stubEnv('LIGATURE_CACHE', temporaryFolder());
    const dataset = createHubDataset({}, { source, folder: '.' });
    await (dataset.split ?? dataset.labelledTexts)?.('train');
    const before = server.seen.length;
    const report = await checkDataset(plugin, 'hub', { source });
    expect(report.passed).toBe(true);
    expect(server.seen.length).toBe(before);
  });
});
