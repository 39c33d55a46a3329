/** Lets one at a time work on something in memory, in the order they come. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(work);
    this.#last = turn.then(ignore, ignore);
    return turn;
  }
}

function ignore(): void {}
