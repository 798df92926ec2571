/** The host's account of memory, as far as the pool charges it by itself: the ledger has it. */
export interface Accounts {
  /** False, and nothing changed, when the budget does not allow it. */
  reserve(id: string, mib: number): boolean;
  /** Ends the reservation with what is taken. */
  settle(id: string, mib: number): void;
  /** Credits everything. */
  close(id: string): void;
}

/** Accounts that come to be later than whoever charges them: until then, nothing is charged. */
export class LateAccounts implements Accounts {
  #accounts: Accounts | null = null;

  behind(accounts: Accounts): void {
    this.#accounts = accounts;
  }

  reserve(id: string, mib: number): boolean {
    return this.#accounts?.reserve(id, mib) ?? false;
  }

  settle(id: string, mib: number): void {
    this.#accounts?.settle(id, mib);
  }

  close(id: string): void {
    this.#accounts?.close(id);
  }
}
