import { describe, expect, it } from 'vitest';
import { recordedCommand } from '../src/command-lines/command-line.js';

describe('the command that a manifest keeps', () => {
  it.each([
    [
      ['train', '--steps', '10'],
      ['train', '--steps', '10'],
    ],
    [
      ['train', '--dataset', './my-book.txt'],
      ['train', '--dataset', './my-book.txt'],
    ],
    [
      ['train', '--dataset', '/Users/ada/texts/my-book.txt'],
      ['train', '--dataset', '…/my-book.txt'],
    ],
    [
      ['train', '--out=/tmp/x', 'a/b'],
      ['train', '--out=…/x', 'a/b'],
    ],
    [
      ['compare', '--plugins', '/a/b.js,c,/d/e.js'],
      ['compare', '--plugins', '…/b.js,c,…/e.js'],
    ],
    [
      ['train', '--dataset', 'C:\\Users\\ada\\book.txt'],
      ['train', '--dataset', '…/book.txt'],
    ],
    [
      ['train', '--set', 'training.learningRate=1e-3'],
      ['train', '--set', 'training.learningRate=1e-3'],
    ],
  ])('%j leaves out where things lie', (argv, kept) => {
    expect(recordedCommand(argv)).toEqual(kept);
  });
});
