// Every page of the demo as its people see it: accessible, and never wider than the phone.
import assert from 'node:assert/strict'
import { test } from '../lib/runner.js'

async function checkAll(visitor, pages) {
  const faults = []
  for (const page of pages) {
    await visitor.go(page)
    await visitor.checkLooks(page).catch(error => faults.push(error.message))
  }
  assert.deepEqual(faults, [])
}

async function firstMatters(visitor, list, most) {
  await visitor.go(list)
  const hrefs = await visitor.page.locator('main table.cards th a').evaluateAll(links => links.map(link => link.getAttribute('href')))
  assert.ok(hrefs.length > 0, `${list} lists something`)
  return hrefs.slice(0, most)
}

test('a stranger\'s pages', async t => {
  const stranger = await t.visitor(await t.worlds.sqlite())
  await checkAll(stranger, ['/', '/sign-in', '/places', '/places/500116106000', '/places/500116106200', '/places/500230109221', '/log/500116106000'])
})

test('a villager\'s pages', async t => {
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  const matters = await firstMatters(villager, '/requests', 3)
  await checkAll(villager, ['/', '/requests', '/requests/new', '/sessions', '/password', ...matters, `${matters[0]}/receipt`])
})

test('the desk\'s pages', async t => {
  const clerk = await t.visitor(await t.worlds.sqlite(), { width: 1280 })
  await clerk.enter('clerk')
  await checkAll(clerk, ['/today', '/inbox', '/requests', '/requests/new', ...await firstMatters(clerk, '/inbox', 3)])
})

test('the handler\'s pages', async t => {
  const handler = await t.visitor(await t.worlds.sqlite(), { width: 1280 })
  await handler.enter('handler')
  await checkAll(handler, ['/today', '/requests', ...await firstMatters(handler, '/today', 4)])
})

test('the secretary\'s and the leader\'s pages', async t => {
  const world = await t.worlds.sqlite()
  for (const role of ['secretary', 'leader']) {
    const visitor = await t.visitor(world)
    await visitor.enter(role)
    await checkAll(visitor, ['/', '/requests'])
  }
})

// What a visitor of the demo may try: [door, words of the ballot's state, words of the way on, the page it leads to].
const TRIES = [['representative', '投票中', '去投票', 'booth'], ['trustee-1', '准备中', '去准备', 'keys'],
  ['authority', '准备中', '制作投票码', 'credentials'], ['trustee-2', '已截止', '去开票', 'decrypt']]

test('the ballots of the demo: each role finds something to do', async t => {
  const world = await t.worlds.sqlite()
  const stranger = await t.visitor(world)
  await stranger.go('/ballots')
  const rows = await stranger.page.locator('main .rows li').evaluateAll(found => found.map(row =>
    [row.querySelector('.state').textContent, row.querySelector('a').getAttribute('href')]))
  const ballot = state => rows.find(([said]) => said.includes(state))[1]
  await checkAll(stranger, ['/ballots', ballot('已公布'), `${ballot('投票中')}/tracking`, `${ballot('投票中')}/booth`])
  for (const [door, state, words, part] of TRIES) {
    const visitor = await t.visitor(world)
    await visitor.enter(door)
    await checkAll(visitor, [ballot(state)])
    await visitor.page.locator(`main .note a:has-text("${words}")`).click()
    await visitor.page.waitForURL(url => url.pathname === `${ballot(state)}/${part}`)
    await visitor.page.locator('[data-vote] [data-step="loading"]').waitFor({ state: 'hidden' })
    await visitor.checkLooks(part)
  }
  const secretary = await t.visitor(world)
  await secretary.enter('jianguo')
  await checkAll(secretary, ['/ballots/new', `${ballot('投票中')}/slips`])
})

test('pages that refuse are pages too', async t => {
  const stranger = await t.visitor(await t.worlds.sqlite())
  await stranger.go('/requests/500116106200-QZ-1999-00001', 404)
  await stranger.checkLooks()
  await stranger.go('/nowhere', 404)
  await stranger.checkLooks()
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  await villager.go('/inbox', 403)
  await villager.checkLooks()
})
