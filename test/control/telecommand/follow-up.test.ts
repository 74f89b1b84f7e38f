import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayReport, OrderedOverride } from '#contract/ports/registry.ts';
import { countPhases, followUp } from '#control/telecommand/follow-up.ts';
import { instant } from '#domain/civil-time.ts';
import { accountId, deviceId, gatewayId, lightPointId, siteId } from '#domain/identifiers.ts';

const gateway = gatewayId('gateway-rue');
const device = deviceId('luminaire-01');
const member = (number: number) => ({
  lightPoint: lightPointId(`light-0${number}`),
  gateway,
  device: deviceId(`luminaire-0${number}`),
});

const order: OrderedOverride = {
  id: 'override-a',
  site: siteId('site-rue'),
  target: { kind: 'all' },
  members: [member(1), member(2)],
  levelPercent: 70,
  startsAt: instant(0),
  endsAt: instant(1),
  endedAt: null,
  by: accountId('account-a'),
  reason: 'works',
};

const report = (phase: GatewayReport['phase'], second: number, more: Partial<GatewayReport> = {}): GatewayReport => ({
  id: order.id,
  gateway,
  device,
  phase,
  at: `2026-11-24T21:00:${String(second).padStart(2, '0')}Z`,
  ...more,
});

const phaseOf = (...reports: readonly GatewayReport[]) => followUp(order, reports)[0]?.phase;

describe('an order is followed', () => {
  it('to the furthest step reached by each light point, with what proves it', () => {
    const proof = { observedW: 28.1, expectedW: 27.6 };
    const lines = followUp(order, [report('accepted', 1), report('applied', 2), report('proved', 9, { proof })]);
    expect(lines[0]).toMatchObject({ phase: 'proved', ...proof });
    expect(lines[1]).toMatchObject({ phase: 'sent', at: null });
    expect(countPhases(lines)).toMatchObject({ proved: 1, sent: 1 });
  });

  it('for every light point when the report is of the whole order', () => {
    const { device: _device, ...whole } = report('accepted', 1);
    expect(followUp(order, [whole]).map(({ phase }) => phase)).toEqual(['accepted', 'accepted']);
  });

  it('only by the gateway that carries the light point, and only for this order', () => {
    expect(phaseOf(report('proved', 1, { gateway: gatewayId('gateway-elsewhere') }))).toBe('sent');
    expect(phaseOf(report('proved', 1, { id: 'override-b' }))).toBe('sent');
  });

  it('to its failure, with the reason, unless it is proved at last', () => {
    const failed = report('failed', 5, { code: 'READ_BACK_DIFFERS', why: 'read 40 after 70' });
    expect(followUp(order, [report('accepted', 1), failed])[0]).toMatchObject({
      phase: 'failed',
      why: 'READ_BACK_DIFFERS: read 40 after 70',
    });
    expect(phaseOf(failed, report('applied', 7))).toBe('failed');
    expect(phaseOf(failed, report('proved', 9))).toBe('proved');
    expect(phaseOf(report('proved', 3), failed)).toBe('failed');
  });

  it('without being undone by its fast path, late or repeated', () => {
    expect(phaseOf(report('proved', 3), report('expired', 5))).toBe('proved');
    expect(phaseOf(report('applied', 3), report('rejected', 5, { code: 'TELECOMMAND_REPEATED' }))).toBe('applied');
  });

  it('alike whatever the order of its reports and however often they come', () => {
    const some = [
      report('accepted', 1),
      report('applied', 2),
      report('failed', 3),
      report('proved', 4),
      report('not-provable', 5),
    ];
    const chosen = fc.subarray(some, { minLength: 1 });
    fc.assert(
      fc.property(chosen, fc.array(fc.nat(4), { maxLength: 6 }), fc.infiniteStream(fc.nat(1000)), (reports, repeats, keys) => {
        const doubled = [...reports, ...repeats.flatMap((index) => reports[index] ?? [])];
        const shuffled = doubled
          .map((one) => ({ one, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(followUp(order, shuffled)).toEqual(followUp(order, reports));
      }),
    );
  });
});
