// gongzhi in a real browser. ./check runs it; by hand, in this folder:
//   node run.js [--only TEXT] [--counts FILE] [--screenshots FOLDER] [--build FOLDER]
// --only takes the tests whose name contains TEXT; --counts writes "PASSED FAILED"; --screenshots makes the README's pictures.
// The world on PostgreSQL needs GONGZHI_TEST_POSTGRES (tests/lib/postgres.sh run …).
import { chromium } from 'playwright-core'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import os from 'node:os'
import path from 'node:path'
import { runTests } from './lib/runner.js'
import { Samples } from './lib/samples.js'
import { Visitor } from './lib/visitor.js'
import { World, newPostgres } from './lib/world.js'

const { values: options } = parseArgs({ options: {
  only: { type: 'string' }, counts: { type: 'string' }, screenshots: { type: 'string' }, build: { type: 'string' } } })
const here = path.dirname(fileURLToPath(import.meta.url))
const root = path.join(here, '../..')
const build = path.resolve(options.build ?? path.join(root, 'build'))
const gongzhi = path.join(build, 'gongzhi')
const pictures = path.join(root, 'var/browser') // of failed tests
const scratch = mkdtempSync(path.join(os.tmpdir(), 'gongzhi-browser.'))

const CHROMIUM_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: CHROMIUM_FLAGS })

// Each world is made once, when the first test asks for it.
const made = new Map()
function once(name, make) {
  if (!made.has(name)) {
    const folder = path.join(scratch, name)
    mkdirSync(folder)
    made.set(name, make(folder))
  }
  return made.get(name)
}
const worlds = {
  sqlite: () => once('sqlite', folder => World.make(gongzhi, `sqlite:${path.join(folder, 'gongzhi.db')}`, folder)),
  postgres: () => once('postgres', async folder => {
    if (!process.env.GONGZHI_TEST_POSTGRES) throw new Error('GONGZHI_TEST_POSTGRES names no server')
    return World.make(gongzhi, await newPostgres(process.env.GONGZHI_TEST_POSTGRES, 'gongzhi_browser'), folder)
  }),
  samples: () => once('samples', folder => Samples.make(root, build, folder)),
}

// Both worlds are made while the samples are looked at; what goes wrong is told by the test that needs it.
if (!options.only) for (const name of ['sqlite', 'postgres']) worlds[name]().catch(() => {})

async function around(work) {
  const visitors = []
  await work({
    scratch, root, build, gongzhi, worlds, visitors, screenshots: options.screenshots && path.resolve(options.screenshots),
    async visitor(world, about) {
      const visitor = await Visitor.arrive(browser, world.address, about)
      visitors.push(visitor)
      return visitor
    },
    checkFaults() {
      for (const visitor of visitors) visitor.checkFaults()
    },
  })
  for (const visitor of visitors) await visitor.leave()
}

async function onFailure({ visitors }, name) {
  mkdirSync(pictures, { recursive: true })
  for (const [index, visitor] of visitors.entries()) {
    const file = path.join(pictures, `${name.replace(/[^a-z0-9]+/gi, '-')}.${index}`)
    await visitor.page.screenshot({ path: `${file}.png`, fullPage: true }).catch(() => {})
    const html = await visitor.page.content().catch(() => '')
    writeFileSync(`${file}.html`, `<!-- ${visitor.page.url()} -->\n${html}`)
  }
}

for (const name of readdirSync(path.join(here, 'tests')).sort()) await import(`./tests/${name}`)
const counts = await runTests({ only: options.only, around, onFailure })
await browser.close()
for (const [name, world] of made) {
  try {
    await (await world).stop()
  } catch (error) {
    if (!/GONGZHI_TEST_POSTGRES/.test(error.message)) {
      counts.failed++
      console.log(`not ok - the server of ${name} ends cleanly\n${error.message}`)
    }
  }
}
rmSync(scratch, { recursive: true, force: true })
if (options.counts) writeFileSync(options.counts, `${counts.passed} ${counts.failed}\n`)
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed || !counts.passed ? 1 : 0)
