/**
 * The host's account of memory. Charges are what instances have, reservations are what resizes and
 * boots under way may come to have; together they never exceed the budget.
 */

interface Account {
  chargedMib: number;
  reservedMib: number;
  /** Between `reserve` and `settle`: what the instance comes to have is not known yet. */
  isOpen: boolean;
}

export class Ledger {
  readonly budgetMib: number;
  readonly #accounts = new Map<string, Account>();
  #chargedMib = 0;
  #reservedMib = 0;

  constructor(budgetMib: number) {
    this.budgetMib = budgetMib;
  }

  get chargedMib(): number {
    return this.#chargedMib;
  }

  get reservedMib(): number {
    return this.#reservedMib;
  }

  get freeMib(): number {
    return this.budgetMib - this.#chargedMib - this.#reservedMib;
  }

  /** What the instance is charged; 0 for one that the ledger does not know. */
  chargeOf(instanceId: string): number {
    return this.#accounts.get(instanceId)?.chargedMib ?? 0;
  }

  /**
   * Sets memory aside before it is asked of a guest. False, and nothing changed, when the budget
   * does not allow it. An instance has at most one reservation.
   */
  reserve(instanceId: string, extraMib: number): boolean {
    const account = this.#accounts.get(instanceId) ?? {
      chargedMib: 0,
      reservedMib: 0,
      isOpen: false,
    };
    if (!isSize(extraMib) || account.reservedMib !== 0) {
      throw new Error(`The ledger cannot reserve ${extraMib} MiB for ${instanceId}.`);
    }
    if (extraMib > this.freeMib) return false;
    account.isOpen = true;
    account.reservedMib = extraMib;
    this.#reservedMib += extraMib;
    this.#accounts.set(instanceId, account);
    return true;
  }

  /**
   * Ends a reservation with what the instance has now. More than was charged and reserved together
   * would be memory that nobody admitted, so that is a fault of the caller. An instance that was
   * closed meanwhile stays so.
   */
  settle(instanceId: string, chargedMib: number): void {
    const account = this.#accounts.get(instanceId);
    if (account === undefined) return;
    if (!isSize(chargedMib) || chargedMib > account.chargedMib + account.reservedMib) {
      throw new Error(`The ledger never admitted ${chargedMib} MiB for ${instanceId}.`);
    }
    this.#reservedMib -= account.reservedMib;
    this.#chargedMib += chargedMib - account.chargedMib;
    account.isOpen = false;
    account.reservedMib = 0;
    account.chargedMib = chargedMib;
  }

  /**
   * Lowers the charge to what the host was seen to have given; never raises it. Not while a
   * reservation is open: what was admitted with it may just be coming.
   */
  credit(instanceId: string, chargedMib: number): void {
    const account = this.#accounts.get(instanceId);
    if (account === undefined || account.isOpen || chargedMib >= account.chargedMib) return;
    if (!isSize(chargedMib)) throw new Error(`${chargedMib} MiB is no charge.`);
    this.#chargedMib -= account.chargedMib - chargedMib;
    account.chargedMib = chargedMib;
  }

  /** Credits everything: the instance is gone and the host has its memory. */
  close(instanceId: string): void {
    const account = this.#accounts.get(instanceId);
    if (account === undefined) return;
    this.#accounts.delete(instanceId);
    this.#chargedMib -= account.chargedMib;
    this.#reservedMib -= account.reservedMib;
  }
}

/** Whole MiB, so that no sum drifts. */
function isSize(mib: number): boolean {
  return Number.isSafeInteger(mib) && mib >= 0;
}
