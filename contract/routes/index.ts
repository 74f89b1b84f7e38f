import {
  bindLightPoint,
  bindMeter,
  blinkDevice,
  declareDevices,
  readCommissioning,
  releaseLightPoint,
  releaseMeter,
  withdrawDevice,
} from './commissioning.ts';
import { readBuilding, readHome, readHomeDetails } from './housing.ts';
import { enrolGateway } from './identity.ts';
import { beginOverride, endOverride, listSites, readOverride, readStreet } from './lighting.ts';
import { followChanges, readHealth, readJournal, readOpenApi, readQuarantine, readReadiness } from './platform.ts';
import type { Route } from './route.ts';
import { exportSeries, readCoverage, readLatest, readSeries } from './series.ts';
import { closeSession, openSession, readSession } from './session.ts';

/** Every route that is not a page, whichever service mounts it: what the OpenAPI document describes. */
export const apiRoutes: readonly Route[] = [
  readHealth,
  readReadiness,
  readOpenApi,
  openSession,
  readSession,
  closeSession,
  followChanges,
  enrolGateway,
  listSites,
  readStreet,
  beginOverride,
  readOverride,
  endOverride,
  readJournal,
  readCommissioning,
  declareDevices,
  withdrawDevice,
  blinkDevice,
  bindLightPoint,
  releaseLightPoint,
  bindMeter,
  releaseMeter,
  readBuilding,
  readHome,
  readHomeDetails,
  readSeries,
  readLatest,
  readCoverage,
  exportSeries,
  readQuarantine,
];
