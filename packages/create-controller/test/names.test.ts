import annealing from '@ligature/controller-annealing';
import bandit from '@ligature/controller-bandit';
import gradientConflict from '@ligature/controller-gradient-conflict';
import halving from '@ligature/controller-halving';
import heuristics from '@ligature/controller-heuristics';
import linearThompson from '@ligature/controller-linear-thompson';
import lossProbed from '@ligature/controller-loss-probed';
import qLearning from '@ligature/controller-q-learning';
import random from '@ligature/controller-random';
import similarity from '@ligature/controller-similarity';
import yoked from '@ligature/controller-yoked';
import type { Plugin } from '@ligature/core';
import { expect, it } from 'vitest';
import { parsePackageName, TAKEN_NAMES } from '../src/names.js';

it('knows every controller that comes with the command', () => {
  const ours: Plugin[] = [heuristics, qLearning, random, bandit, annealing, halving, similarity];
  const newer: Plugin[] = [gradientConflict, linearThompson, lossProbed, yoked];
  const names = [...ours, ...newer].flatMap(({ controllers }) => Object.keys(controllers ?? {}));
  expect([...TAKEN_NAMES].sort()).toEqual(names.sort());
});

it('takes the scope off', () => {
  expect(parsePackageName('greedy')).toEqual({ npm: 'greedy', controller: 'greedy' });
  expect(parsePackageName('@me/greedy')).toEqual({ npm: '@me/greedy', controller: 'greedy' });
});
