/** Which process this is, so that another one can tell whether it still runs, also when its number was given away again. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Differs between two processes of one number; `null` where the system does not tell. */
  readonly started: string | null;
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  const { pid } = process;
  return { pid, host: hostname(), started: (await startOf(pid))?.started ?? null };
}

/**
 * Whether that process still runs. In doubt, as for a process on another machine, it does.
 */
export async function isRunning({ pid, host, started }: ProcessIdentity): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = await startOf(pid);
  if (now === undefined) return true;
  return now.alive && (started === null || now.started === started);
}

/**
 * When a process started, in ticks since the boot with that id: both cannot repeat, and no clock that is set by
 * hand is in it. Only Linux tells.
 */
async function startOf(pid: number): Promise<{ started: string; alive: boolean } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // The second field is the command in brackets and may hold blanks; state is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A dead process whose parent has not asked for its status keeps its number.
    const alive = fields[0] !== 'Z' && fields[0] !== 'X';
    return { started: `${boot.trim()} ${fields[19]}`, alive };
  } catch {
    return undefined;
  }
}
