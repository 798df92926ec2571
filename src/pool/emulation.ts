/** How QEMU emulates the processors of an instance where there is no KVM. */
export const emulation = {
  /**
   * What QEMU keeps of translated code. A start of Node.js fills 91 MiB, and where there is no room
   * for the next function's all of it is thrown away.
   */
  translationsMib: 128,
  /**
   * A processor that says it is fast at `rep movsb` has its kernel and its C library clear and copy
   * byte by byte: to use memory for the first time takes almost twice as long then.
   */
  slowFeature: 'erms',
} as const;
