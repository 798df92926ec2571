import type { InstanceState } from './instance.js';

/** What `/v1/host` tells. */
export interface HostView {
  readonly memory: {
    readonly budgetMib: number;
    readonly chargedMib: number;
    readonly reservedMib: number;
  };
  readonly accelerator: { readonly kind: 'kvm' | 'tcg'; readonly reason: string };
  /** How memory is claimed and released here. */
  readonly mechanism: {
    readonly name: 'virtio-mem' | 'balloon' | 'process';
    readonly reason: string;
  };
  /** How new instances begin here. */
  readonly start: { readonly name: 'clone' | 'restore' | 'boot'; readonly reason: string };
  /** Whether the host itself limits what a VM may take (`memory.max`), and why. */
  readonly memoryMax: { readonly isSet: boolean; readonly reason: string };
  readonly libvirt: { readonly uri: string; readonly version: string };
  readonly qemu: { readonly version: string };
  readonly image: { readonly digest: string; readonly kernel: string };
  readonly floorMib: number;
  readonly maxMemoryMib: number;
  /** The largest share of the processor that an invocation can have: 1000 for each vCPU. */
  readonly maxCpuMillis: number;
  readonly instances: Readonly<Record<InstanceState, number>>;
  readonly queued: number;
  readonly runtimes: readonly { readonly name: string }[];
}
