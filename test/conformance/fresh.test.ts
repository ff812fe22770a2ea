import { afterAll, beforeAll, describe, it } from 'vitest';
import { NodeNetwork } from '../helpers/node.ts';
import { cases } from './cases/index.ts';
import { World, type Case } from './world.ts';

/** Every case that a stranger can bring about over the network, in a node of its own. See docs/conformance.md. */
let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterAll(() => network.close());

async function inFreshNode(one: Case): Promise<void> {
  const world = await World.open(network, one.height ?? 4);
  try {
    await one.run(world);
    await world.settle();
  } finally {
    await world.close();
  }
}

const PATIENCE = 30_000;

describe('in a fresh node', () => {
  for (const one of cases.filter(({ waits }) => waits !== true)) {
    it(`${one.id} ${one.title}`, { timeout: (one.timeout ?? 20_000) + PATIENCE }, () => inFreshNode(one));
  }
});

describe.concurrent('in a fresh node, waiting for a limit in time', () => {
  for (const one of cases.filter(({ waits }) => waits === true)) {
    it(`${one.id} ${one.title}`, { timeout: (one.timeout ?? 20_000) + PATIENCE }, () => inFreshNode(one));
  }
});
