/** The user's own browser, as each system names the program that opens an address. */
import { spawn } from 'node:child_process';
import { platform } from 'node:os';

function opener(address: string): [command: string, args: string[]] {
  switch (platform()) {
    case 'darwin':
      return ['open', [address]];
    case 'win32':
      return ['rundll32', ['url.dll,FileProtocolHandler', address]];
    default:
      return ['xdg-open', [address]];
  }
}

/** @returns whether the program could be started; what it does afterwards is its own affair */
export function openInBrowser(address: string): Promise<boolean> {
  const [command, args] = opener(address);
  return new Promise((done) => {
    const child = spawn(command, args, { detached: true, stdio: 'ignore' });
    child.once('error', () => done(false));
    child.once('spawn', () => {
      child.unref();
      done(true);
    });
  });
}
