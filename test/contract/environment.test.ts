import { expect, test } from 'vitest';
import { gatewayVariables, readVariables } from '#contract/environment.ts';

const place = { AXONE_DATA: 'data', AXONE_GATEWAY_CONFIG: 'gateway.yaml' };
const plain = { ...place, AXONE_MQTT_URL: 'mqtt://broker:1883' };
const secure = { ...place, AXONE_MQTT_URL: 'mqtts://broker:8883' };
const certificate = { AXONE_MQTT_CERT_FILE: 'certificate.pem', AXONE_MQTT_KEY_FILE: 'key.pem' };
const password = { AXONE_MQTT_USER: 'gateway-mairie', AXONE_MQTT_PASSWORD_FILE: 'password' };

test.each([
  ['a password', { ...plain, ...password }],
  ['a password over TLS', { ...secure, ...password, AXONE_MQTT_CA_FILE: 'root.pem' }],
  ['a certificate', { ...secure, ...certificate, AXONE_MQTT_CA_FILE: 'root.pem' }],
  ['a certificate, the broker’s being signed by a public authority', { ...secure, ...certificate }],
])('a gateway proves who it is with %s', (_what, environment) => {
  expect(readVariables(gatewayVariables, environment)).toMatchObject(environment);
});

test.each([
  ['neither password nor certificate', secure, 'AXONE_MQTT_USER'],
  ['a user without password', { ...plain, AXONE_MQTT_USER: 'gateway-mairie' }, 'AXONE_MQTT_PASSWORD_FILE'],
  ['a certificate without key', { ...secure, AXONE_MQTT_CERT_FILE: 'certificate.pem' }, 'AXONE_MQTT_KEY_FILE'],
  ['a key without certificate', { ...secure, AXONE_MQTT_KEY_FILE: 'key.pem' }, 'AXONE_MQTT_CERT_FILE'],
  ['a certificate in clear', { ...plain, ...certificate }, 'AXONE_MQTT_URL'],
  ['an authority in clear', { ...plain, ...password, AXONE_MQTT_CA_FILE: 'root.pem' }, 'AXONE_MQTT_URL'],
])('%s is refused, naming the variable', (_what, environment, variable) => {
  expect(() => readVariables(gatewayVariables, environment)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', fields: expect.objectContaining({ path: variable }) }),
  );
});
