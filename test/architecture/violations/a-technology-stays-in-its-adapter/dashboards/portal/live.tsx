import mqtt from 'mqtt';

export const live = mqtt;
