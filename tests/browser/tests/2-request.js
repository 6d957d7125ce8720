// One request from filing to rating, and who sees what on the way.
import assert from 'node:assert/strict'
import { test } from '../lib/runner.js'
import { LAMP, everybody, walkRequest } from '../lib/story.js'

test('a request is filed, dispatched, signed for, given more time, answered, reopened, answered and rated', async t => {
  await walkRequest(await everybody(t, await t.worlds.sqlite(), { width: 360 }))
})

test('the same without JavaScript, at 320 px', async t => {
  const everyone = await everybody(t, await t.worlds.sqlite(), { width: 320, javaScript: false })
  const number = await walkRequest(everyone)
  await everyone.villager.open(number)
  await everyone.villager.checkNoSideScroll()
})

test('the same in large type', async t => {
  const everyone = await everybody(t, await t.worlds.sqlite(), { width: 360 })
  await everyone.villager.page.locator('footer .settings a').first().click()
  await everyone.villager.page.locator('html.elder').waitFor()
  const number = await walkRequest(everyone)
  await everyone.villager.open(number)
  assert.equal(await everyone.villager.page.locator('html.elder').count(), 1, 'large type stays')
})

test('the same on PostgreSQL', async t => {
  await walkRequest(await everybody(t, await t.worlds.postgres(), { width: 360 }))
})

test('a form sent twice files once', async t => {
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  const sent = villager.page.waitForRequest(request => request.method() === 'POST' && request.url().includes('/requests'))
  const number = await villager.file({ ...LAMP, text: '只该收到一次' })
  const post = await sent
  const again = await villager.context.request.post(post.url(), { data: post.postDataBuffer(), maxRedirects: 0,
    headers: { 'Content-Type': await post.headerValue('content-type'), Origin: villager.address } })
  assert.equal(again.status(), 303)
  assert.ok(again.headers().location.includes(number), `the first number again, not ${again.headers().location}`)
  await villager.go('/requests')
  const newest = await villager.page.locator('main table.cards th a').first().innerText()
  assert.equal(newest.trim(), number, 'nothing was filed after it')
})

test('a button pressed twice files once', async t => {
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  const before = (await villager.file({ ...LAMP, text: '先提一件' })).slice(-5)
  await villager.go('/requests/new')
  await villager.fill({ ...LAMP, text: '手抖按了两下' })
  await villager.page.locator('main form button.main').dblclick()
  await villager.page.locator('main .number.huge').waitFor()
  await villager.page.waitForLoadState()
  const number = (await villager.page.locator('main .number.huge').innerText()).trim()
  assert.equal(Number(number.slice(-5)), Number(before) + 1)
  await villager.go('/requests')
  assert.equal((await villager.page.locator('main table.cards th a').first().innerText()).trim(), number)
})

test('a form with a hole comes back with what was typed and says what is missing', async t => {
  const villager = await t.visitor(await t.worlds.sqlite(), { javaScript: false })
  await villager.enter('villager')
  await villager.go('/requests/new')
  await villager.fill({ topic: 'safety', text: '写了半天的话', where: '桥头' })
  await villager.page.locator('main form').evaluate(form => { form.noValidate = true })
  await villager.send()
  await villager.page.locator('main .problems[role=alert]').waitFor()
  assert.equal(await villager.page.locator('[name=text]').inputValue(), '写了半天的话')
  assert.equal(await villager.page.locator('[name=where]').inputValue(), '桥头')
  assert.ok(await villager.page.locator('[name=topic][value=safety]').isChecked())
})

test('a move from a stale tab says so and shows the present state', async t => {
  const { villager, clerk, handler } = await everybody(t, await t.worlds.sqlite(), { width: 1280 })
  const number = await villager.file({ ...LAMP, text: '两个人同时办' })
  await clerk.open(number)
  const stale = await clerk.newTab()
  await stale.goto(clerk.address + `/requests/${number}`)
  await clerk.move('dispatch', { handler: await handler.page.locator('header .who a[href="/sessions"]').evaluate(link => link.firstChild.textContent.trim()) })
  const decline = stale.locator('main details.move:has(button[value=decline])')
  await decline.locator('summary').click()
  await decline.locator('[name=ground]').evaluate(field => field.tagName)
  const first = clerk.page
  clerk.page = stale
  await clerk.fill({ ground: 'already_settled', reason: '以为已经办好了' }, decline)
  const [answer] = await Promise.all([
    stale.waitForResponse(response => response.request().method() === 'POST'),
    decline.locator('button[value=decline]').click(),
  ])
  await stale.waitForLoadState()
  assert.equal(answer.status(), 409)
  assert.ok((await clerk.text()).includes(number), 'the page names the request')
  assert.ok(await stale.locator('main .state').count(), 'and its present state')
  assert.ok((await stale.content()).includes('以为已经办好了'), 'what was typed is still there')
  clerk.page = first
  await clerk.open(number)
  assert.ok(!(await clerk.moves()).includes('decline'))
})

test('the desk filters its list, and a handler\'s list holds nothing of others', async t => {
  const { clerk, handler, villager } = await everybody(t, await t.worlds.sqlite(), { width: 1280 })
  await clerk.go('/requests?state=answered')
  const states = await clerk.page.locator('main table.cards .state').allInnerTexts()
  assert.ok(states.length > 0)
  assert.equal(new Set(states.map(text => text.trim())).size, 1, 'one state only')
  await handler.go('/requests')
  const hrefs = await handler.page.locator('main table.cards th a').evaluateAll(links => links.map(link => link.getAttribute('href')))
  assert.ok(hrefs.length > 0)
  await handler.go(hrefs[0])
  assert.ok(await handler.page.locator('#text-title').count(), 'the handler reads what is listed')
  await villager.go('/inbox', 403)
})
