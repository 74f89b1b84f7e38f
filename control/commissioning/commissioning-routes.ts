import {
  bindLightPoint,
  bindMeter,
  blinkDevice,
  type CommissionedDevice,
  declareDevices,
  readCommissioning,
  releaseLightPoint,
  releaseMeter,
  withdrawDevice,
} from '#contract/routes/commissioning.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { Principal } from '#domain/people/permission.ts';
import type { AtDevice, Commissioning } from './commissioning.ts';
import { type ReadingMeans, readDevice, readSite } from './read-commissioning.ts';

interface DeviceRequest {
  readonly params: Omit<AtDevice, 'by'>;
  readonly principal: Principal;
}

const at = ({ params, principal }: DeviceRequest): AtDevice => ({ ...params, by: principal.account });

export const commissioningRoutes = (acts: Commissioning, reading: ReadingMeans): readonly MountedRoute[] => {
  /** The device as it is after what was done to it. */
  const after = async (request: DeviceRequest, done: Promise<void>): Promise<CommissionedDevice> => {
    await done;
    const { site, gateway, device } = request.params;
    return readDevice(site, gateway, device, reading);
  };
  return [
    mount(readCommissioning, ({ params }) => readSite(params.site, reading)),
    mount(declareDevices, async ({ params, body, principal }) => {
      const { site, gateway } = params;
      const names = await acts.declare({ site, gateway, by: principal.account }, body.bus, body.devices);
      return { devices: await Promise.all(names.map((device) => readDevice(site, gateway, device, reading))) };
    }),
    mount(withdrawDevice, async (request) => {
      await acts.withdraw(at(request));
      return undefined;
    }),
    mount(blinkDevice, (request) => after(request, acts.blink(at(request)))),
    mount(bindLightPoint, (request) => after(request, acts.bindLightPoint(at(request), request.body.lightPoint))),
    mount(releaseLightPoint, (request) => after(request, acts.releaseLightPoint(at(request)))),
    mount(bindMeter, (request) => {
      const { from } = request.body;
      return after(request, acts.bindMeter(at(request), request.body.point, from === undefined ? null : parseInstant(from)));
    }),
    mount(releaseMeter, (request) => after(request, acts.releaseMeter(at(request)))),
  ];
};
