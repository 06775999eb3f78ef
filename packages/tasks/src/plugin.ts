/** What this package offers to the plug-in host. */
import { definePlugin } from '@ligature/core';
import { causalLm } from './causal-lm/task.js';
import { imageClassification } from './image-classification/task.js';
import { lastWord } from './last-word/task.js';
import { maskedLm } from './masked-lm/task.js';
import { questionAnswering } from './question-answering/task.js';
import { sequenceClassification } from './sequence-classification/task.js';

export const plugin = definePlugin({
  name: '@ligature/tasks',
  version: '0.1.0',
  tasks: {
    'causal-lm': causalLm,
    'image-classification': imageClassification,
    'last-word': lastWord,
    'masked-lm': maskedLm,
    'question-answering': questionAnswering,
    'sequence-classification': sequenceClassification,
  },
});
