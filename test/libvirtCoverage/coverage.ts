/** Compares what libvirt has with what the addon calls, and writes the page about it. */
import type { Called } from './addon.js';
import type { Group } from './headers.js';
import type { Reason } from './unwrapped.js';

/** What is compared. */
export interface Survey {
  readonly groups: readonly Group[];
  readonly called: Called;
  readonly reasons: Readonly<Record<string, Reason>>;
}

const isKnown = ({ called, reasons }: Survey, name: string): boolean =>
  called.linked.has(name) || Object.hasOwn(reasons, name);

/**
 * The functions that are neither called nor explained. With headers newer than libvirt 9.0 these
 * can be functions that it lacks.
 */
export const unexplained = (survey: Survey): string[] =>
  survey.groups
    .flatMap(({ functions }) => functions)
    .filter((name) => !survey.called.newer.has(name) && !isKnown(survey, name));

/** What is wrong with the explanations, as sentences. */
export function staleReasons({ groups, called, reasons }: Survey): string[] {
  const declared = new Set(groups.flatMap(({ functions }) => functions));
  return Object.entries(reasons).flatMap(([name, reason]) => {
    if (!declared.has(name)) return [`${name} is explained, but no header declares it`];
    if (called.linked.has(name)) return [`${name} is explained, but the addon calls it`];
    if (typeof reason === 'string' || called.linked.has(reason.by)) return [];
    return [`${name} is said to be superseded by ${reason.by}, which the addon does not call`];
  });
}

/** What libvirt does not log: it is part of every other call, or frees what another one gave. */
const unlogged: ReadonlySet<string> = new Set([
  'virDomainFSInfoFree',
  'virDomainIOThreadInfoFree',
  'virDomainInterfaceFree',
  'virDomainStatsRecordListFree',
  'virEventRegisterDefaultImpl',
  'virEventRunDefaultImpl',
  'virInitialize',
]);

/** The functions that the addon calls of which libvirt's debug log of a run does not tell. */
export function untested({ groups, called }: Survey, log: string): string[] {
  const seen = new Set([...log.matchAll(/ debug : (vir\w+):\d/g)].map(([, name]) => name));
  return groups
    .flatMap(({ functions }) => functions)
    .filter((name) => called.linked.has(name) && !unlogged.has(name) && !seen.has(name));
}

/** The functions of libvirt 9.0 alone, so that the page is the same with every later header. */
const oldFunctions = (survey: Survey): Group[] =>
  survey.groups.map(({ header, functions }) => ({
    header,
    functions: functions.filter((name) => !survey.called.newer.has(name) && isKnown(survey, name)),
  }));

interface Share {
  readonly called: number;
  readonly all: number;
}

const shareOf = (names: readonly string[], { linked }: Called): Share => ({
  called: names.filter((name) => linked.has(name)).length,
  all: names.length,
});

/** Rounded down: a share never looks better than it is. */
const percent = ({ called, all }: Share): string =>
  `${(Math.floor((1000 * called) / all) / 10).toFixed(1)} %`;

const shareText = (share: Share): string => `${share.called} of ${share.all} (${percent(share)})`;

/** How many of the `virDomain*` and `virConnect*` functions are called; none is left out. */
export const domainShare = (survey: Survey): Share => {
  const names = oldFunctions(survey).flatMap(({ functions }) => functions);
  return shareOf(
    names.filter((name) => /^vir(Domain|Connect)/.test(name)),
    survey.called,
  );
};

/** The share as a sentence. */
export const shareSentence = (survey: Survey): string =>
  `The addon calls ${shareText(domainShare(survey))} of the \`virDomain*\` and \`virConnect*\` ` +
  'functions that libvirt 9.0 declares in these headers.';

const reasonText = (reason: Reason): string =>
  typeof reason === 'string' ? reason : `superseded by \`${reason.by}\``;

function section(survey: Survey, { header, functions }: Group): string {
  const { linked } = survey.called;
  const wrapped = functions.filter((name) => linked.has(name)).map((name) => `\`${name}\``);
  const rows = functions
    .filter((name) => !linked.has(name))
    .map((name) => `| \`${name}\` | ${reasonText(survey.reasons[name] ?? '')} |`);
  const missing = ['| not called | why |', '|---|---|', ...rows, ''].join('\n');
  return [
    `## ${header}: ${shareText(shareOf(functions, survey.called))}`,
    `${wrapped.join(', ')}\n`,
    ...(rows.length > 0 ? [missing] : []),
  ].join('\n');
}

/** The text of `docs/libvirt-coverage.md`. */
export function page(survey: Survey): string {
  const newer = [...survey.called.newer].sort().map((name) => `- \`${name}\`\n`);
  return [
    '# What the binding covers of libvirt\n',
    'Written by `scripts/libvirt-coverage.sh` from the headers of libvirt and the sources of the ' +
      'addon; do not edit. A function that is not called has its reason in ' +
      '`test/libvirtCoverage/unwrapped.ts`, or a test fails.\n',
    `${shareSentence(survey)} Every one of these functions counts, also those that another one ` +
      'supersedes. Every function that is called has a test that calls it: `make test` looks for ' +
      "it in libvirt's own log of the tests.\n",
    ...oldFunctions(survey).map((group) => section(survey, group)),
    '## Newer than libvirt 9.0',
    'Looked up when they are called. With a libvirt that lacks them the call fails with ' +
      `\`NO_SUPPORT\`.\n\n${newer.join('')}`,
  ].join('\n');
}
