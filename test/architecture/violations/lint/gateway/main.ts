export const url = process.env['AXONE_MQTT_URL'];
export const now = Date.now();
