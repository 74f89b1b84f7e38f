import { fault } from '#contract/errors.ts';
import type { Field } from '#contract/messages/field.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { AssetsRegistry, AuditRegistry } from '#contract/ports/registry.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { afterAct, type CommissioningAct, type DeclaredDevice, openBinding } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementPoint } from '#domain/assets/measurement-point.ts';
import { formatInstant, type Instant, instant } from '#domain/civil-time.ts';
import type { AccountId, DeviceId, GatewayId, LightPointId, PointId, SiteId } from '#domain/identifiers.ts';
import { meterId } from '#domain/identifiers.ts';
import type { DesiredState } from '../reconcile/desired-state.ts';
import type { Blinks } from './blinks.ts';
import { declared, type FoundDevice } from './declarations.ts';
import { bindingOfDevice } from './devices-content.ts';
import type { FieldInventory } from './field-inventory.ts';
import { isMetered } from './metered-uses.ts';
import { canBlink, makerAndModel } from './profile-words.ts';

export interface CommissioningMeans {
  readonly assets: Pick<AssetsRegistry, 'siteAssets'>;
  readonly commissioning: CommissioningRegistry;
  readonly audit: AuditRegistry;
  readonly desired: Pick<DesiredState, 'refresh'>;
  readonly inventory: Pick<FieldInventory, 'fieldOf'>;
  readonly blinks: Pick<Blinks, 'ask'>;
  readonly store: Pick<TimeSeriesStore, 'series'>;
  readonly clock: Clock;
  readonly tell: (gateway: GatewayId) => Promise<void>;
}

/** Which device, and who acts. */
export interface AtDevice {
  readonly site: SiteId;
  readonly gateway: GatewayId;
  readonly device: DeviceId;
  readonly by: AccountId;
}

/**
 * What a person does on site. All reject with `NOT_FOUND` for a gateway of another site, with `DEVICE_NOT_DECLARED`, and with
 * the reason in the catalogue.
 */
export interface Commissioning {
  declare(at: Omit<AtDevice, 'device'>, bus: string, found: readonly FoundDevice[]): Promise<readonly DeviceId[]>;
  withdraw(at: AtDevice): Promise<void>;
  blink(at: AtDevice): Promise<void>;
  bindLightPoint(at: AtDevice, lightPoint: LightPointId): Promise<void>;
  releaseLightPoint(at: AtDevice): Promise<void>;
  /** From now on when `fittedAt` is null. */
  bindMeter(at: AtDevice, point: PointId, fittedAt: Instant | null): Promise<void>;
  releaseMeter(at: AtDevice): Promise<void>;
}

/** A day of a meter that is read each 10 s. */
const READINGS_LOOKED_AT = 10_000;

interface Standing {
  readonly assets: FieldAssets;
  readonly device: DeclaredDevice;
  readonly field: Field | null;
}

export const createCommissioning = (means: CommissioningMeans): Commissioning => {
  const { assets, commissioning, audit, desired, inventory, clock } = means;
  let last: Promise<unknown> = Promise.resolve();

  /** One act after the other: each is judged against what the one before it made. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };

  const siteOf = async (site: SiteId, gateway: GatewayId): Promise<FieldAssets> => {
    const standing = await assets.siteAssets(site);
    if (standing === null || !standing.gateways.some(({ id }) => id === gateway)) throw fault('NOT_FOUND');
    return standing;
  };

  const standingOf = async ({ site, gateway, device: id }: AtDevice): Promise<Standing> => {
    const standing = await siteOf(site, gateway);
    const device = (await commissioning.devicesOf(gateway)).find((known) => known.device === id);
    if (device === undefined) throw fault('DEVICE_NOT_DECLARED', { gateway, device: id });
    return { assets: standing, device, field: inventory.fieldOf(gateway) };
  };

  const requireFree = ({ assets: standing }: Standing, { gateway, device }: AtDevice): void => {
    const bound = bindingOfDevice(standing, gateway, device);
    if (bound !== null) throw fault('DEVICE_BOUND', { device, object: bound.point });
  };

  const record = ({ site, gateway, device, by }: AtDevice, action: string, detail: string): Promise<void> =>
    audit.record({ at: clock.civilNow(), by, action, object: `${gateway} ${device}`, site, detail });

  const publish = async (gateway: GatewayId): Promise<void> => {
    await desired.refresh(gateway);
    await means.tell(gateway);
  };

  const published = async (at: AtDevice, action: string, detail: string): Promise<void> => {
    await record(at, action, detail);
    await publish(at.gateway);
  };

  const act = async (at: AtDevice, done: CommissioningAct, { assets: before }: Standing, refusal: Error, detail: string) => {
    const after = afterAct(before, done);
    if (after === null) throw refusal;
    await commissioning.commission(done, after);
    await published(at, done.kind, detail);
  };

  /** A meter that still gave its index cannot have been taken away before. */
  const lastReadOf = async (point: MeasurementPoint, standing: FieldAssets, from: Instant): Promise<Instant | null> => {
    if (openBinding(standing.bindings, point.id) === null) return null;
    const { id, privacy } = point;
    const selection = { point: id, privacy, quantity: 'energyImportedWh', from, to: clock.civilNow() } as const;
    const read = await means.store.series(selection, READINGS_LOOKED_AT);
    return read.findLast(({ value }) => value !== null)?.at ?? null;
  };

  const lightOn = ({ assets: standing }: Standing, { gateway, device }: AtDevice) =>
    standing.lightPoints.find((light) => light.gateway === gateway && light.device === device);

  return {
    declare: (at, bus, found) =>
      inTurn(async () => {
        await siteOf(at.site, at.gateway);
        const field = inventory.fieldOf(at.gateway);
        if (field === null) throw fault('FIELD_NOT_SAID', { gateway: at.gateway });
        const asked = { gateway: at.gateway, bus, found };
        const devices = declared(asked, await commissioning.devicesOf(at.gateway), field);
        await commissioning.declare(devices);
        for (const { device, profile } of devices) await record({ ...at, device }, 'device-declared', `${bus} ${profile}`);
        await publish(at.gateway);
        return devices.map(({ device }) => device);
      }),
    withdraw: (at) =>
      inTurn(async () => {
        const standing = await standingOf(at);
        requireFree(standing, at);
        await commissioning.withdraw(at.gateway, at.device);
        await published(at, 'device-withdrawn', standing.device.profile);
      }),
    blink: async (at) => {
      const { device, field } = await standingOf(at);
      if (field !== null && !canBlink(field, device.profile)) throw fault('DEVICE_CANNOT_BLINK', { device: at.device });
      await means.blinks.ask(at.gateway, at.device, at.by);
    },
    bindLightPoint: (at, lightPoint) =>
      inTurn(async () => {
        const standing = await standingOf(at);
        requireFree(standing, at);
        const there = standing.assets.lightPoints.find(({ id }) => id === lightPoint);
        if (there !== undefined) throw fault('LIGHT_POINT_BOUND', { lightPoint: there.label, device: there.device });
        const { gateway, device } = at;
        const shortAddress = standing.device.channel ?? 0;
        const bound = { kind: 'light-point-bound', lightPoint, gateway, device, shortAddress, at: clock.civilNow() } as const;
        await act(at, bound, standing, fault('OBJECT_NOT_HERE', { object: `light point ${lightPoint}` }), lightPoint);
      }),
    releaseLightPoint: (at) =>
      inTurn(async () => {
        const standing = await standingOf(at);
        const light = lightOn(standing, at);
        if (light === undefined) throw fault('NOT_FOUND');
        const released = { kind: 'light-point-released', lightPoint: light.id, at: clock.civilNow() } as const;
        await act(at, released, standing, fault('NOT_FOUND'), light.id);
      }),
    bindMeter: (at, point, fittedAt) =>
      inTurn(async () => {
        const standing = await standingOf(at);
        requireFree(standing, at);
        const there = standing.assets.points.find(({ id }) => id === point);
        if (there === undefined) throw fault('OBJECT_NOT_HERE', { object: `measurement point ${point}` });
        if (!isMetered(there)) throw fault('POINT_USE_OTHER', { point, use: there.use });
        const { gateway, device } = at;
        const { maker, model } = makerAndModel(standing.field, standing.device.profile);
        const from = fittedAt ?? clock.civilNow();
        const bound = { kind: 'meter-bound', point, meter: meterId(device), maker, model, gateway, device, at: from } as const;
        const readAt = fittedAt === null ? null : await lastReadOf(there, standing.assets, from);
        const begun = standing.assets.bindings.filter((binding) => binding.point === point).map((binding) => binding.from);
        const refusal = fault('BINDING_DATE_INVALID', {
          at: formatInstant(from),
          earliest: begun.length === 0 ? 'any instant' : formatInstant(instant(Math.max(...begun, readAt ?? 0))),
          latest: formatInstant(clock.civilNow()),
        });
        if (from > clock.civilNow() || readAt !== null) throw refusal;
        await act(at, bound, standing, refusal, `${point} from ${formatInstant(from)}`);
      }),
    releaseMeter: (at) =>
      inTurn(async () => {
        const standing = await standingOf(at);
        const bound = bindingOfDevice(standing.assets, at.gateway, at.device);
        if (bound === null || lightOn(standing, at) !== undefined) throw fault('NOT_FOUND');
        const released = { kind: 'meter-released', point: bound.point, at: clock.civilNow() } as const;
        await act(at, released, standing, fault('NOT_FOUND'), bound.point);
      }),
  };
};
