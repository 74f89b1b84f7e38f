import { readSecret, readText } from '#adapters/configuration/read-text.ts';
import type { BrokerVariables } from '#contract/environment.ts';
import type { MqttBusOptions } from './mqtt.ts';

/** Where the broker is and who comes to it, as variables say it; the files of a certificate are read at each connection. */
export const brokerAccess = async (
  variables: BrokerVariables,
): Promise<Pick<MqttBusOptions, 'url' | 'username' | 'password' | 'tls'>> => {
  const { AXONE_MQTT_URL: url, AXONE_MQTT_USER: username, AXONE_MQTT_PASSWORD_FILE: passwordFile } = variables;
  const { AXONE_MQTT_CA_FILE: ca, AXONE_MQTT_CERT_FILE: cert, AXONE_MQTT_KEY_FILE: key } = variables;
  const identity = async () =>
    cert === undefined || key === undefined ? {} : { identity: { cert: await readText(cert), key: await readText(key) } };
  const tls = async () => ({ ...(ca === undefined ? {} : { ca: await readText(ca) }), ...(await identity()) });
  if (url.startsWith('mqtts:')) await tls();
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(passwordFile === undefined ? {} : { password: await readSecret(passwordFile) }),
    ...(url.startsWith('mqtts:') ? { tls } : {}),
  };
};
