import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { EdgeJournal, IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { AssetsRegistry, AuditRegistry, LightingRegistry, PeopleRegistry } from '#contract/ports/registry.ts';
import { afterAct } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import {
  accountId,
  cabinetId,
  circuitId,
  deviceId,
  gatewayId,
  groupId,
  lightPointId,
  meterId,
  pointId,
  siteId,
} from '#domain/identifiers.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';

export interface RegistryUnderTest {
  readonly assets: AssetsRegistry;
  readonly commissioning: CommissioningRegistry;
  readonly lighting: LightingRegistry;
  readonly people: PeopleRegistry;
  readonly audit: AuditRegistry;
  readonly journal: EdgeJournal;
  readonly ingest: IngestRegistry;
}

export interface RegistryHouse {
  /** The same registry as control and as ingest may use it. */
  readonly control: RegistryUnderTest;
  readonly asIngest: RegistryUnderTest;
  readonly close: () => Promise<void>;
}

const site = siteId('site-rue');
const gateway = gatewayId('gateway-rue');
const from = parseInstant('2026-01-01T00:00:00Z');

const street: FieldAssets = {
  sites: [
    { id: site, kind: 'lighting', name: 'Rue', position: { latitude: 49.5, longitude: 3.6 }, zone: timeZone('Europe/Paris') },
  ],
  gateways: [{ id: gateway, site }],
  cabinets: [
    {
      id: cabinetId('cabinet-rue'),
      site,
      gateway,
      label: 'A1',
      fictitious: true,
      meterPoint: pointId('point-meter'),
      controllerPoint: null,
    },
  ],
  circuits: [{ id: circuitId('circuit-rue'), cabinet: cabinetId('cabinet-rue'), label: 'D1' }],
  luminaireModels: [
    { id: 'model', maker: 'X', model: 'Y', fictitious: true, standbyPowerW: 0.4, powerShares: [{ levelPercent: 100, share: 1 }] },
  ],
  lightPoints: [1, 2].map((number) => ({
    id: lightPointId(`light-${number}`),
    site,
    circuit: circuitId('circuit-rue'),
    label: `REP-0${number}`,
    luminaireModel: 'model',
    ratedPowerW: 28,
    gateway,
    device: deviceId(`luminaire-${number}`),
    shortAddress: number - 1,
    point: pointId(`point-l0${number}`),
  })),
  plannedLightPoints: [
    {
      id: lightPointId('light-3'),
      site,
      circuit: circuitId('circuit-rue'),
      label: 'REP-03',
      luminaireModel: 'model',
      ratedPowerW: 28,
      point: pointId('point-l03'),
    },
  ],
  groups: [{ id: groupId('group-rue'), site, label: 'Rue', members: [lightPointId('light-1'), lightPointId('light-2')] }],
  meters: [{ id: meterId('meter-rue'), site, maker: 'M', model: 'N', deliveryPoint: null }],
  sensors: [
    {
      id: deviceId('sensor-light'),
      site,
      measures: 'light',
      label: 'Lux',
      fictitious: true,
      point: pointId('point-light'),
    },
  ],
  points: [
    { id: pointId('point-l03'), site, use: 'light-point', privacy: 'operational', dwelling: null },
    { id: pointId('point-meter'), site, use: 'cabinet-meter', privacy: 'operational', dwelling: null },
  ],
  bindings: [
    { point: pointId('point-meter'), meter: meterId('meter-rue'), gateway, device: deviceId('meter-rue'), from, to: null },
  ],
};

const program = (version: number, levelPercent: number): ControlProgram => ({
  id: 'program-rue',
  version,
  name: 'Rue',
  by: 'account-a',
  activePeriods: [],
  fixedTimeControls: [{ startTime: '23:00' as never, levelPercent }],
});

const orderedOverride = (id: string, endsAt: number) => ({
  id,
  site,
  target: { kind: 'light-point', lightPoint: lightPointId('light-1') } as const,
  members: [{ lightPoint: lightPointId('light-1'), gateway, device: deviceId('luminaire-1') }],
  levelPercent: 70,
  startsAt: instant(1_000),
  endsAt: instant(endsAt),
  endedAt: null,
  by: accountId('account-a'),
  reason: 'works',
});

const account = (id: string, demo: boolean) => ({
  id: accountId(id),
  kind: 'staff' as const,
  displayName: id,
  hats: [{ role: 'technician' as const, organisation: 'USEDA', sites: [site] }],
  demo,
});

const session = (id: string, owner: string) => ({
  id,
  account: accountId(owner),
  tokenHash: `hash-${id}`,
  openedAt: instant(1_000),
  endsAt: instant(9_000),
  revokedAt: null,
});

/** What every registry engine must do; the same suite runs on each. */
export const describeRegistry = (engine: string, open: () => Promise<RegistryHouse>): void => {
  describe(`the registry on ${engine}`, () => {
    let house: RegistryHouse;
    beforeEach(async () => {
      house = await open();
    });
    afterEach(() => house.close());

    it('gives back the assets of a site as they were imported, and raises its revision', async () => {
      const { assets } = house.control;
      const before = await assets.revision();
      await assets.replaceAssets(street, 'hash-1');
      expect(await assets.siteAssets(site)).toEqual(street);
      expect(await assets.revision()).toBe(before + 1);
      expect(await assets.importedHash()).toBe('hash-1');
      expect(await assets.gateways()).toEqual(street.gateways);
      await assets.replaceAssets({ ...street, sensors: [] }, 'hash-2');
      expect((await assets.siteAssets(site))?.sensors).toEqual([]);
      expect(await assets.siteAssets(siteId('site-elsewhere'))).toBeNull();
    });

    it('tells ingest which gateway a point belongs to, by dates and in the zone of its site', async () => {
      await house.control.assets.replaceAssets(street, 'hash-1');
      const binding = {
        point: pointId('point-meter'),
        gateway,
        privacy: 'operational',
        zone: 'Europe/Paris',
        from,
        to: null,
      };
      expect(await house.asIngest.ingest.bindingsOf(gateway)).toEqual([binding]);
      expect(await house.asIngest.ingest.bindingsOfPoint(pointId('point-meter'))).toEqual([binding]);
      expect(await house.asIngest.ingest.bindingsOf(gatewayId('gateway-elsewhere'))).toEqual([]);
    });

    it('keeps what was declared on a bus, by address, and forgets what was withdrawn', async () => {
      const { commissioning } = house.control;
      const device = (unitId: number, channel: number | null) => ({
        gateway,
        bus: 'bus-rue',
        device: deviceId(`device-${unitId}-${channel ?? 'alone'}`),
        profile: 'intesis-in703-d4i',
        unitId,
        channel,
      });
      await commissioning.declare([device(6, 1), device(6, 0), device(2, null)]);
      expect(await commissioning.devicesOf(gateway)).toEqual([device(2, null), device(6, 0), device(6, 1)]);
      await commissioning.withdraw(gateway, deviceId('device-6-0'));
      expect(await commissioning.devicesOf(gateway)).toEqual([device(2, null), device(6, 1)]);
      expect(await commissioning.devicesOf(gatewayId('gateway-elsewhere'))).toEqual([]);
    });

    it('keeps an act with what it made of its site, and raises the revision', async () => {
      const { assets, commissioning } = house.control;
      await assets.replaceAssets(street, 'hash');
      const revision = await assets.revision();
      const act = {
        kind: 'light-point-bound',
        lightPoint: lightPointId('light-3'),
        gateway,
        device: deviceId('device-6-0'),
        shortAddress: 0,
        at: parseInstant('2026-11-24T12:00:00Z'),
      } as const;
      await commissioning.commission(act, afterAct(street, act) ?? street);
      const standing = await assets.siteAssets(site);
      expect(standing?.plannedLightPoints).toEqual([]);
      expect(standing?.lightPoints.map(({ id, device }) => [id, device])).toContainEqual(['light-3', 'device-6-0']);
      expect(await house.asIngest.ingest.bindingsOfPoint(pointId('point-l03'))).toMatchObject([
        { gateway, from: act.at, to: null },
      ]);
      expect(await assets.revision()).toBe(revision + 1);
      expect(await commissioning.acts()).toEqual([act]);
    });

    it('keeps every version of a program and gives the latest', async () => {
      const { lighting } = house.control;
      await lighting.saveProgram(site, program(1, 50), instant(1));
      await lighting.saveProgram(site, program(2, 30), instant(2));
      expect(await lighting.programsOf(site)).toEqual([program(2, 30)]);
      await lighting.replaceAssignments(site, [{ target: { kind: 'all' }, program: 'program-rue' }]);
      expect(await lighting.assignmentsOf(site)).toEqual([{ target: { kind: 'all' }, program: 'program-rue' }]);
    });

    it('lets an override go out of force at its end, or when somebody ends it, once', async () => {
      const { lighting } = house.control;
      await lighting.addOverride(orderedOverride('override-a', 5_000));
      await lighting.addOverride(orderedOverride('override-b', 8_000));
      const inForce = async (at: number) => (await lighting.overridesInForce(site, instant(at))).map(({ id }) => id);
      expect(await inForce(4_999)).toEqual(['override-a', 'override-b']);
      expect(await inForce(5_000)).toEqual(['override-b']);
      expect(await lighting.endOverride('override-b', instant(6_000))).toBe(true);
      expect(await lighting.endOverride('override-b', instant(6_001))).toBe(false);
      expect(await inForce(6_000)).toEqual([]);
      expect(await lighting.override('override-b')).toEqual({ ...orderedOverride('override-b', 8_000), endedAt: 6_000 });
    });

    it('replaces a published document and a gateway state', async () => {
      const { lighting } = house.control;
      await lighting.saveDocument(gateway, 'overrides', { revision: 1, contentHash: 'a', text: '{}' });
      await lighting.saveDocument(gateway, 'overrides', { revision: 2, contentHash: 'b', text: '{}' });
      expect(await lighting.document(gateway, 'overrides')).toEqual({ revision: 2, contentHash: 'b', text: '{}' });
      expect(await lighting.document(gateway, 'programs')).toBeNull();
      const state = { state: 'offline', since: instant(5), status: { state: 'offline', boot: 1, version: '0' } } as const;
      await lighting.saveGatewayState(gateway, state);
      await lighting.saveGatewayState(gateway, { ...state, since: instant(6) });
      expect(await lighting.gatewayState(gateway)).toEqual({ ...state, since: 6 });
    });

    it('gives one account to one login', async () => {
      const { people } = house.control;
      await people.addAccount(account('account-a', false), { account: accountId('account-a'), login: 'a@b.fr', secretHash: 'x' });
      const second = people.addAccount(account('account-b', false), {
        account: accountId('account-b'),
        login: 'a@b.fr',
        secretHash: 'y',
      });
      await expect(second).rejects.toMatchObject({ code: 'LOGIN_TAKEN' });
      expect(await people.account(accountId('account-b'))).toBeNull();
      expect(await people.credentialOf('a@b.fr')).toMatchObject({ account: 'account-a' });
      expect(await people.account(accountId('account-a'))).toEqual(account('account-a', false));
    });

    it('revokes sessions one by one, and all of them when the secret changes', async () => {
      const { people } = house.control;
      await people.addAccount(account('account-a', false), { account: accountId('account-a'), login: 'a', secretHash: 'x' });
      await people.addSession(session('s1', 'account-a'));
      await people.addSession(session('s2', 'account-a'));
      await people.revokeSession('s1', instant(2_000));
      expect(await people.sessionByTokenHash('hash-s1')).toMatchObject({ revokedAt: 2_000 });
      expect(await people.session('s2')).toMatchObject({ revokedAt: null });
      await people.replaceSecret(accountId('account-a'), 'z', instant(3_000));
      expect(await people.session('s1')).toMatchObject({ revokedAt: 2_000 });
      expect(await people.session('s2')).toMatchObject({ revokedAt: 3_000 });
      await people.forgetSessions(instant(2_500));
      expect(await people.session('s1')).toBeNull();
    });

    it('removes demonstration accounts with their sessions, and nobody else', async () => {
      const { people } = house.control;
      await people.addAccount(account('account-demo', true), { account: accountId('account-demo'), login: 'd', secretHash: 'x' });
      await people.addAccount(account('account-real', false), {
        account: accountId('account-real'),
        login: 'r',
        secretHash: 'x',
      });
      await people.addSession(session('s1', 'account-demo'));
      await people.addSession(session('s2', 'account-real'));
      await people.removeDemoAccounts();
      expect((await people.accounts()).map(({ id }) => id)).toEqual(['account-real']);
      expect(await people.credentialOf('d')).toBeNull();
      expect(await people.session('s1')).toBeNull();
      expect(await people.session('s2')).not.toBeNull();
    });

    it('reads the audit newest first, by site', async () => {
      const { audit } = house.control;
      const entry = { at: instant(1), by: 'account-a', action: 'override-begun', object: 'override-a', site, detail: '70 %' };
      await audit.record(entry);
      await audit.record({ ...entry, object: 'override-b' });
      await audit.record({ ...entry, site: null, action: 'signed-in', object: 'account-a' });
      expect((await audit.entriesOf(site, 10)).map(({ object }) => object)).toEqual(['override-b', 'override-a']);
      expect(await audit.platformEntries(10)).toEqual([{ ...entry, site: null, action: 'signed-in', object: 'account-a' }]);
    });

    it('keeps a report or an event sent twice once', async () => {
      const report = { id: 'override-a', phase: 'applied', at: '2026-11-24T21:00:00Z', device: deviceId('luminaire-1') } as const;
      const event = { event: 'gateway-started', at: '2026-11-24T21:00:00Z' } as const;
      await house.asIngest.ingest.saveReports(gateway, [report, { ...report, phase: 'proved' }]);
      await house.asIngest.ingest.saveReports(gateway, [report]);
      await house.asIngest.ingest.saveEvents(gateway, [event]);
      await house.asIngest.ingest.saveEvents(gateway, [event]);
      const reports = await house.control.journal.reportsOf(['override-a']);
      expect(reports.map(({ phase }) => phase).sort()).toEqual(['applied', 'proved']);
      expect(await house.control.journal.eventsOf([gateway], 10)).toEqual([{ ...event, gateway }]);
      expect(await house.control.journal.reportsOf([])).toEqual([]);
    });

    it('keeps the newest thousand messages in quarantine', async () => {
      const { ingest } = house.asIngest;
      for (let number = 1; number <= 1005; number += 1)
        await ingest.quarantine({ receivedAt: instant(number), topic: 't', code: 'TOPIC_UNKNOWN', why: 'w', excerpt: '' });
      const kept = await ingest.quarantined(2000);
      expect(kept.length).toBe(1000);
      expect(kept[0]?.receivedAt).toBe(1005);
    });

    it('refuses a write by a service that does not own the table', async () => {
      const entry = { at: instant(1), by: 'ingest', action: 'a', object: 'o', site: null, detail: '' };
      await expect(house.asIngest.audit.record(entry)).rejects.toMatchObject({ code: 'TABLE_OF_ANOTHER_SERVICE' });
      await expect(
        house.control.ingest.saveEvents(gateway, [{ event: 'lamp-failed', at: '2026-11-24T21:00:00Z' }]),
      ).rejects.toMatchObject({ code: 'TABLE_OF_ANOTHER_SERVICE' });
    });
  });
};
