/** How suites are used: tests by rule, reports, errors; and that they leave the process as they found it. */
import { definePlugin, type Plugin } from '@ligature/core';
import {
  BrokenContractError,
  checkController,
  controllerRules,
  inspectController,
  suites,
} from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { controllerViolators, goodController } from './violators/controllers.js';
import { NAME } from './violators/violators.js';
import './support/quiet-backend.js';

const faulty = (fault: string): Plugin => controllerViolators.find((one) => one.fault === fault)!.plugin;
const errorOf = (work: Promise<unknown>): Promise<BrokenContractError> =>
  work.then(
    () => expect.unreachable('the check passed'),
    (error: unknown) => error as BrokenContractError,
  );

describe('check', () => {
  it('throws one error with every broken rule, and the report', async () => {
    const plugin = faulty('depends on how many were made before it');
    const error = await errorOf(checkController(plugin, NAME));
    expect(error).toBeInstanceOf(BrokenContractError);
    expect(error).toMatchObject({ name: 'BrokenContractError', code: 'contract-broken' });
    expect(error.broken).toEqual(['deterministic', 'independent', 'resumes']);
    expect(error.message).toMatch(
      /^The controller "sample" of the plug-in "violator" breaks 3 of \d+ rules of its contract\.\n\ndeterministic: /,
    );
    expect(error.message.match(/^ {2}(found|why|mend) {2,4}\S/gm)).toHaveLength(9);
    expect(error.report.rules).toHaveLength(suites.controllers.texts.length);
  });

  it('says once what could not be checked, and which rule is to blame', async () => {
    const error = await errorOf(checkController(faulty('throws in the fifth window'), NAME));
    expect(error.broken).toEqual(['plays-through']);
    expect(error.message).toMatch(
      /\n\nNot checked, because decide threw Error: boom \(plays-through\): answers, /,
    );
    expect(error.message.match(/Not checked/g)).toHaveLength(1);
  });

  it('gives the report of one that passes, remarks too', async () => {
    const report = await checkController(goodController, NAME, { layers: [3] });
    expect(report.passed).toBe(true);
    expect(report.rules.every(({ found }) => found === '')).toBe(true);
  });

  it('tells a name that the plug-in does not have from a broken rule', async () => {
    await expect(checkController(goodController, 'sampel')).rejects.toMatchObject({
      code: 'unknown-controller',
      message: expect.stringContaining('Did you mean "sample"?') as string,
    });
    expect(() => controllerRules(definePlugin({ name: 'empty', version: '1.0.0' }), NAME)).toThrow(
      expect.objectContaining({ code: 'unknown-controller' }),
    );
  });
});

describe('rules', () => {
  it('are tests for any runner: a title, and a function without parameters', async () => {
    const rules = controllerRules(goodController, NAME, { layers: [3] });
    expect(rules.map(({ id, must, title }) => title === `${id}: ${must}`)).not.toContain(false);
    for (const rule of rules) {
      expect(rule.run).toHaveLength(0);
      await rule.run();
    }
  });

  it('that have no meaning are skipped with the reason, where the runner gives its context', async () => {
    const stateless: Plugin = definePlugin({
      ...goodController,
      controllers: {
        [NAME]: {
          ...goodController.controllers![NAME]!,
          create: () => ({ snapshot: () => null, restore: () => undefined }),
        },
      },
    });
    const rule = controllerRules(stateless, NAME).find(({ id }) => id === 'restore-refuses')!;
    const skipped: string[] = [];
    const run = rule.run as (context: unknown) => Promise<void>;
    await run({ skip: (reason: string) => skipped.push(reason) });
    // vitest's context is a function.
    await run(Object.assign(() => undefined, { skip: (reason: string) => skipped.push(reason) }));
    expect(skipped).toEqual(['it has no state to save', 'it has no state to save']);
    await rule.run();
  });
});

describe('the process', () => {
  it('has its own clock, chance and timers back afterwards, also when several checks overlap', async () => {
    const globals = () => [
      // eslint-disable-next-line no-restricted-properties -- looked at, not called
      Math.random,
      Date,
      setTimeout,
      setInterval,
      clearTimeout,
      clearInterval,
      performance.now,
      process.hrtime,
      process.hrtime.bigint,
      crypto.randomUUID,
    ];
    const before = globals();
    const faults = ['rolls dice of its own', 'leaves a timer running', 'looks at the clock'];
    const reports = await Promise.all(
      faults.map((fault) => inspectController(faulty(fault), NAME, { layers: [3] })),
    );
    const broken = reports.map(({ rules }) =>
      rules.filter(({ status }) => status === 'broken').map(({ id }) => id),
    );
    expect(broken).toEqual([['no-math-random'], ['timers-released'], ['no-clock']]);
    expect(globals()).toEqual(before);
  });

  it('is not blamed on the plug-in: what others do meanwhile is not noted', async () => {
    let looking = true;
    const others = (async () => {
      while (looking) {
        // eslint-disable-next-line no-restricted-properties -- somebody else's, which must not be noted
        Math.random();
        performance.now();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const report = await inspectController(goodController, NAME, { layers: [3] });
    looking = false;
    await others;
    expect(report.passed).toBe(true);
  });
});
