export const url = process.env['AXONE_MQTT_URL'];
const { env } = process;
export const all = env;
