import type { InstanceState } from './instance.js';

/** What `/v1/host` tells. */
export interface HostView {
  readonly memory: {
    readonly budgetMib: number;
    readonly chargedMib: number;
    readonly reservedMib: number;
  };
  readonly accelerator: { readonly kind: 'kvm' | 'tcg'; readonly reason: string };
  readonly libvirt: { readonly uri: string; readonly version: string };
  readonly qemu: { readonly version: string };
  readonly image: { readonly digest: string; readonly kernel: string };
  readonly floorMib: number;
  readonly maxMemoryMib: number;
  readonly instances: Readonly<Record<InstanceState, number>>;
  readonly queued: number;
  readonly runtimes: readonly { readonly name: string }[];
}
