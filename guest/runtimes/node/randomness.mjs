/**
 * The random state that this process keeps: V8's, which cannot be seeded anew, and OpenSSL's. The
 * kernel's was renewed before the process went on.
 */
import { getRandomValues, randomInt, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

const { reseed } = createRequire(import.meta.url)('./reseed.node');

/** So many values Node.js draws ahead: of `randomUUID`, and of `randomInt`. */
const drawnUuids = 128;
const drawnInts = 1024;

const descriptor = Object.getOwnPropertyDescriptor(Math, 'random');
const state = new Uint32Array(4);
let isSeeded = false;

/**
 * Has `Math.random` take its numbers from a state that can be renewed: xoshiro128**. It is seeded
 * when the first is drawn.
 */
export function replaceMathRandom() {
  const random = () => {
    const high = next() >>> 5;
    const low = next() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  };
  Object.defineProperty(Math, 'random', { ...descriptor, value: random });
}

/** @param {{isUsed: boolean}} since whether code of a user has run, for which Node.js drew ahead */
export function renewRandomness({ isUsed }) {
  reseed();
  isSeeded = false;
  if (!isUsed) return;
  for (let drawn = 0; drawn < drawnUuids; drawn += 1) randomUUID();
  for (let drawn = 0; drawn < drawnInts; drawn += 1) randomInt(2);
}

/** Blackman and Vigna, 2018: https://prng.di.unimi.it/xoshiro128starstar.c */
function next() {
  if (!isSeeded) {
    getRandomValues(state);
    isSeeded = true;
  }
  const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9);
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate(state[3], 11);
  return result >>> 0;
}

function rotate(value, bits) {
  return (value << bits) | (value >>> (32 - bits));
}
