// Who listens where. kratos/*.yml speaks of the ports of development.

export const DEVELOPMENT = {
  genkan: 3000,
  kratos: 4433,
  admin: 4434,
  smtp: 1025,
  mail: 4436,
  provider: 4444,
  hooks: 4445,
  postgres: 4446,
}

/** Those of a test stack. There can be several, each at another number, beside `make run`. */
export const testPorts = at =>
  Object.fromEntries(Object.entries(DEVELOPMENT).map(([part, port]) => [part, port + 100 + 20 * at]))
