import { describe, expect, test } from 'vitest';
import { afterAct, type CommissioningAct, withActs } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { overlappingBinding } from '#domain/assets/measurement-point.ts';
import { type Instant, instant, timeZone } from '#domain/civil-time.ts';
import { circuitId, deviceId, gatewayId, lightPointId, meterId, pointId, siteId } from '#domain/identifiers.ts';

const site = siteId('site-rue');
const gateway = gatewayId('gateway-rue');
const column = lightPointId('light-25');
const point = pointId('point-meter');
const at = (minute: number): Instant => instant(minute * 60_000);

const street: FieldAssets = {
  sites: [
    { id: site, kind: 'lighting', name: 'Rue', position: { latitude: 49.5, longitude: 3.6 }, zone: timeZone('Europe/Paris') },
  ],
  gateways: [{ id: gateway, site }],
  cabinets: [],
  circuits: [],
  luminaireModels: [],
  lightPoints: [],
  plannedLightPoints: [
    {
      id: column,
      site,
      circuit: circuitId('circuit-rue'),
      label: 'REP-25',
      luminaireModel: 'model',
      ratedPowerW: 40,
      point: pointId('point-l25'),
    },
  ],
  groups: [],
  meters: [],
  sensors: [],
  points: [{ id: point, site, use: 'cabinet-meter', privacy: 'operational', dwelling: null }],
  bindings: [],
};

const light = (device: string, minute: number): CommissioningAct => ({
  kind: 'light-point-bound',
  lightPoint: column,
  gateway,
  device: deviceId(device),
  shortAddress: 0,
  at: at(minute),
});
const released = (minute: number): CommissioningAct => ({ kind: 'light-point-released', lightPoint: column, at: at(minute) });
const meter = (name: string, minute: number): CommissioningAct => ({
  kind: 'meter-bound',
  point,
  meter: meterId(name),
  maker: 'M',
  model: 'N',
  gateway,
  device: deviceId(name),
  at: at(minute),
});
const undone: CommissioningAct = { kind: 'meter-released', point, at: at(99) };
const periods = ({ bindings }: FieldAssets) => bindings.map(({ device, from, to }) => [device, from, to]);

describe('a column', () => {
  test('has a luminaire from the minute it is bound, and none from the minute it is released', () => {
    const bound = withActs(street, [light('lamp-a', 1)]);
    expect(bound.plannedLightPoints).toEqual([]);
    expect(bound.lightPoints).toMatchObject([{ id: column, label: 'REP-25', device: 'lamp-a' }]);
    const free = withActs(bound, [released(5)]);
    expect(free.plannedLightPoints).toEqual(street.plannedLightPoints);
    expect(free.lightPoints).toEqual([]);
    expect(periods(free)).toEqual([['lamp-a', at(1), at(5)]]);
  });

  test('that was bound and released in the same instant never had one', () => {
    expect(withActs(street, [light('lamp-a', 1), released(1)])).toEqual(street);
  });

  test('gets another luminaire, and its curve goes on', () => {
    const changed = withActs(street, [light('lamp-a', 1), released(5), light('lamp-b', 6)]);
    expect(periods(changed)).toEqual([
      ['lamp-a', at(1), at(5)],
      ['lamp-b', at(6), null],
    ]);
    expect(overlappingBinding(changed.bindings)).toBeNull();
  });

  test('that is gone from the assets is passed over', () => {
    const without = { ...street, plannedLightPoints: [] };
    expect(afterAct(without, light('lamp-a', 1))).toBeNull();
    expect(withActs(without, [light('lamp-a', 1), released(2)])).toEqual(without);
  });
});

describe('a meter', () => {
  test('ends where the next one begins, both known by name', () => {
    const replaced = withActs(street, [meter('old', 1), meter('new', 9)]);
    expect(periods(replaced)).toEqual([
      ['old', at(1), at(9)],
      ['new', at(9), null],
    ]);
    expect(replaced.meters.map(({ id }) => id)).toEqual(['old', 'new']);
  });

  test('never begins before the one it replaces has', () => {
    const bound = withActs(street, [meter('old', 5)]);
    expect([1, 5].map((minute) => afterAct(bound, meter('new', minute)))).toEqual([null, null]);
  });

  test('that was replaced by mistake goes on as if nothing had happened', () => {
    const bound = withActs(street, [meter('old', 1)]);
    expect(periods(withActs(bound, [meter('new', 9), undone]))).toEqual(periods(bound));
    expect(periods(withActs(bound, [undone]))).toEqual([]);
    expect(afterAct(street, undone)).toBeNull();
  });
});
