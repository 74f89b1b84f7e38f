import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { OVERRIDES_LIMIT } from '#contract/messages/documents.ts';
import { beginOverride, endOverride, readOverride, readStreet } from '#contract/routes/lighting.ts';
import { readJournal } from '#contract/routes/platform.ts';
import { formatInstant, instant, parseInstant } from '#domain/civil-time.ts';
import { groupId, lightPointId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';
import { type ControlHouse, GATEWAY, listenAsGateway, openControlHouse, STREET, TECHNICIAN } from '../control-house.ts';

const NOON = parseInstant('2026-11-24T11:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const params = { site: STREET };
const LAMP_7 = { kind: 'light-point', lightPoint: lightPointId('light-point-republique-07') } as const;

describe('an override', () => {
  let clock: SimulatedClock;
  let house: ControlHouse;
  let gateway: Awaited<ReturnType<typeof listenAsGateway>>;

  beforeEach(async () => {
    clock = createSimulatedClock({ civil: NOON });
    const broker = createInMemoryBroker(silentLogger);
    gateway = await listenAsGateway(broker.createBus({ clientId: 'gateway' }), GATEWAY);
    house = await openControlHouse(clock, () => broker.createBus({ clientId: 'control' }));
    await until('the documents have come', () => gateway.count('overrides') > 0);
  });
  afterEach(async () => {
    await gateway.close();
    await house.close();
  });

  const begin = (target: object = LAMP_7, endsAt = formatInstant(instant(clock.civilNow() + HOUR))) =>
    house.ask(beginOverride, { params, body: { target, levelPercent: 70, endsAt, reason: 'works' } });
  const inDocument = () => (gateway.latest('overrides')['overrides'] as { id: string }[]).map(({ id }) => id);
  const askedOfLamp7 = async () => (await house.ask(readStreet, { params })).lightPoints.find(({ label }) => label === 'REP-07');

  it('leaves at once to its device, and is retained in the gateway’s document', async () => {
    const { id, phases } = await begin();
    await until('the document has it', () => inDocument().includes(id));
    expect(gateway.telecommands).toHaveLength(1);
    expect(gateway.telecommands[0]?.topic).toBe('axone/v1/gateway-republique/devices/luminaire-07/telecommand');
    expect(JSON.parse(gateway.telecommands[0]?.text ?? '')).toMatchObject({
      id,
      set: { levelPercent: 70, endsAt: formatInstant(instant(NOON + HOUR)) },
      expiresAt: formatInstant(instant(NOON + MINUTE)),
    });
    expect(gateway.latest('overrides')['overrides']).toMatchObject([
      { id, target: { kind: 'device', device: 'luminaire-07' }, levelPercent: 70 },
    ]);
    expect(phases).toMatchObject({ sent: 1 });
    expect(await askedOfLamp7()).toMatchObject({ askedLevelPercent: 70, override: id, why: { rung: 'override', what: 'works' } });
  });

  it('of a group is one telecommand; of all, the document alone', async () => {
    const group = await begin({ kind: 'group', group: groupId('group-republique-sud') });
    expect(group.lines).toHaveLength(12);
    expect(gateway.telecommands.map(({ topic }) => topic)).toEqual([
      'axone/v1/gateway-republique/groups/group-republique-sud/telecommand',
    ]);
    const all = await begin({ kind: 'all' });
    await until('the document has both', () => inDocument().length === 2);
    expect(all.phases.sent).toBe(24);
    expect(gateway.telecommands).toHaveLength(1);
  });

  it('is refused without an end to come, or with one further than seven days', async () => {
    for (const endsAt of [NOON - 1, NOON, NOON + 7 * 24 * HOUR + 1])
      await expect(begin(LAMP_7, formatInstant(instant(endsAt)))).rejects.toMatchObject({ code: 'OVERRIDE_END_INVALID' });
    await begin(LAMP_7, formatInstant(instant(NOON + 7 * 24 * HOUR)));
  });

  it('is refused for a light point or a group that this street has not', async () => {
    for (const target of [
      { kind: 'light-point', lightPoint: 'light-point-elsewhere' },
      { kind: 'group', group: 'group-elsewhere' },
    ])
      await expect(begin(target)).rejects.toMatchObject({ code: 'TELECOMMAND_TARGET_UNKNOWN' });
  });

  it('is refused when the document of its gateway could hold no more', async () => {
    const { lighting } = house.registry.control();
    const endsAt = instant(NOON + HOUR);
    for (let number = 1; number <= OVERRIDES_LIMIT; number += 1)
      await lighting.addOverride({
        id: `override-${number}`,
        site: STREET,
        target: { kind: 'all' },
        members: [],
        levelPercent: 70,
        startsAt: NOON,
        endsAt,
        endedAt: null,
        by: TECHNICIAN.account,
        reason: 'works',
      });
    await expect(begin()).rejects.toMatchObject({ code: 'OVERRIDES_TOO_MANY' });
    await lighting.endOverride('override-1', NOON);
    await begin();
  });

  it('ends by itself, and the light returns to its program', async () => {
    const { id } = await begin();
    await clock.advance(HOUR - 1);
    await until('it is still there', () => inDocument().includes(id));
    await clock.advance(5_001);
    await until('it is gone', () => inDocument().length === 0);
    expect(await askedOfLamp7()).toMatchObject({ askedLevelPercent: 0, override: null, why: { rung: 'program' } });
  });

  it('ends when the clock is set past its end, and does not come back when it is set again', async () => {
    await begin();
    clock.stepCivil(instant(NOON + 2 * HOUR));
    await clock.advance(5_001);
    await until('it is gone', () => inDocument().length === 0);
    clock.stepCivil(NOON);
    await clock.advance(5_001);
    expect((await house.ask(readStreet, { params })).overrides).toEqual([]);
  });

  it('survives a restart, and ends also when its end passes while control is stopped', async () => {
    const short = await begin();
    const long = await begin(LAMP_7, formatInstant(instant(NOON + 3 * HOUR)));
    await house.restart();
    expect((await house.ask(readStreet, { params })).overrides.map(({ id }) => id)).toEqual([short.id, long.id]);
    await house.restart(async () => clock.stepCivil(instant(NOON + 2 * HOUR)));
    await until('one is left', () => inDocument().join() === long.id);
  });

  it('is ended early by a person, once, and both deeds are in the journal with who did them', async () => {
    const { id } = await begin();
    const ended = await house.ask(endOverride, { params: { ...params, override: id } });
    expect(ended.endedAt).toBe(formatInstant(NOON));
    await until('it is gone', () => inDocument().length === 0);
    await house.ask(endOverride, { params: { ...params, override: id } });
    const { entries } = await house.ask(readJournal, { params });
    expect(entries.map(({ action, by }) => [action, by])).toEqual([
      ['override-ended', 'account-technician'],
      ['override-begun', 'account-technician'],
    ]);
  });

  it('of another street is not found', async () => {
    const { id } = await begin();
    for (const route of [readOverride, endOverride] as const)
      await expect(house.ask(route, { params: { site: 'site-tilleuls', override: id } })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
  });

  it('is followed live, and durably once ingest has kept the same reports', async () => {
    const { id } = await begin();
    const at = formatInstant(NOON);
    const device = gateway.lamp(7);
    await gateway.report({ id, device, phase: 'applied', at, readBack: { levelPercent: 70 } });
    const phases = async () => (await house.ask(readOverride, { params: { ...params, override: id } })).phases;
    await until('it is applied', async () => (await phases()).applied === 1);
    const proof = { observedW: 19.4, expectedW: 19.3 };
    await house.registry.ingest().ingest.saveReports(GATEWAY, [
      { id, device, phase: 'applied', at, readBack: { levelPercent: 70 } },
      { id, device, phase: 'proved', at, proof },
    ]);
    expect(await phases()).toMatchObject({ proved: 1, applied: 0, sent: 0 });
    await house.restart();
    const { lines } = await house.ask(readOverride, { params: { ...params, override: id } });
    expect(lines).toMatchObject([{ label: 'REP-07', phase: 'proved', ...proof }]);
    expect(house.told).toContainEqual({ changed: 'street', id: STREET });
  });
});
