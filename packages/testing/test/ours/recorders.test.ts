/** No plug-in of ours offers a recorder yet; the event log of every run is one, and passes as one. */
import { definePlugin, defineRecorder } from '@ligature/core';
import { EventLog } from '@ligature/run';
import { readEventLog } from '@ligature/run';
import { checkRecorder, type CheckRecorderOptions } from '@ligature/testing';
import { it } from 'vitest';
import { z } from 'zod';

const options = z.strictObject({
  rotateBytes: z.number().default(1e6).describe('bytes after which a file is rotated'),
});

const plugin = definePlugin({
  name: 'event-log',
  version: '1.0.0',
  recorders: {
    'event-log': defineRecorder({
      meta: { summary: 'The event log of a run', options },
      create: ({ rotateBytes }, { folder }) => EventLog.create(folder, { rotateBytes, keepFiles: 100 }),
    }),
  },
});

it.each<[CheckRecorderOptions]>([
  [{}],
  [{ options: { rotateBytes: 2000 }, read: (folder) => [...readEventLog(folder)] }],
])('the event log %j', async (given) => {
  await checkRecorder(plugin, 'event-log', given);
});
