/**
 * How much memory a function needs, out of what its invocations used. Pure.
 *
 * The size that is recommended is an upper bound of the 99th percentile of the needs: of n samples,
 * the one that lies above it with a confidence of 95 %, or the largest, with the confidence that
 * there is, where n is too small for that. Samples are taken to be independent: whether j of n lie
 * above the percentile is then a matter of the binomial distribution alone, whatever the needs are
 * distributed like (the order-statistic bound; H. A. David, Order Statistics, section 2.5).
 */
import { limits } from '../model/limits.js';
import type { NeedBin, Needs, Sizing } from '../model/needs.js';

/** Of the peak, added to it. */
const headroom = 0.15;
/** One bin is so much wider than the one before: what is recommended is that exact. */
const growth = 1.05;
const leastBinMib = 16;
const share = 0.99;
const wantedConfidence = 0.95;
/** Fewer say nothing. */
const minSamples = 10;
/** With more, all counts are halved: what is long past weighs less and less. */
export const maxSamples = 4096;

const edgesMib = binEdges();

interface Use {
  readonly peakMib: number;
  readonly limitMib: number;
  readonly wasKilled: boolean;
}

/**
 * The size that would have been enough: the peak and headroom, though not more than what was
 * enough. (A peak counts caches, which fill whatever there is: with headroom beyond a size that
 * served, a function that reads files would be given more from time to time, without end.) One that
 * was killed for memory is taken to have needed twice its size.
 */
export function needOf({ peakMib, limitMib, wasKilled }: Use): number {
  return wasKilled ? limitMib * 2 : Math.min(peakMib * (1 + headroom), limitMib);
}

/** The needs with one more. */
export function withNeed(needs: Needs, needMib: number): Needs {
  const upToMib = edgesMib.find((edgeMib) => edgeMib >= needMib) ?? limits.maxMemoryMib;
  const kept = samplesOf(needs) < maxSamples ? needs : halved(needs);
  const known = kept.find((bin) => bin.upToMib === upToMib)?.count ?? 0;
  return [...kept.filter((bin) => bin.upToMib !== upToMib), { upToMib, count: known + 1 }].sort(
    (one, other) => one.upToMib - other.upToMib,
  );
}

/** @param maxMib The largest size that an instance can have */
export function sizingOf(needs: Needs, maxMib: number): Sizing {
  const samples = samplesOf(needs);
  const { above, confidence } = boundOf(samples);
  if (samples < minSamples) return { needs, samples, recommendedMib: null, confidence };
  const boundMib = largestBut(needs, above);
  const recommendedMib = Math.min(maxMib, Math.max(limits.minMemoryMib, boundMib));
  return { needs, samples, recommendedMib, confidence };
}

function samplesOf(needs: Needs): number {
  return needs.reduce((sum, { count }) => sum + count, 0);
}

function halved(needs: Needs): NeedBin[] {
  return needs
    .map(({ upToMib, count }) => ({ upToMib, count: Math.floor(count / 2) }))
    .filter(({ count }) => count > 0);
}

/** The largest of the needs when so many of the largest are left out. */
function largestBut(needs: Needs, leftOut: number): number {
  let above = 0;
  for (const { upToMib, count } of [...needs].reverse()) {
    above += count;
    if (above > leftOut) return upToMib;
  }
  return 0;
}

/**
 * How many of n samples may be left out so that the largest of the others is not below the
 * percentile, and how sure that is: 1 - P(at most `above` of n lie beyond the percentile).
 */
export function boundOf(samples: number): { above: number; confidence: number } {
  let above = 0;
  // The probability that exactly `above` samples lie beyond the percentile.
  let exactly = share ** samples;
  let confidence = 1 - exactly;
  while (above < samples) {
    exactly *= ((samples - above) / (above + 1)) * ((1 - share) / share);
    if (confidence - exactly < wantedConfidence) break;
    above += 1;
    confidence -= exactly;
  }
  return { above, confidence };
}

function binEdges(): readonly number[] {
  const edges: number[] = [];
  for (let mib = leastBinMib; mib < limits.maxMemoryMib; mib = Math.ceil(mib * growth)) {
    edges.push(mib);
  }
  return [...edges, limits.maxMemoryMib];
}
