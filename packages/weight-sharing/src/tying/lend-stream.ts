/** A random stream for one call, which can be taken back: a controller that answers late must not shift the run. */
import { ContractError, type RandomStream } from '@ligature/core';

export interface Loan {
  readonly stream: RandomStream;
  /** From now on the borrower draws nothing. */
  end(): void;
  /** Ends the loan and undoes everything that was drawn. */
  undo(): void;
}

export function lendStream(own: RandomStream): Loan {
  const before = own.snapshot();
  let lent = true;
  const checked = (): RandomStream => {
    if (lent) return own;
    throw new ContractError('random-loan-ended', {
      asked: `Draw from the random stream "${own.name}"`,
      found: 'the decision that it was lent for is over',
      todo: 'Draw in `decide`, before it returns, from its second argument; at other times from a stream of your own',
    });
  };
  const end = (): void => {
    lent = false;
  };
  return {
    end,
    undo() {
      end();
      own.restore(before);
    },
    // Frozen, because a controller could put its own functions in place of these.
    stream: Object.freeze({
      name: own.name,
      uniform: () => checked().uniform(),
      integer: (low, high) => checked().integer(low, high),
      normal: (...parameters) => checked().normal(...parameters),
      shuffle: (items) => checked().shuffle(items),
      snapshot: () => checked().snapshot(),
      restore: (state) => checked().restore(state),
    } satisfies RandomStream),
  };
}
