/**
 * One GET of the Hub: redirects by hand, so that the token goes nowhere else; what is busy or broken for a moment is asked
 * again; a server that says nothing is given up.
 */
import { backOff, MOST_WAIT_MS, retryAfter, type Clock } from './clock.js';
import { hubError, stopped } from './errors.js';
import { refused, type About } from './refused.js';
import type { HubSettings } from './settings.js';

export interface RequestSurroundings {
  readonly settings: HubSettings;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
  /** Told before each wait. */
  readonly waiting?: ((message: string) => void) | undefined;
}

/** Milliseconds without a byte after which a server is given up. */
export const STALL_MS = 60_000;
/** Times that the same is asked again. */
export const RETRIES = 5;
const REDIRECTS = 10;
const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * @returns an answer that is well, or one of `also`; its body is not read yet
 * @throws InputError (`hub-unreachable`, `hub-busy`, `hub-redirect`, `stopped`; those of `refused`)
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  about: About,
  around: RequestSurroundings,
  also: readonly number[] = [],
): Promise<Response> {
  const { clock, signal } = around;
  for (let failures = 1; ; failures += 1) {
    if (signal?.aborted) throw stopped(about.asked);
    const found = await attempt(url, headers, about, around);
    if (found instanceof Response && !BUSY.has(found.status)) {
      if (found.ok || also.includes(found.status)) return found;
      return refused(found, about);
    }
    const asked =
      found instanceof Response ? retryAfter(found.headers.get('retry-after'), clock.now()) : undefined;
    const wait = asked ?? backOff(failures);
    const why =
      found instanceof Response
        ? `the server answers ${found.status}`
        : `no answer came (${reasonOf(found)})`;
    if (found instanceof Response) await found.body?.cancel().catch(() => undefined);
    if (failures > RETRIES || wait > MOST_WAIT_MS) {
      const when = wait > MOST_WAIT_MS ? ` and asks to wait for ${Math.ceil(wait / 60_000)} minutes` : '';
      hubError(
        found instanceof Response ? 'hub-busy' : 'hub-unreachable',
        about.asked,
        `${why}${when}, after ${failures} attempt${failures > 1 ? 's' : ''}`,
        found instanceof Response
          ? 'Try again later; with HF_TOKEN set, the Hub allows more'
          : 'Check the network and HF_ENDPOINT; with HF_HUB_OFFLINE=1 only the cache is read',
        found instanceof Response ? undefined : found,
      );
    }
    around.waiting?.(`${about.asked}: ${why}; asking again in ${Math.ceil(wait / 1000)} s`);
    await clock.sleep(wait, signal).catch((error: unknown) => {
      if (signal?.aborted) throw stopped(about.asked);
      throw error;
    });
  }
}

/** An answer, or why there is none. */
async function attempt(
  url: string,
  headers: Readonly<Record<string, string>>,
  about: About,
  { settings, clock, fetch, signal }: RequestSurroundings,
): Promise<Response | Error> {
  let place = new URL(url);
  for (let step = 0; step <= REDIRECTS; step += 1) {
    const silence = new AbortController();
    const callOff = clock.alarm(STALL_MS, () => silence.abort(new Error('the server says nothing')));
    const authorization = settings.authorization(place);
    let response: Response;
    try {
      response = await fetch(place.href, {
        redirect: 'manual',
        headers: { ...headers, 'accept-encoding': 'identity', ...(authorization && { authorization }) },
        signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
      });
    } catch (error) {
      if (signal?.aborted) throw stopped(about.asked);
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      callOff();
    }
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel().catch(() => undefined);
    place = nextPlace(location, place, about);
  }
  return hubError('hub-redirect', about.asked, 'the server redirects without end', 'Check HF_ENDPOINT');
}

/** Addresses of files are signed: messages name no more of them than the server. */
function nextPlace(location: string, from: URL, about: About): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const safe =
    next && (next.protocol === 'https:' || (next.protocol === 'http:' && from.protocol === 'http:'));
  if (safe && next.username === '' && next.password === '') return next;
  const where = next ? `to ${next.protocol}//${next.host}` : 'to no address';
  return hubError(
    'hub-redirect',
    about.asked,
    `${from.host} redirects ${where}, which is not as safe as itself`,
    'Check HF_ENDPOINT, and who answers in its place',
  );
}

function reasonOf(error: Error): string {
  const { cause } = error as { cause?: unknown };
  const inner = cause instanceof Error ? cause : undefined;
  return (inner as NodeJS.ErrnoException | undefined)?.code ?? inner?.message ?? error.message;
}

/** Bytes of an answer of JSON, at most. */
const MOST_JSON = 64 * 2 ** 20;

/** `fetch` for the library of the Hub, which asks for JSON alone: the whole answer, bounded. */
export function jsonFetch(about: About, around: RequestSurroundings): typeof fetch {
  let pages = 0;
  return async (input, init) => {
    pages += 1;
    if (pages > 1000)
      hubError('hub-answer-invalid', about.asked, 'its listing has no end', 'Ask its authors');
    const url = atEndpoint(input instanceof Request ? input.url : String(input), about, around.settings);
    const accept = new Headers(init?.headers).get('accept') ?? 'application/json';
    const response = await request(url, { accept }, about, around);
    const text = await readBounded(response, about, around);
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    headers.delete('content-encoding');
    try {
      JSON.parse(text);
    } catch (error) {
      return hubError('hub-answer-invalid', about.asked, 'the answer is no JSON', 'Check HF_ENDPOINT', error);
    }
    return new Response(text, { status: response.status, headers });
  };
}

/** The next page of a listing is where the server says, and a mirror may repeat what the Hub says: the path counts. */
function atEndpoint(url: string, about: About, { endpoint }: HubSettings): string {
  if (!URL.canParse(url)) {
    return hubError(
      'hub-answer-invalid',
      about.asked,
      'its listing goes on at no address',
      'Check HF_ENDPOINT',
    );
  }
  const { pathname, search } = new URL(url);
  return `${new URL(endpoint).origin}${pathname}${search}`;
}

async function readBounded(response: Response, about: About, around: RequestSurroundings): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(response, around)) {
    size += chunk.length;
    if (size > MOST_JSON) {
      hubError(
        'hub-answer-invalid',
        about.asked,
        `the answer has more than ${MOST_JSON} bytes`,
        'Ask its authors',
      );
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The body as it comes. @throws when it breaks off, when nothing comes for too long, or when the work is stopped */
export async function* chunksOf(
  response: Response,
  { clock, signal }: Pick<RequestSurroundings, 'clock' | 'signal'>,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      let callOff = (): void => undefined;
      let unlisten = (): void => undefined;
      const ended = new Promise<never>((_, reject) => {
        callOff = clock.alarm(STALL_MS, () => reject(new Error('the server says nothing')));
        const stop = (): void => reject(new Error('it was stopped'));
        if (signal?.aborted) stop();
        signal?.addEventListener('abort', stop, { once: true });
        unlisten = () => signal?.removeEventListener('abort', stop);
      });
      // Where the chunk comes first, nobody waits for it any more.
      ended.catch(() => undefined);
      const { done, value } = await Promise.race([reader.read(), ended]).finally(() => {
        callOff();
        unlisten();
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
