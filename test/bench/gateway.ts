import type { Bench } from './bench.ts';
import { bench as drain } from './drain.ts';
import { measureLatency } from './gateway-latency.ts';
import { measureLoad } from './gateway-load.ts';
import { comparePlans } from './gateway-plans.ts';

export const bench: Bench = {
  summary:
    'requests of every profile against the fewest; 500 devices with 5,000 values/s for ten minutes; orders under full poll; a backlog that drains (about 20 minutes)',
  async run(say) {
    say('the requests of every profile');
    const plans = await comparePlans();
    const load = await measureLoad(say);
    const latency = await measureLatency(say);
    return [...load, ...latency, ...(await drain.run(say)), ...plans];
  },
};
