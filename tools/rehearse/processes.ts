/** Child processes that never outlive the rehearsal: each leads a group of its own, which is killed as a whole. */
import { spawn } from 'node:child_process';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<Outcome>;

export class Processes {
  private readonly alive = new Set<number>();

  /** @param signal ends every process, those to come included */
  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.killAll());
    process.on('exit', () => this.killAll());
  }

  /** Runs a command to its end. @throws Error with the end of its output when it fails */
  readonly run: Run = async (command, args, { cwd, env }) => {
    this.signal.throwIfAborted();
    const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) this.alive.add(pid);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk));
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, killed) => {
        // What it started and left behind goes with it.
        if (pid !== undefined) this.kill(pid);
        if (status === 0) return resolve(output);
        if (this.signal.aborted) return reject(this.signal.reason as Error);
        const tail = `${output.stdout}\n${output.stderr}`.trim().split('\n').slice(-30).join('\n');
        const how = killed === null ? `ended with status ${status}` : `was ended by ${killed}`;
        return reject(new Error(`\`${command} ${args.join(' ')}\` ${how}:\n${tail}`));
      });
    });
  };

  private kill(pid: number): void {
    this.alive.delete(pid);
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  }

  private killAll(): void {
    for (const pid of this.alive) this.kill(pid);
  }
}
