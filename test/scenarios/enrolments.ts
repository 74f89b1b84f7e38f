import { join } from 'node:path';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { makeFileAuthority } from '#adapters/certificate-authority/files.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { instant } from '#domain/civil-time.ts';

export interface EnrolmentRequests {
  /** By who asks, each with a claim of its own. */
  readonly claimed: ReadonlyMap<string, string>;
  readonly withoutClaim: string;
  readonly withForeignClaim: string;
  readonly ofNeighbour: string;
  readonly ofService: string;
}

const OWN = 'gateway-republique';
const NEIGHBOUR = 'gateway-tilleuls';

/** An authority in a folder, at a civil minute of winter in France, and requests that people and forgers have. */
export const enrolmentsIn = async (folder: string, at: string, asking: readonly string[]) => {
  const authority = join(folder, 'authority');
  const clock = createSimulatedClock({ civil: instant(Date.parse(`${at}:00+01:00`)) });
  const { claim } = await makeFileAuthority({ folder: authority, clock }, 'Axone trials');
  const request = async (name: string, claimed: string | null): Promise<string> => {
    const token = claimed === null ? null : (await claim(claimed)).token;
    return (await demandCertificate({ name, key: null, claim: token })).request;
  };
  const claimed = new Map<string, string>();
  for (const who of asking) claimed.set(who, await request(OWN, OWN));
  const requests: EnrolmentRequests = {
    claimed,
    withoutClaim: await request(OWN, null),
    withForeignClaim: await request(OWN, NEIGHBOUR),
    ofNeighbour: await request(NEIGHBOUR, NEIGHBOUR),
    ofService: await request('control', 'control'),
  };
  return { configuration: { authority }, requests };
};
