/**
 * An Observable whose subscribers cannot hurt anybody: whatever throws in a subscriber, or in an operator
 * between it and the source, ends that one subscription and is reported. Plain RxJS 7 would rethrow it from a
 * timer and end the process.
 *
 * Only what RxJS documents is used: an operator that throws sends an error notification, so it is enough to wrap the
 * observer at the end, and to wrap again what `pipe` gives.
 */
import { Observable, Subscriber, type Observer, type OperatorFunction, type Subscription } from 'rxjs';

type Report<T> = (error: unknown, lastValue: T | undefined) => void;
type Listener<T> = Partial<Observer<T>> | ((value: T) => void) | null;

export function isolate<T>(source: Observable<T>, report: Report<T>): Observable<T> {
  // What was given last, so that a report can name it.
  let last: T | undefined;
  const remembered = new Observable<T>((subscriber) =>
    source.subscribe({
      next: (value) => {
        last = value;
        subscriber.next(value);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  );
  return new Isolated<T>(remembered, (error) => report(error, last));
}

class Isolated<T> extends Observable<T> {
  readonly #report: (error: unknown) => void;

  constructor(inner: Observable<T>, report: (error: unknown) => void) {
    super((subscriber) => inner.subscribe(subscriber));
    this.#report = report;
  }

  // The overloads of RxJS differ in types alone, and one that serves them all can only be of `any`.
  /* eslint-disable @typescript-eslint/no-explicit-any */
  override pipe(...operators: OperatorFunction<any, any>[]): any {
    const piped = operators.reduce<Observable<any>>((source, operator) => operator(source), this);
    return piped === this ? this : new Isolated(piped, this.#report);
  }
  /* eslint-enable @typescript-eslint/no-explicit-any */

  override subscribe(
    listener?: Listener<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator or `firstValueFrom` listens on behalf of somebody further down, and passes errors on itself.
    if (listener instanceof Subscriber) return super.subscribe(listener);
    const observer: Partial<Observer<T>> =
      typeof listener === 'function' || !listener
        ? {
            ...(listener && { next: listener }),
            ...(error && { error }),
            ...(complete && { complete }),
          }
        : listener;
    let failed = false;
    const subscriptions: Subscription[] = [];
    const leave = (): void => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
    const guarded =
      <A extends unknown[]>(call: ((...args: A) => void) | undefined, otherwise?: (...args: A) => void) =>
      (...args: A): void => {
        if (failed) return;
        if (!call) return otherwise?.(...args);
        try {
          call.apply(observer, args);
        } catch (thrown) {
          failed = true;
          leave();
          this.#report(thrown);
        }
      };
    const subscription = super.subscribe({
      next: guarded(observer.next),
      error: guarded(observer.error, (thrown: unknown) => this.#report(thrown)),
      complete: guarded(observer.complete),
    });
    subscriptions.push(subscription);
    // It may have failed while it was being subscribed, at a value that was there already.
    if (failed) leave();
    return subscription;
  }
}
