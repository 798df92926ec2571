import t from 'tap';
import { AgentHold } from '../../../src/memory/agentHold.js';

const mib = 1024 * 1024;
const maxMib = 1024;

/** An agent that takes no more than `strideMib` at a time, and never more than `mostMib`. */
class Agent {
  heldMib = 0;
  readonly asked: number[] = [];
  readonly strideMib: number;
  readonly mostMib: number;

  constructor(strideMib = maxMib, mostMib = maxMib) {
    this.strideMib = strideMib;
    this.mostMib = mostMib;
  }

  async hold(bytes: number): Promise<number> {
    const wishMib = bytes / mib;
    this.asked.push(wishMib);
    this.heldMib = Math.min(wishMib, this.heldMib + this.strideMib, this.mostMib);
    return this.heldMib * mib;
  }
}

t.test('what the agent does not hold is the function’s', async (t) => {
  const agent = new Agent();
  const elastic = new AgentHold(agent, maxMib);
  t.equal(await elastic.pluggedMib(), maxMib, 'all of it, before anything was asked');
  t.equal(elastic.askedMib, null);
  await elastic.request(128);
  t.equal(agent.heldMib, maxMib - 128);
  t.same([elastic.askedMib, await elastic.pluggedMib()], [128, 128]);
  await elastic.request(512);
  t.equal(agent.heldMib, maxMib - 512, 'and gives the rest back');
});

t.test('an agent that takes it piece by piece is asked until it holds enough', async (t) => {
  const agent = new Agent(200);
  const elastic = new AgentHold(agent, maxMib);
  await elastic.request(128);
  t.same(await elastic.settle(128, 10_000), { pluggedMib: 128, settled: true });
  t.same(agent.asked, [896, 896, 896, 896, 896]);
});

t.test('one that cannot take it all says how far it came', async (t) => {
  const agent = new Agent(maxMib, 500);
  const elastic = new AgentHold(agent, maxMib);
  await elastic.request(128);
  t.same(await elastic.settle(128, 0), { pluggedMib: maxMib - 500, settled: false });
});

t.test('a guest that boasts holds no more than there is', async (t) => {
  const elastic = new AgentHold({ hold: async () => 2 ** 50 }, maxMib);
  await elastic.request(128);
  t.equal(await elastic.pluggedMib(), 0);
});

t.test('after a request that failed, nobody knows what was asked', async (t) => {
  const lost = new Error('the guest is gone');
  const elastic = new AgentHold({ hold: () => Promise.reject(lost) }, maxMib);
  await t.rejects(elastic.request(128), lost);
  t.equal(elastic.askedMib, null);
});
