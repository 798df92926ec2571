import type { CallOptions } from './call.js';

/** Which state a change is made to. With neither, the current one, whichever that is. */
export interface ImpactOptions extends CallOptions {
  /** The running domain. */
  readonly live?: boolean | undefined;
  /** The definition that its next start uses. */
  readonly config?: boolean | undefined;
}

/** Which XML of a domain. */
export interface XmlOptions extends CallOptions {
  /** The definition that the next start uses, not the running domain. */
  readonly inactive?: boolean | undefined;
  /** With passwords; needs a connection that may write. */
  readonly secure?: boolean | undefined;
  /** The CPU as this host's, not as it was written. */
  readonly updateCpu?: boolean | undefined;
  /** In a form that older releases of libvirt read. */
  readonly migratable?: boolean | undefined;
}

/** How to start a domain. */
export interface StartOptions extends CallOptions {
  readonly paused?: boolean | undefined;
  /** Destroy the domain when the connection closes. */
  readonly autoDestroy?: boolean | undefined;
  /** Do not leave a restored image in the host's page cache. */
  readonly bypassCache?: boolean | undefined;
  /** Drop a managed save instead of restoring it. */
  readonly forceBoot?: boolean | undefined;
  /** Start with the firmware's variables as they came. */
  readonly resetNvram?: boolean | undefined;
  /** Open files that a container's init inherits. They are copied: close yours when you like. */
  readonly files?: readonly number[] | undefined;
}

/** How to ask the guest; with none, the hypervisor chooses. */
export interface ShutdownOptions extends CallOptions {
  /** By the power button. */
  readonly acpi?: boolean | undefined;
  /** Through QEMU's guest agent. */
  readonly guestAgent?: boolean | undefined;
  readonly initctl?: boolean | undefined;
  readonly signalInit?: boolean | undefined;
  readonly paravirt?: boolean | undefined;
}

/** How to switch a domain off. */
export interface DestroyOptions extends CallOptions {
  /** SIGTERM only; fails rather than kill. */
  readonly graceful?: boolean | undefined;
  /** Remove the log of its hypervisor process too. */
  readonly removeLogs?: boolean | undefined;
  /** Do not wait for the earlier calls of this domain: the way out when one of them hangs. */
  readonly overtake?: boolean | undefined;
}

/** What to remove with a definition; libvirt refuses while a part that is not named exists. */
export interface UndefineOptions extends CallOptions {
  readonly managedSave?: boolean | undefined;
  readonly snapshotsMetadata?: boolean | undefined;
  readonly nvram?: boolean | undefined;
  /** Leave the file where it is. */
  readonly keepNvram?: boolean | undefined;
  readonly checkpointsMetadata?: boolean | undefined;
}

/** Which memory size to set, and where. */
export interface SetMemoryOptions extends ImpactOptions {
  /** Set the maximum instead of the current size. */
  readonly maximum?: boolean | undefined;
}

/** Where to change a device. */
export interface UpdateDeviceOptions extends ImpactOptions {
  /** Even against the guest's will, for example open a locked tray. */
  readonly force?: boolean | undefined;
}

/** What goes with a monitor command. */
export interface QmpOptions extends CallOptions {
  /** Open files that go with the command (`getfd`). They are copied: close yours when you like. */
  readonly files?: readonly number[] | undefined;
}

/** How keys are pressed. */
export interface SendKeyOptions extends CallOptions {
  /** How the keys are numbered (`linux`). */
  readonly codeset?: KeyCodeset | undefined;
  /** How long they are held, all at once (0). */
  readonly holdMs?: number | undefined;
}

/** `virKeycodeSet` by name. */
export type KeyCodeset = (typeof keyCodesets)[number];

export const keyCodesets = [
  'linux',
  'xt',
  'atset1',
  'atset2',
  'atset3',
  'osx',
  'xt-kbd',
  'usb',
  'win32',
  'qnum',
] as const;

/** Which names and texts a domain can carry. */
export type MetadataKind = (typeof metadataKinds)[number];

/** `virDomainMetadataType` */
export const metadataKinds = ['description', 'title', 'element'] as const;

/** What metadata is meant, and where. */
export interface MetadataOptions extends ImpactOptions {
  /** The namespace of an element. */
  readonly uri?: string | undefined;
  /** The prefix of the namespace, when an element is set. */
  readonly key?: string | undefined;
}

/** `virDomainLifecycle` */
export const lifecycleEvents = ['poweroff', 'reboot', 'crash'] as const;

/** `virDomainLifecycleAction` */
export const lifecycleActions = [
  'destroy',
  'restart',
  'restart-rename',
  'preserve',
  'coredump-destroy',
  'coredump-restart',
] as const;

/** `virNodeSuspendTarget` */
export const sleepTargets = ['mem', 'disk', 'hybrid'] as const;

/** `virDomainMessageType`, by bit */
export const messageBits = { deprecation: 1, tainting: 2 } as const;

/** Which of a domain's messages; with neither, all. */
export interface MessageOptions extends CallOptions {
  readonly deprecation?: boolean | undefined;
  readonly tainting?: boolean | undefined;
}
