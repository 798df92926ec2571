import { BallastError } from '../../src/model/errors.js';
import type { TemplateService } from '../../src/model/service.js';
import type { TemplateView } from '../../src/model/template.js';

/** Templates without VMs: each is there as soon as it is asked for, but of what is to fail. */
export class FakeTemplates implements TemplateService {
  failing = '';
  readonly #views = new Map<string, TemplateView>();

  templates(): readonly TemplateView[] {
    return [...this.#views.values()];
  }

  async buildTemplate(runtime: string): Promise<void> {
    if (runtime === this.failing) {
      const message = `The template of ${runtime} could not be made: the guest panicked`;
      throw new BallastError('TEMPLATE_FAILED', message);
    }
    const known = {
      stage: null,
      error: null,
      key: '0'.repeat(32),
      memoryMib: 121,
      buildMs: 5000,
      readyShells: 1,
    };
    this.#views.set(runtime, { of: runtime, kind: 'runtime', state: 'ready', ...known });
  }
}
