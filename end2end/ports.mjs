// Who listens where. kratos/*.yml speaks of the ports of development.

import { readFileSync } from 'node:fs'

export const DEVELOPMENT = {
  genkan: 3000,
  kratos: 4433,
  admin: 4434,
  smtp: 1025,
  mail: 4436,
  provider: 4444,
  hooks: 4445,
  postgres: 4446,
  hydra: 4447,
}

/** Those of a test stack. There can be several, each at another number, beside `make run`. */
export const testPorts = at =>
  Object.fromEntries(Object.entries(DEVELOPMENT).map(([part, port]) => [part, port + 100 + 20 * at]))

/** What docker-compose.yml has Kratos keep its data in, at the port of a test stack. */
export function postgresDsn(ports) {
  const [dsn] = /postgres:\/\/\S+/.exec(readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8'))
  return new URL(dsn.replace('db-kratos:5432', `127.0.0.1:${ports.postgres}`))
}
