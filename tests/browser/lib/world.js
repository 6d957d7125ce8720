// The demo world on a fresh database, and a server of it on a port that the kernel chooses.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import path from 'node:path'

const run = promisify(execFile)
const SANITIZER = /AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:/

export class World {
  // DATABASE: sqlite:PATH or postgres://…; FOLDER: for files and keys; PREPARE(world) comes before it is served
  static async make(gongzhi, database, folder, prepare = async () => {}) {
    const world = Object.assign(new World(), { gongzhi, database, folder, said: '' })
    const { stderr } = await run(gongzhi, ['demo', '--db', database, ...world.folders()], { maxBuffer: 1 << 24 })
    if (SANITIZER.test(stderr)) throw new Error(stderr)
    await world.addAccount()
    await prepare(world)
    await world.serve()
    return world
  }

  folders() {
    return ['--files', path.join(this.folder, 'files'), '--keys', path.join(this.folder, 'keys')]
  }

  // A villager who signs in with a password, as `gongzhi user add` gives it: this.account {login, password}.
  async addAccount() {
    const login = 'visitor'
    const { code, said } = await this.command('user', 'add', '--db', this.database, ...this.folders(), '--person', 'p-hz-0012', '--login', login)
    const found = said.match(/first password: (\S+)/)
    if (code !== 0 || !found) throw new Error(`user add: ${said}`)
    this.account = { login, password: found[1] }
  }

  async serve() {
    this.server = spawn(this.gongzhi, ['serve', '--db', this.database, ...this.folders(), '--listen', '127.0.0.1:0', '--demo'],
      { stdio: ['ignore', 'pipe', 'pipe'] })
    this.ended = once(this.server, 'exit')
    this.address = await new Promise((found, refuse) => {
      const hear = bytes => {
        this.said += bytes
        const match = this.said.match(/http:\/\/127\.0\.0\.1:\d+/)
        if (match) found(match[0])
      }
      this.server.stdout.on('data', hear)
      this.server.stderr.on('data', hear)
      this.ended.then(([code]) => refuse(new Error(`serve ended with ${code}:\n${this.said}`)))
      setTimeout(() => refuse(new Error(`serve did not say its address in 60 s:\n${this.said}`)), 60_000).unref()
    })
  }

  // Ends the server as systemd would; anything but a clean end, or a word of a sanitizer, is a failure.
  async stop() {
    if (this.server.exitCode === null) this.server.kill('SIGTERM')
    const late = setTimeout(() => this.server.kill('SIGKILL'), 30_000)
    const [code, signal] = await this.ended
    clearTimeout(late)
    if (code !== 0 || SANITIZER.test(this.said)) throw new Error(`serve ended with ${code ?? signal}:\n${this.said.slice(-8000)}`)
  }

  // {code, said} of a command of the binary
  async command(...words) {
    try {
      const { stdout, stderr } = await run(this.gongzhi, words, { env: { ...process.env, LANG: 'en_US.UTF-8' } })
      return { code: 0, said: stdout + stderr }
    } catch (error) {
      if (typeof error.code !== 'number') throw error
      return { code: error.code, said: error.stdout + error.stderr }
    }
  }
}

// A new database on the test run's PostgreSQL; its address.
export async function newPostgres(server, name) {
  await run('psql', ['-q', '-d', server, '-c', `create database ${name}`])
  const address = new URL(server.replace(/^postgres:/, 'http:').replace(':///', '://x/'))
  return `postgres:///${name}${address.search}`
}
