import modbus from 'modbus-serial';

export const bus = modbus;
