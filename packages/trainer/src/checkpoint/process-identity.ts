/**
 * Which process this is, so that another one can tell whether it still runs: also when its number was given away again, and
 * when the other is in another container, where numbers mean other processes. Containers on one volume may share a host
 * name, and so may machines; a kernel that was started has an id that never repeats.
 */
import { readFile, readlink, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Id of the boot and ticks since then: differs between two processes of one number; `null` where the system does not tell. */
  readonly started: string | null;
  /**
   * Among which processes `pid` is a number, as `pid:[4026531836]`; `null` where there is but one such space. Identities of
   * before this was asked for lack it.
   */
  readonly namespace?: string | null | undefined;
}

/** `stopped`: it is held by SIGSTOP or a debugger, and may go on at any time. `unknown`: it cannot be told from here. */
export type ProcessState = 'running' | 'stopped' | 'gone' | 'unknown';

/** What is asked of the system about processes; tests answer in its place. */
export interface ProcessSystem {
  identity(): Promise<ProcessIdentity>;
  /** Whether a process of this number is among those that this one sees; `null`: one may be, it is not shown. */
  look(pid: number): Promise<{ readonly started: string; readonly state: string } | 'absent' | null>;
  /** Whether the folder is on a disk that only one kernel can have mounted at a time. */
  ownDisk(folder: string): Promise<boolean>;
}

/**
 * Whether that process still runs. There is no sign of life to wait for: one that was stopped gives none, and goes on
 * writing when it is continued.
 *
 * @param folder that it holds
 */
export async function stateOf(
  owner: ProcessIdentity,
  folder: string,
  system: ProcessSystem = thisSystem,
): Promise<ProcessState> {
  const here = await system.identity();
  const boots = [bootOf(owner), bootOf(here)] as const;
  // Who wrote it did not say among whom it counts, and went by host and number.
  if (owner.namespace === undefined) return owner.host === here.host ? seen(owner, system) : 'unknown';
  if (boots[0] !== boots[1]) {
    // Before this machine was started, or on another one: a disk of its own cannot be written by that kernel any more.
    return boots[0] !== undefined && (await system.ownDisk(folder)) ? 'gone' : 'unknown';
  }
  if (boots[0] === undefined && owner.host !== here.host) return 'unknown';
  return owner.namespace === here.namespace ? seen(owner, system) : 'unknown';
}

/** One whose number means the same here. */
async function seen({ pid, started }: ProcessIdentity, system: ProcessSystem): Promise<ProcessState> {
  const found = await system.look(pid);
  if (found === 'absent') return 'gone';
  if (found === null) return 'running';
  // A dead process whose parent has not asked for its status keeps its number.
  if (/^[ZX]/i.test(found.state) || (started !== null && found.started !== started)) return 'gone';
  return /^T/i.test(found.state) ? 'stopped' : 'running';
}

const bootOf = ({ started }: ProcessIdentity): string | undefined => started?.split(' ')[0];

export const thisSystem: ProcessSystem = {
  async identity() {
    // Not by number: where /proc shows another PID namespace, that would be somebody else.
    const own = await statOf('self');
    const namespace = await readlink('/proc/self/ns/pid').catch(() => null);
    return { pid: process.pid, host: hostname(), started: own?.started ?? null, namespace };
  },
  async look(pid) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      // EPERM: it is there and belongs to somebody else.
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'absent';
    }
    const shown = await readlink('/proc/self').catch(() => undefined);
    return shown === String(process.pid) ? ((await statOf(String(pid))) ?? null) : null;
  },
  ownDisk: async (folder) => {
    const found = await statfs(folder).catch(() => undefined);
    return found !== undefined && OWN_DISKS.has(found.type);
  },
};

/**
 * When a process started, in ticks since the boot with that id: both cannot repeat, and no clock that is set by
 * hand is in it. Only Linux tells.
 */
async function statOf(process: string): Promise<{ started: string; state: string } | undefined> {
  try {
    const stat = await readFile(`/proc/${process}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // The second field is the command in brackets and may hold blanks; state is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { started: `${boot.trim()} ${fields[19]}`, state: fields[0] ?? '' };
  } catch {
    return undefined;
  }
}

/** By the numbers of Linux (statfs(2)): file systems that two kernels never write at once. All others may be shared. */
const OWN_DISKS = new Set([
  0xef53, // ext2 to ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x794c7630, // overlay, the disk of a container
]);
