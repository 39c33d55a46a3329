import {
  createNoopMeter,
  type Attributes,
  type BatchObservableCallback,
  type Counter,
  type Histogram,
  type Meter,
  type Observable,
} from "@opentelemetry/api";

type Recorded = readonly [value: number, attributes: Attributes];

/** A meter that remembers what it was told, in place of an SDK. */
export class RecordingMeter implements Meter {
  readonly #noop = createNoopMeter();
  readonly #recorded = new Map<string, Recorded[]>();
  readonly #observables = new Map<Observable, string>();
  readonly #callbacks = new Set<BatchObservableCallback>();

  of(name: string): readonly Recorded[] {
    return this.#recorded.get(name) ?? [];
  }

  all(): unknown {
    return [...this.#recorded];
  }

  /** What the observed instruments say now. */
  async read(): Promise<Record<string, Recorded[]>> {
    const found: Record<string, Recorded[]> = {};
    const observe = (instrument: Observable, value: number, attributes: Attributes = {}): void => {
      (found[this.#observables.get(instrument) ?? ""] ??= []).push([value, attributes]);
    };
    for (const callback of this.#callbacks) await callback({ observe });
    return found;
  }

  createHistogram = (name: string): Histogram => ({
    record: (value, attributes = {}) => this.#add(name, value, attributes),
  });
  createCounter = (name: string): Counter => ({
    add: (value, attributes = {}) => this.#add(name, value, attributes),
  });
  createUpDownCounter: Meter["createUpDownCounter"] = (name) => this.#noop.createUpDownCounter(name);
  createGauge: Meter["createGauge"] = (name) => this.#noop.createGauge(name);
  createObservableCounter: Meter["createObservableCounter"] = (name) =>
    this.#noop.createObservableCounter(name);
  createObservableGauge: Meter["createObservableGauge"] = (name) => this.#observed(name);
  createObservableUpDownCounter: Meter["createObservableUpDownCounter"] = (name) => this.#observed(name);
  addBatchObservableCallback: Meter["addBatchObservableCallback"] = (callback) =>
    void this.#callbacks.add(callback);
  removeBatchObservableCallback: Meter["removeBatchObservableCallback"] = (callback) =>
    void this.#callbacks.delete(callback);

  #add(name: string, value: number, attributes: Attributes): void {
    const values = this.#recorded.get(name) ?? [];
    this.#recorded.set(name, [...values, [value, attributes]]);
  }

  #observed(name: string): Observable {
    const observable: Observable = { addCallback: () => {}, removeCallback: () => {} };
    this.#observables.set(observable, name);
    return observable;
  }
}
