import type { CommissionedDevice, CommissioningAnswer, MeterPeriod } from '#contract/routes/commissioning.ts';
import { deviceId, gatewayId, lightPointId, pointId } from '#domain/identifiers.ts';
import { STREET } from './portal-answers.ts';

const GATEWAY = gatewayId('gateway-republique');
const NOW = '2026-11-24T21:41:00Z';

const deviceOf = (more: Partial<CommissionedDevice> & Pick<CommissionedDevice, 'device' | 'unitId'>): CommissionedDevice => ({
  gateway: GATEWAY,
  bus: 'bus-extension',
  profile: 'intesis-in703-d4i',
  model: 'HMS Intesis IN703DAL0640000',
  channel: null,
  state: 'online',
  why: null,
  canBlink: false,
  bound: null,
  blink: null,
  ...more,
});

const LAMP = deviceOf({ device: deviceId('extension-6-0'), unitId: 6, channel: 0, canBlink: true });
const METER = deviceOf({ device: deviceId('meter-festive'), unitId: 7, profile: 'eastron-sdm120', model: 'Eastron SDM120' });

const period = (device: string, from: string, to: string | null, firstWh: number | null): MeterPeriod => ({
  meter: device,
  model: 'Eastron SDM120',
  device,
  from,
  to,
  first: { value: firstWh, at: firstWh === null ? null : from, quality: firstWh === null ? 'missing' : 'measured' },
  last: { value: firstWh === null ? null : firstWh + 12_000, at: firstWh === null ? null : (to ?? NOW), quality: 'measured' },
});

/** A lamp that waits for its column, others in each state, and a meter that was replaced. */
export const commissioningAnswer = (): CommissioningAnswer => ({
  site: STREET,
  name: 'Rue de la République, Laon',
  field: 'simulated',
  timeZone: 'Europe/Paris',
  now: NOW,
  clockSpeed: 60,
  gateways: [
    {
      id: GATEWAY,
      state: 'online',
      since: '2026-11-24T12:00:00Z',
      applied: 'waiting',
      why: null,
      buses: [
        { bus: 'bus-republique', kind: 'tcp', devicesFrom: 'file', devicesInForce: 28, devices: [] },
        {
          bus: 'bus-extension',
          kind: 'tcp',
          devicesFrom: 'centre',
          devicesInForce: 4,
          devices: [
            { ...LAMP, blink: { at: NOW, phase: 'failed', why: 'DEVICE_SILENT' } },
            deviceOf({ device: deviceId('extension-6-1'), unitId: 6, channel: 1, canBlink: true, state: 'waiting' }),
            deviceOf({
              device: deviceId('extension-6-2'),
              unitId: 6,
              channel: 2,
              canBlink: true,
              state: 'offline',
              why: 'DEVICE_SILENT: no answer in 3 tries',
              bound: { kind: 'light-point', lightPoint: lightPointId('light-point-24'), label: 'REP-24', since: NOW },
            }),
            METER,
            deviceOf({
              device: deviceId('meter-next'),
              unitId: 8,
              state: 'degraded',
              bound: { kind: 'point', point: pointId('point-festive'), since: '2026-11-24T20:00:00Z' },
            }),
          ],
        },
      ],
      profiles: [{ profile: 'eastron-sdm120', model: 'Eastron SDM120', channels: null }],
    },
    { id: gatewayId('gateway-silent'), state: 'unknown', since: null, applied: 'unknown', why: null, buses: null, profiles: [] },
  ],
  lightPoints: [
    { id: lightPointId('light-point-25'), label: 'REP-25', device: null },
    { id: lightPointId('light-point-24'), label: 'REP-24', device: 'extension-6-2' },
  ],
  points: [
    {
      id: pointId('point-festive'),
      use: 'cabinet-meter',
      meters: [
        period('meter-next', '2026-11-24T20:00:00Z', null, 200),
        period('meter-former', '2026-01-01T00:00:00Z', '2026-11-24T20:00:00Z', null),
      ],
    },
    { id: pointId('point-flat'), use: 'dwelling', meters: [] },
  ],
});
