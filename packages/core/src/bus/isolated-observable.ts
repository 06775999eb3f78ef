/**
 * An Observable whose subscribers cannot hurt anybody: whatever throws in a subscriber, or in an operator
 * between it and the source, ends that one subscription and is reported. Plain RxJS 7 would rethrow it from a
 * timer and end the process.
 */
import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';

type Report<T> = (error: unknown, lastValue: T | undefined) => void;
type Listener<T> = Partial<Observer<T>> | ((value: T) => void) | null;

export function isolate<T>(source: Observable<T>, report: Report<T>): Observable<T> {
  // Each subscriber remembers what it was given last, so that a report can name it.
  let last: T | undefined;
  return new Isolated<T>(
    new Observable<T>((subscriber) =>
      source.subscribe({
        next: (value) => {
          last = value;
          subscriber.next(value);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    ),
    (error) => report(error, last),
  );
}

class Isolated<T> extends Observable<T> {
  constructor(
    private readonly inner: Observable<T>,
    private readonly report: (error: unknown) => void,
  ) {
    super((subscriber) => inner.subscribe(subscriber));
  }

  // RxJS 7 builds every piped Observable through lift, so pipelines stay isolated too.
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new Observable<R>();
    lifted.source = this.inner as Observable<unknown>;
    (lifted as { operator: unknown }).operator = operator;
    return new Isolated(lifted, this.report);
  }

  override subscribe(
    listener?: Listener<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const observer: Partial<Observer<T>> =
      typeof listener === 'function' || !listener
        ? {
            ...(listener && { next: listener }),
            ...(error && { error }),
            ...(complete && { complete }),
          }
        : listener;
    const guarded =
      <A extends unknown[]>(call: ((...args: A) => void) | undefined, otherwise?: (...args: A) => void) =>
      (...args: A): void => {
        if (!call) return otherwise?.(...args);
        try {
          call.apply(observer, args);
        } catch (thrown) {
          subscription.unsubscribe();
          this.report(thrown);
        }
      };
    const subscription: Subscription = super.subscribe({
      next: guarded(observer.next),
      error: guarded(observer.error, (thrown: unknown) => this.report(thrown)),
      complete: guarded(observer.complete),
    });
    return subscription;
  }
}
