/** Plug-ins that throw, hang, loop and leave, in real processes: every call into one has a name, a bound and an end. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, misbehave, type Place } from './fixtures/misbehaving.js';

let place: Place;
beforeAll(() => (place = makePlace()));
afterAll(() => place.remove());

describe('a command whose plug-in', () => {
  it('does not return fails as with every other error, and leaves a log that says so and no lock', async () => {
    const ended = await misbehave(place, 'controllers.decide.loops');
    expect(ended).toMatchObject({
      status: 1,
      stdout: '',
      error: { code: 'controller-late' },
      isLocked: false,
    });
    expect(ended.events.at(-1)).toBe('run.failed');
  });

  it('does not return behind an await ends with its name, and goes on from its checkpoint when that is mended', async () => {
    const bad = 'recorders.handler.loopsLater';
    const ended = await misbehave(place, bad);
    expect(ended).toMatchObject({ status: 1, stdout: '', error: { code: 'plugin-late' } });
    expect(ended.error?.asked).toContain(
      'handler "recorders" of step.completed of the recorder "bad" of the plug-in "misbehaving"',
    );
    const mended = await misbehave(place, '', ['resume', `runs/${bad}`, '--plugins', pluginOf(place)]);
    expect(mended).toMatchObject({ status: 0, error: undefined });
  });

  it('waits for nothing says so, where there is no limit in time', async () => {
    const args = [
      'train',
      '--config',
      'config.json',
      '--name',
      'stuck',
      '--set',
      'tying.timeoutSeconds=null',
    ];
    const ended = await misbehave(place, 'rewards.create.hangs', args);
    expect(ended).toMatchObject({ status: 1, stdout: '', error: { code: 'plugin-stuck' } });
    expect(ended.error?.asked).toBe('Call create of the reward "bad" of the plug-in "misbehaving"');
  });

  it.each(['controllers.decide.exits', 'rewards.measure.exitsLater'])(
    'ends the process has not succeeded: %s',
    async (bad) => {
      const ended = await misbehave(place, bad);
      expect(ended).toMatchObject({
        status: 1,
        stdout: '',
        error: { code: 'plugin-exited' },
        result: undefined,
      });
      const [, call] = bad.split('.');
      expect(ended.error?.asked).toContain(`Call ${call} of the`);
    },
  );

  it.each(['optimizers.update.leavesThrow', 'controllers.learn.leavesRejection'])(
    'fails when nobody waits for it fails the run: %s',
    async (bad) => {
      const ended = await misbehave(place, bad);
      expect(ended).toMatchObject({ status: 1, stdout: '', error: { code: 'plugin-failed-later' } });
      expect(ended).toMatchObject({ isLocked: false, result: undefined });
      expect(ended.events.at(-1)).toBe('run.failed');
    },
  );

  it('leaves a timer is over when its work is, with all of its output', async () => {
    const ended = await misbehave(place, 'controllers.decide.leavesTimer');
    expect(ended).toMatchObject({ status: 0, stderr: '', isLocked: false });
    expect(JSON.parse(ended.stdout)).toEqual(ended.result);
  });

  it('does not return ends at the second signal, also where nothing else bounds it', async () => {
    const bad = 'optimizers.update.loops';
    const ended = await misbehave(place, bad, undefined, (kill, says) => {
      // Until it is gone: the first ones may come before anybody can hear them.
      const signals = setInterval(() => {
        if (existsSync(says) && !kill('SIGINT')) clearInterval(signals);
      }, 2000);
    });
    expect(ended).toMatchObject({ status: 130, stdout: '', result: undefined });
    expect(ended.stderr).toContain(
      'in the middle of update of the optimizer "bad" of the plug-in "misbehaving"',
    );
  });

  it.each([
    ['controllers.decide.exits', 'it ended the process with status 0'],
    ['rewards.measure.loopsLater', 'it gave no answer within 3 s'],
  ])('is at work in a trial of its own fails that trial: %s', async (bad, found) => {
    const args = [
      'compare',
      '--config',
      'config.json',
      '--controllers',
      'bad',
      '--seeds',
      '1',
      '--name',
      bad,
    ];
    const ended = await misbehave(place, bad, args);
    expect(ended.status).toBe(1);
    const { failed } = JSON.parse(ended.stdout) as { failed: { message: string }[] };
    expect(failed).toHaveLength(1);
    expect(failed[0]?.message).toContain(found);
    expect(failed[0]?.message).toContain('of the plug-in "misbehaving"');
  });
});

/** The plug-in that the configuration names. */
function pluginOf({ folder }: Place): string {
  const link = join(folder, 'mended.mjs');
  writeFileSync(
    link,
    `export { default } from ${JSON.stringify(new URL('./fixtures/misbehaving.mjs', import.meta.url).href)};\n`,
  );
  return link;
}
