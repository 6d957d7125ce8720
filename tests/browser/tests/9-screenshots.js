// The README's pictures: taken in every run, kept when run.js is asked for them (--screenshots FOLDER).
import assert from 'node:assert/strict'
import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from '../lib/runner.js'
import { everybody } from '../lib/story.js'

const MOST_BYTES = 150_000

test('pictures for the README', async t => {
  const folder = t.screenshots ?? path.join(t.scratch, 'screenshots')
  mkdirSync(folder, { recursive: true })
  const { villager, clerk, handler } = await everybody(t, await t.worlds.sqlite(), { width: 1280 })
  const take = async (visitor, name, width, height) => {
    await visitor.resize(width, height)
    const file = path.join(folder, `${name}.png`)
    await visitor.page.screenshot({ path: file })
    assert.ok(statSync(file).size <= MOST_BYTES, `${file} has ${statSync(file).size} bytes`)
  }
  await villager.go('/')
  await take(villager, 'start', 390, 800)
  await villager.file({ category: 'help', topic: 'safety', text: '村口到小学的路灯坏了三盏，孩子放学要打手电，想请人来修。', where: '三组水井旁' })
  await take(villager, 'filed', 390, 900)
  await clerk.go('/inbox')
  await take(clerk, 'inbox', 1100, 620)
  await handler.go('/today')
  const late = handler.page.locator('main tr.is-late th a').first()
  await take(handler, 'today', 1100, 620)
  await handler.go(await late.getAttribute('href'))
  await take(handler, 'matter', 1100, 860)
  await villager.go('/ballots')
  await villager.go(await villager.page.locator('main a[href^="/ballots/"]').last().getAttribute('href')) // the demo's first: counted
  await take(villager, 'ballot', 390, 900)
})
