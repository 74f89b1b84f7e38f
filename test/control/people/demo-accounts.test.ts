import { expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { openSession } from '#contract/routes/session.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { dwellingId } from '#domain/identifiers.ts';
import { openControlHouse } from '../control-house.ts';

test('the demonstration’s accounts sign in over the API, each with its own hat', async () => {
  const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T11:00:00Z') });
  const broker = createInMemoryBroker(silentLogger);
  const house = await openControlHouse(clock, () => broker.createBus({ clientId: 'control' }));
  const dwellings = [dwellingId('dwelling-tilleuls-03'), dwellingId('dwelling-tilleuls-07')];
  const hats = [];
  for (const demo of await house.control().createDemoAccounts(dwellings)) {
    const body =
      'email' in demo ? { email: demo.email, password: demo.password } : { letterCode: demo.letterCode, digits: demo.digits };
    hats.push(...(await house.ask(openSession, { body })).account.hats);
  }
  expect(hats).toEqual([
    { role: 'technician', organisation: 'Axone (demonstration)', sites: ['site-republique'] },
    { role: 'landlord', organisation: 'Axone (demonstration)', sites: ['site-tilleuls'] },
    { role: 'admin', organisation: 'Axone (demonstration)' },
    { role: 'tenant', dwelling: 'dwelling-tilleuls-03' },
    { role: 'tenant', dwelling: 'dwelling-tilleuls-07' },
  ]);
  await house.close();
});
