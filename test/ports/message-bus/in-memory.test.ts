import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { brokerUserName } from '#contract/topics.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { describeMessageBus } from './message-bus-suite.ts';

describeMessageBus('one process', async () => {
  const broker = createInMemoryBroker(silentLogger);
  return {
    async createBus(client, options = {}) {
      const clientId = brokerUserName(client);
      return {
        bus: broker.createBus({ clientId, ...options }),
        cut: () => broker.cut(clientId),
        restore: async () => broker.restore(clientId),
      };
    },
    stop: () => Promise.resolve(),
  };
});
