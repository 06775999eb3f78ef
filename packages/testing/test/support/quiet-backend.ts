/** Something for tfjs to compute with, without its advice to install something faster. */
import '@tensorflow/tfjs-backend-cpu';
import { env } from '@tensorflow/tfjs-core';

env().set('PROD', true);
