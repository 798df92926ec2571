/** Makes no snapshots: a test says when and how each request ends. */
import type { FunctionRecord } from '../../src/model/function.js';
import type { SnapshotService } from '../../src/model/service.js';

export class FakeSnapshots implements SnapshotService {
  readonly requested: FunctionRecord[] = [];
  /** What a request comes to; a test replaces it. */
  answer: (fn: FunctionRecord) => Promise<void> = async () => {};

  async request(fn: FunctionRecord): Promise<void> {
    this.requested.push(fn);
    await this.answer(fn);
  }
}
