// The receipt is checked by the binary alone, far from the server; and what a program gets.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from '../lib/runner.js'
import { LAMP } from '../lib/story.js'

test('a downloaded receipt holds offline, and one changed byte anywhere is found', async t => {
  const world = await t.worlds.sqlite()
  const villager = await t.visitor(world)
  await villager.enter('villager')
  const number = await villager.file({ ...LAMP, text: '要一张回执' })
  await villager.go(`/requests/${number}/receipt`)
  const [download] = await Promise.all([villager.page.waitForEvent('download'), villager.page.locator('main a.main[download]').click()])
  assert.match(download.suggestedFilename(), /\.tlog-proof$/)
  const file = path.join(t.scratch, 'receipt.tlog-proof')
  await download.saveAs(file)
  const keyLink = await villager.page.locator('footer a[href$="/key"]').getAttribute('href')
  const key = (await (await villager.context.request.get(keyLink)).text()).trim()
  const good = await world.command('verify', 'receipt', file, '--key', key)
  assert.equal(good.code, 0, good.said)
  const bytes = readFileSync(file)
  const damaged = path.join(t.scratch, 'damaged.tlog-proof')
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 23)) {
    const changed = Buffer.from(bytes)
    changed[at] ^= 1
    writeFileSync(damaged, changed)
    const bad = await world.command('verify', 'receipt', damaged, '--key', key)
    assert.equal(bad.code, 1, `byte ${at} of ${bytes.length} changed: ${bad.said}`)
    assert.equal(bad.said.trim().split('\n').length, 1, `one line of complaint, not ${bad.said}`)
  }
})

test('nobody else gets the receipt', async t => {
  const world = await t.worlds.sqlite()
  const villager = await t.visitor(world), stranger = await t.visitor(world)
  await villager.enter('villager')
  const number = await villager.file({ ...LAMP, text: '我的回执' })
  const answer = await stranger.context.request.get(`/requests/${number}/receipt`, { headers: { Accept: 'application/json' } })
  assert.equal(answer.status(), 401)
  assert.ok(!(await answer.text()).includes('我的回执'))
})

test('every page is JSON for a program', async t => {
  const world = await t.worlds.sqlite()
  const clerk = await t.visitor(world)
  await clerk.enter('clerk')
  for (const page of ['/', '/requests', '/today', '/inbox', '/places/500116106000', '/log/500116106000', '/sessions', '/requests/new']) {
    const answer = await clerk.context.request.get(page, { headers: { Accept: 'application/json' } })
    assert.equal(answer.status(), 200, page)
    assert.match(answer.headers()['content-type'], /^application\/json/, page)
    await answer.json()
  }
})
