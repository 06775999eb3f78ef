/**
 * Time inside ONNX Runtime, measured from outside: the sessions that its binding makes are wrapped before the backend
 * starts. What is left of a step is JavaScript: dispatch, recording, replay, preparing feeds.
 */
import { loadBinding } from '@ligature/backend-onnxruntime';

type Binding = ReturnType<typeof loadBinding>;
type NativeSession = ReturnType<Binding['createSession']>;

export class NativeClock {
  milliseconds = 0;
  runs = 0;
  /** Runs so far, by the profile prefix of the session. */
  readonly runsOf = new Map<string, number>();

  /** Watches all sessions of this process that are made from now on. @throws OnnxRuntimeError (`binary-missing`) */
  static attach(): NativeClock {
    const clock = new NativeClock();
    const binding = loadBinding() as { createSession: Binding['createSession'] };
    const create = binding.createSession.bind(binding);
    binding.createSession = () => clock.#watch(create());
    return clock;
  }

  #watch(session: NativeSession): NativeSession {
    let profile = '';
    return {
      loadModel: (buffer, offset, length, options) => {
        profile = (options as { profileFilePrefix?: string }).profileFilePrefix ?? '';
        session.loadModel(buffer, offset, length, options);
      },
      run: (feeds, fetches, options) => {
        const start = performance.now();
        try {
          return session.run(feeds, fetches, options);
        } finally {
          // Also where the backend makes a run end by an error once its outputs are written.
          this.milliseconds += performance.now() - start;
          this.runs += 1;
          this.runsOf.set(profile, (this.runsOf.get(profile) ?? 0) + 1);
        }
      },
      endProfiling: () => session.endProfiling(),
      dispose: () => session.dispose(),
    };
  }
}

/** A clock where the backend is ONNX Runtime, `null` elsewhere and where its binary is missing. */
export function clockOf(backend: string): NativeClock | null {
  if (!backend.startsWith('onnxruntime')) return null;
  try {
    return NativeClock.attach();
  } catch {
    return null; // starting the backend will say why
  }
}
