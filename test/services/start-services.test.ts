import { connectAsync } from 'mqtt';
import { expect, test } from 'vitest';
import { startInfluxdb } from './start-influxdb.ts';
import { startMosquitto } from './start-mosquitto.ts';
import { startProgram } from './start-program.ts';

test('a real Mosquitto asks for the password it was given, and comes back on its port after a kill', async () => {
  const mosquitto = await startMosquitto({ users: { control: 'secret-of-control' } });
  try {
    await mosquitto.kill();
    await mosquitto.restart();
    const options = { username: 'control', password: 'wrong', reconnectPeriod: 0 };
    await expect(connectAsync(mosquitto.url, options, false)).rejects.toThrow('Not authorized');
  } finally {
    await mosquitto.stop();
  }
});

test('a real InfluxDB keeps what it had after a kill', async () => {
  const influxdb = await startInfluxdb();
  try {
    await influxdb.query('CREATE DATABASE street');
    await influxdb.kill();
    await influxdb.restart();
    expect(JSON.stringify(await influxdb.query('SHOW DATABASES'))).toContain('street');
  } finally {
    await influxdb.stop();
  }
});

test('a real InfluxDB with authentication refuses a stranger', async () => {
  const influxdb = await startInfluxdb({ admin: { username: 'root', password: 'secret-of-root' } });
  try {
    const answer = await fetch(`${influxdb.url}/query?q=SHOW+DATABASES`);
    expect(answer.status).toBe(401);
    expect(JSON.stringify(await influxdb.query('SHOW DATABASES'))).toContain('results');
  } finally {
    await influxdb.stop();
  }
});

test('a missing programme is named with its Debian package', () => {
  expect(() => startProgram('/usr/sbin/absent', [], { debianPackage: 'mosquitto' })).toThrow('apt-get install mosquitto');
});
