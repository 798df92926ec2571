/** Something that waits until a test lets it go on, and tells when it has come that far. */
export class Gate {
  readonly #passed: Promise<void>;
  readonly #arrived: Promise<void>;
  #pass: () => void = () => {};
  #arrive: () => void = () => {};

  constructor() {
    this.#passed = new Promise((resolve) => {
      this.#pass = resolve;
    });
    this.#arrived = new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  /** Called by what is held. */
  wait(): Promise<void> {
    this.#arrive();
    return this.#passed;
  }

  /** Resolves once something waits. */
  arrival(): Promise<void> {
    return this.#arrived;
  }

  open(): void {
    this.#pass();
  }
}
