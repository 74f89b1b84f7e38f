import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { type BrokerClient, brokerUserName } from '#contract/topics.ts';
import { instant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { startTcpProxy, type TcpProxy } from '#test/services/start-tcp-proxy.ts';
import type { BrokerUnderTest, BusUnderTest } from './message-bus-suite.ts';

const everybody: readonly BrokerClient[] = [
  { role: 'gateway', gateway: gatewayId('gateway-republique') },
  { role: 'gateway', gateway: gatewayId('gateway-tilleuls') },
  { role: 'ingest' },
  { role: 'control' },
];
/** Everybody of the demo, with a password each. */
export const demoClients: ReadonlyMap<string, BrokerClient> = new Map(
  everybody.map((client) => [brokerUserName(client), client]),
);
export const demoCredentials: ReadonlyMap<string, string> = new Map(
  [...demoClients.keys()].map((name) => [name, `secret-of-${name}`]),
);

export interface ProxiedBus extends BusUnderTest {
  readonly proxy: TcpProxy;
}

export interface MqttBrokerUnderTest extends BrokerUnderTest {
  createBus(
    client: BrokerClient,
    options?: { readonly will?: { topic: string; payload: string; retain: boolean }; readonly clean?: boolean },
  ): Promise<ProxiedBus>;
}

/** Buses over mqtt.js to a broker, each through a cable of its own and on a clock that only `restore()` moves. */
export const throughCables = (port: number, stop: () => Promise<void>): MqttBrokerUnderTest => {
  const proxies: TcpProxy[] = [];
  return {
    async createBus(client, options = {}) {
      const proxy = await startTcpProxy(port);
      proxies.push(proxy);
      const clock = createSimulatedClock({ civil: instant(0) });
      const username = brokerUserName(client);
      const bus = createMqttBus({
        url: `mqtt://127.0.0.1:${proxy.port}`,
        username,
        password: demoCredentials.get(username) ?? '',
        clientId: username,
        clock,
        logger: silentLogger,
        ...options,
      });
      return {
        bus,
        proxy,
        cut: proxy.cut,
        async restore() {
          proxy.restore();
          await clock.advance(60_000);
        },
      };
    },
    async stop() {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await stop();
    },
  };
};
