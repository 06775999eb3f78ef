/** Whether the holder of a lock still runs, judged from where it may mean something else: every case by an answer of the system. */
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  stateOf,
  thisSystem,
  type ProcessIdentity,
  type ProcessState,
  type ProcessSystem,
} from '../../src/checkpoint/process-identity.js';

const HERE: ProcessIdentity = { pid: 7, host: 'box', started: 'boot-1 500', namespace: 'pid:[1]' };

/** @param processes by number, as `started state` */
function system(
  over: { identity?: Partial<ProcessIdentity>; processes?: Record<number, string>; ownDisk?: boolean } = {},
): ProcessSystem {
  const { identity = {}, processes = { 7: 'boot-1 500 S', 9: 'boot-1 100 S' }, ownDisk = false } = over;
  return {
    identity: () => Promise.resolve({ ...HERE, ...identity }),
    look: (pid) => {
      const [boot, ticks, state] = processes[pid]?.split(' ') ?? [];
      if (boot === 'hidden') return Promise.resolve(null);
      if (boot === undefined) return Promise.resolve('absent');
      return Promise.resolve({ started: `${boot} ${ticks}`, state: state ?? '' });
    },
    ownDisk: () => Promise.resolve(ownDisk),
  };
}

const NINE: ProcessIdentity = { ...HERE, pid: 9, started: 'boot-1 100' };
const MAC = { host: 'mac', started: null, namespace: null };

describe('the holder of a lock', () => {
  it.each<[string, ProcessState, ProcessIdentity, ProcessSystem]>([
    ['in this PID namespace, and there', 'running', NINE, system()],
    ['and not there', 'gone', { ...NINE, pid: 10 }, system()],
    ['and its number was given away again', 'gone', { ...NINE, started: 'boot-1 99' }, system()],
    ['stopped by SIGSTOP', 'stopped', NINE, system({ processes: { 9: 'boot-1 100 T' } })],
    ['held by a debugger', 'stopped', NINE, system({ processes: { 9: 'boot-1 100 t' } })],
    ['dead, and not yet waited for', 'gone', NINE, system({ processes: { 9: 'boot-1 100 Z' } })],
    ['of another user, and not shown', 'running', NINE, system({ processes: { 9: 'hidden' } })],
    // Two containers on one kernel, of equal host names or not: number 10 is nobody here, number 9 somebody else.
    ['in another PID namespace', 'unknown', { ...NINE, pid: 10, namespace: 'pid:[2]' }, system()],
    ['with a number that is somebody here', 'unknown', { ...NINE, namespace: 'pid:[2]' }, system()],
    ['seen from a container of another name', 'gone', { ...NINE, pid: 10, host: 'other' }, system()],
    ['whose namespace is not shown here', 'unknown', NINE, system({ identity: { namespace: null } })],
    // A machine of an equal host name, or this one before it was started again.
    ['of another boot, on a shared disk', 'unknown', { ...NINE, started: 'boot-0 100' }, system()],
    [
      'of another boot, on a disk of this machine',
      'gone',
      { ...NINE, started: 'boot-0 100' },
      system({ ownDisk: true }),
    ],
    ['of a system that says no boot', 'unknown', { ...NINE, started: null }, system({ ownDisk: true })],
    // Systems without namespaces and boots: macOS and Windows.
    [
      'on a Mac, and there',
      'running',
      { ...MAC, pid: 9 },
      system({ identity: MAC, processes: { 9: 'hidden' } }),
    ],
    ['on a Mac, and not there', 'gone', { ...MAC, pid: 9 }, system({ identity: MAC, processes: {} })],
    ['on another Mac', 'unknown', { ...MAC, host: 'else', pid: 9 }, system({ identity: MAC, processes: {} })],
    // Of versions that did not say among whom they count.
    ['of a former version, and not there', 'gone', { ...NINE, pid: 10, namespace: undefined }, system()],
    ['of a former version, and there', 'running', { ...NINE, namespace: undefined }, system()],
    [
      'of a former version, elsewhere',
      'unknown',
      { ...NINE, pid: 10, host: 'else', namespace: undefined },
      system({ ownDisk: true }),
    ],
  ])('%s: %s', async (_case, expected, owner, told) => {
    expect(await stateOf(owner, '/runs/one', told)).toBe(expected);
  });

  it('is told of this process by this system', async () => {
    const own = await thisSystem.identity();
    expect(own).toMatchObject({ pid: process.pid, host: hostname() });
    if (process.platform === 'linux') {
      expect(own.started).toMatch(/^[0-9a-f-]{36} \d+$/);
      expect(own.namespace).toMatch(/^pid:\[\d+\]$/);
    }
    expect(await stateOf(own, '.')).toBe('running');
  });
});
