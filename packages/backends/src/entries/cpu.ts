/** Plain JavaScript loops: always there, slow, and the twin that every other backend is tested against. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendDescription } from '@ligature/core';
import { defineBackend } from '@ligature/core';
import { z } from 'zod';
import { importPackage } from './import-module.js';

export const cpu = defineBackend({
  meta: {
    summary: 'Plain JavaScript on one thread: works everywhere, for tests and tiny models',
    options: z.strictObject({}),
    reference: 'https://www.npmjs.com/package/@tensorflow/tfjs-backend-cpu',
  },
  create: () => ({
    tfjsName: 'cpu',
    async prepare(): Promise<BackendDescription> {
      const module = await importPackage('@tensorflow/tfjs-backend-cpu', 'Install @ligature/backends again');
      // Ligature has said why this backend was taken; tfjs would print an advertisement at its first tensor.
      tf.env().set('PROD', true);
      return { version: String(module['version_cpu']), detail: 'plain JavaScript, 1 thread' };
    },
  }),
});
