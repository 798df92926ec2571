import { readFileSync } from 'node:fs';
import t from 'tap';
import { calledFunctions } from './libvirtCoverage/addon.js';
import {
  domainShare,
  page,
  type Survey,
  staleReasons,
  unexplained,
  untested,
} from './libvirtCoverage/coverage.js';
import { declaredFunctions, headerVersion } from './libvirtCoverage/headers.js';
import { pagePath, survey } from './libvirtCoverage/survey.js';

const made: Survey = {
  groups: [{ header: 'a.h', functions: ['virA', 'virAFlags', 'virB', 'virNew'] }],
  called: { linked: new Set(['virAFlags']), newer: new Set(['virNew']) },
  reasons: { virA: { by: 'virAFlags' } },
};

t.test('a header declares functions, not the types of callbacks', async (t) => {
  const header = `
    # define virMacro(a) \\
        virInMacro(a)
    /* virInComment() */
    typedef int (*virCallback)(virDomainPtr domain, void *opaque);
    virDomainPtr virLater   (virConnectPtr conn,
                             virFreeCallback freecb);
    int virEarlier(void);`;
  t.same(declaredFunctions(header), ['virEarlier', 'virLater']);
});

t.test('the addon calls what its code names; comments, texts and sizes are no calls', async (t) => {
  const { linked, newer } = calledFunctions(`
    // virInComment()
    inline constexpr int kParamCapacity<virSized> = 5;
    Wrap<virWrapped>("wrapped"), Fail("virInText");
    CheckedNewer<Signature>("virNewer", domain);`);
  t.same([...linked], ['virWrapped']);
  t.same([...newer], ['virNewer']);
});

t.test('a function that is neither called nor explained is found', async (t) => {
  t.same(unexplained(made), ['virB']);
});

t.test('an explanation that no longer holds is found', async (t) => {
  t.same(staleReasons(made), []);
  t.match(staleReasons({ ...made, reasons: { virGone: 'why' } }), [/virGone.*no header/]);
  t.match(staleReasons({ ...made, reasons: { virAFlags: 'why' } }), [/virAFlags.*calls it/]);
  t.match(staleReasons({ ...made, reasons: { virA: { by: 'virB' } } }), [/virB.*not call/]);
});

t.test("a function that libvirt's log does not tell of is found", async (t) => {
  const line = (name: string) => `2026-01-01 00:00:00.000+0000: 7: debug : ${name}:610 : dom=0x1\n`;
  t.same(untested(made, line('virAFlags')), []);
  t.same(untested(made, `${line('virA')} error : virAFlags:610 : no`), ['virAFlags']);
});

t.test('the page tells nothing of functions that only a newer header has', async (t) => {
  const old = { ...made, groups: [{ header: 'a.h', functions: ['virA', 'virAFlags'] }] };
  t.equal(page(made), page(old));
  t.match(page(made), '## a.h: 1 of 2 (50.0 %)');
});

const current = survey();
const version = headerVersion();

t.test(`every function of libvirt ${version} is called or explained`, async (t) => {
  const missing = unexplained(current);
  if (version.startsWith('9.0.')) t.same(missing, []);
  else t.comment(`newer than libvirt 9.0, and not called: ${missing.join(', ') || 'none'}`);
  t.same(staleReasons(current), []);
});

t.test('at least 85 % of the functions of connections and domains are called', async (t) => {
  const { called, all } = domainShare(current);
  t.ok(all > 200, `the headers declare ${all}`);
  t.ok(called / all >= 0.85, `${called} of ${all}`);
});

t.test('docs/libvirt-coverage.md is what scripts/libvirt-coverage.sh writes', async (t) => {
  t.equal(readFileSync(pagePath, 'utf8'), page(current));
});
