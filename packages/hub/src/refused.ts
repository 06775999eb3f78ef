/** What an answer that is no answer means for a person. */
import { hubError } from './errors.js';

/** What was asked for, for messages. */
export interface About {
  /** `Read the dataset hf:owner/name` */
  readonly asked: string;
  /** `the dataset "owner/name"` */
  readonly what: string;
  readonly revision?: string;
  readonly path?: string;
}

/** @throws InputError (`hub-gated`, `hub-denied`, `hub-missing`, `hub-revision-unknown`, `hub-file-missing`, `hub-answer-unexpected`) */
export async function refused(response: Response, { asked, what, revision, path }: About): Promise<never> {
  await response.body?.cancel().catch(() => undefined);
  const said = response.headers.get('x-error-code') ?? '';
  const { status } = response;
  if (status === 401 || status === 403) {
    // To a stranger the Hub does not say whether what he may not see is there.
    const gated = said === 'GatedRepo';
    const found = gated
      ? `${what} is gated: its authors ask who reads it (${status})`
      : `the Hub does not show ${what} (${status}): it is private, gated, or not there`;
    const todo = gated
      ? 'Accept its conditions on its page, and set HF_TOKEN in the environment to a token of your account'
      : 'Check the name; for what is private or gated, set HF_TOKEN in the environment to a token that may read it';
    return hubError(gated ? 'hub-gated' : 'hub-denied', asked, found, todo);
  }
  if (status === 404 && said === 'RevisionNotFound') {
    return hubError(
      'hub-revision-unknown',
      asked,
      `${what} has no revision "${revision ?? ''}"`,
      'Give a branch, a tag or a whole commit behind @, or leave it out for "main"',
    );
  }
  if (status === 404 && path !== undefined) {
    return hubError('hub-file-missing', asked, `there is no file "${path}"`, 'Choose another revision');
  }
  if (status === 404) {
    return hubError(
      'hub-missing',
      asked,
      `there is no ${what.replace(/^the /, '')} on the Hub`,
      'Check the spelling: the page of a repository has its name at the top, with a button that copies it',
    );
  }
  return hubError(
    'hub-answer-unexpected',
    asked,
    `the server answers ${status}`,
    'Check HF_ENDPOINT, or try again later',
  );
}
