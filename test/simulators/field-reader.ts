import modbusSerial from 'modbus-serial';
import { type AddressPlaces, registerAddress } from '#simulators/register-facts/register-address.ts';
import { loadRegisterFacts } from '#simulators/register-facts/register-facts.ts';
import { decodeWords, wordCount } from '#simulators/register-facts/word-encoding.ts';

const facts = loadRegisterFacts();

export interface FieldReader {
  /** A value in the unit of its fact. */
  read(unitId: number, profile: string, register: string, places?: AddressPlaces): Promise<number>;
  writeRegister(unitId: number, address: number, value: number): Promise<void>;
  writeCoil(unitId: number, address: number, closed: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Reads a simulated bus with a foreign client (modbus-serial). */
export const openFieldReader = async (port: number, timeoutMs = 5000): Promise<FieldReader> => {
  const client = new modbusSerial.default();
  await client.connectTCP('127.0.0.1', { port });
  client.setTimeout(timeoutMs);

  const readRaw = async (fc: number, address: number, count: number): Promise<number[]> => {
    if (fc === 1) return (await client.readCoils(address, count)).data.slice(0, count).map(Number);
    if (fc === 2) return (await client.readDiscreteInputs(address, count)).data.slice(0, count).map(Number);
    return (await (fc === 3 ? client.readHoldingRegisters(address, count) : client.readInputRegisters(address, count))).data;
  };

  return {
    read: async (unitId, profile, register, places = {}) => {
      const fact = facts(profile).register(register);
      client.setID(unitId);
      return decodeWords(fact, await readRaw(fact.fc ?? 3, registerAddress(fact, places), wordCount(fact)));
    },
    writeRegister: async (unitId, address, value) => {
      client.setID(unitId);
      await client.writeRegister(address, value);
    },
    writeCoil: async (unitId, address, closed) => {
      client.setID(unitId);
      await client.writeCoil(address, closed);
    },
    // its own close never calls back once the server has hung up
    close: () => (client.isOpen ? new Promise((resolve) => client.close(() => resolve())) : Promise.resolve()),
  };
};
