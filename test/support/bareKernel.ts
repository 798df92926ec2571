/**
 * A guest's kernel of a few instructions, which QEMU loads as it loads Linux: it writes to the
 * serial console, and never says a word to the host. It needs no image, and starts at once.
 */

const loadAddress = 0x10_0000;
const headerBytes = 32;
const multibootMagic = 0x1bad_b002;
/** The header tells where to load the file, which is no ELF. */
const hasAddresses = 0x1_0000;

/** Writes the zero-ended text at the address that stands in it to the first serial port. */
const write = [
  ...[0xbe, 0, 0, 0, 0], // mov esi, text
  ...[0x66, 0xba, 0xf8, 0x03], // mov dx, 0x3f8
  0xac, // next: lodsb
  ...[0x84, 0xc0], // test al, al
  ...[0x74, 0x03], // jz done
  0xee, // out dx, al
  ...[0xeb, 0xf8], // jmp next
];
const textOperand = 1;

const endings = {
  /** Sits there. */
  halt: [],
  /** As Linux does when it panics. */
  reset: [
    ...[0x66, 0xba, 0xf9, 0x0c], // mov dx, 0xcf9
    ...[0xb0, 0x06], // mov al, 6
    0xee, // out dx, al
  ],
};

const halt = [0xf4, 0xeb, 0xfd]; // hlt; jmp to it

export function bareKernel(text: string, ending: keyof typeof endings = 'halt'): Buffer {
  const header = Buffer.alloc(headerBytes);
  const entry = loadAddress + headerBytes;
  const checksum = -(multibootMagic + hasAddresses) >>> 0;
  const words = [multibootMagic, hasAddresses, checksum, loadAddress, loadAddress, 0, 0, entry];
  words.forEach((word, index) => {
    header.writeUInt32LE(word, index * 4);
  });
  const code = Buffer.from([...write, ...endings[ending], ...halt]);
  code.writeUInt32LE(entry + code.length, textOperand);
  return Buffer.concat([header, code, Buffer.from(`${text}\0`)]);
}
