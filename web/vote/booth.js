// web/vote/booth.js -- a voter's way: code, choice, look again, seal, send; or open the sealed vote on a second device and seal anew.
// What is secret (code, choice, sealed vote until it is sent) is in variables of this page alone. The code of a one-time slip is in no address.
import { answersChosen, readElection } from './election.js'
import { lookAt } from './credential.js'
import { Problem, list, picture, takeFragment } from './page.js'

const TERMINAL_RESTS = 180000 // milliseconds
const SLIP = 'slip=' // so begins what stands behind # in a slip's square code; a voter's code has no such sign

export async function booth(part, helper) {
  const given = takeFragment()
  if (given.startsWith(SLIP)) return giveSlip(part, given.slice(SLIP.length))
  const slip = part.root.dataset.slip
  const model = slip ? await part.post({ slip }) : await part.model()
  if (!model.may_vote) return part.show(given && model.is_open ? 'later' : 'none') // the page says why
  const vote = { election: readElection(model.election), code: null, choice: null, sealed: null }
  const ready = helper.ask('prepare', { raw: model.election })
  const codes = part.ask(`${part.base}/public_creds.json`).then(found => Array.isArray(found) ? found : null, () => null)
  showQuestions(part, vote.election)
  part.say('title', model.poll.title)
  part.say('number', model.poll.number)

  // --- code ---

  const typed = document.getElementById('vote-code')
  const count = () => part.say('count', part.text('count', lookAt(typed.value).count))
  typed.addEventListener('input', count)
  count()

  async function findCode(text) {
    const { strange, isWhole } = lookAt(text)
    if (strange) throw new Problem('code_strange', strange)
    if (!isWhole) throw new Problem('code_short')
    await ready
    vote.code = await helper.ask('find', { typed: text, list: await codes })
    if (!vote.code) throw new Problem('code_unknown')
  }

  part.actions.submit_code = async () => {
    await findCode(typed.value)
    typed.value = ''
    part.at('code_read').hidden = false
    part.show('choose')
  }

  // --- choice ---

  part.actions.submit_choose = () => {
    vote.choice = readChoice(vote.election)
    showChosen(part, 'chosen', vote)
    part.show('review')
  }
  part.actions.change = () => {
    vote.sealed = null
    part.show('choose')
  }

  // --- seal, send ---

  part.actions.seal = async () => {
    part.show('sealing')
    await ready
    vote.sealed = await helper.ask('seal', { code: vote.code, choice: vote.choice })
    part.root.querySelector('[data-do="audit"]').hidden = false
    part.say('tracker', vote.sealed.tracker)
    showChosen(part, 'sealed_chosen', vote)
    part.show('sealed')
  }

  part.actions.send = async () => {
    const { ballot, tracker } = vote.sealed
    part.root.querySelector('[data-do="audit"]').hidden = true // it may be in though the answer is lost: never to be opened any more
    part.show('sending')
    try {
      await part.post({ ballot, ...(slip ? { slip } : {}) })
    } catch (problem) {
      if (!await isListed(part, tracker)) throw problem // the vote may be in, and the answer lost on its way
    }
    const look = `${part.base}/tracking?tracker=${encodeURIComponent(tracker)}`
    part.say('sent_tracker', tracker)
    part.at('look').href = look
    picture(part.at('sent_picture'), location.origin + look)
    Object.assign(vote, { choice: null, sealed: null })
    clearChoice(part)
    part.show('sent')
  }
  if (slip) shareTerminal(part)

  part.actions.again = () => {
    if (slip) location.replace(part.address) // a shared terminal forgets everything, and the slip is used
    else part.show('choose')
  }

  // --- audit ---

  // Whoever sees the opening could make the ballot again and send it: the server must have said that it takes it no more.
  part.actions.audit = async () => {
    const { opening, tracker } = vote.sealed
    await part.post({ spoil: tracker, ...(slip ? { slip } : {}) })
    vote.sealed = null
    part.say('audit_tracker', tracker)
    part.at('opening').value = opening
    picture(part.at('audit_picture'), `${location.origin}${part.base}/audit#${opening}`)
    part.show('audit')
  }

  if (!given) return part.show('code')
  try {
    await findCode(given)
    part.at('code_read').hidden = false
    part.show('choose')
  } catch (problem) {
    part.show('code')
    part.complain(problem)
  }
}

// As if it had been typed into the page's form.
function giveSlip(part, slip) {
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action: part.address, hidden: true })
  for (const [name, value] of Object.entries({ csrf: part.root.dataset.csrf, slip })) {
    const field = document.createElement('input')
    Object.assign(field, { name, value })
    form.append(field)
  }
  document.body.append(form)
  form.submit()
}

// A terminal that many use forgets everything with each of them, also when somebody walks away.
function shareTerminal(part) {
  let timer
  const rest = () => {
    clearTimeout(timer)
    timer = setTimeout(() => location.replace(part.address), TERMINAL_RESTS)
  }
  for (const kind of ['pointerdown', 'keydown', 'scroll']) window.addEventListener(kind, rest, { passive: true })
  rest()
  part.at('again').textContent = part.text('again')
}

async function isListed(part, tracker) {
  const found = await part.ask(`${part.base}/tracking?tracker=${encodeURIComponent(tracker)}`).catch(() => null)
  return !!found?.found
}

// --- questions ---

const isOne = question => question.max === 1 && (question.min === 1 || question.blank)

function showQuestions(part, election) {
  const place = part.at('questions')
  for (const [at, question] of election.questions.entries()) {
    const field = part.template('question')
    const hint = field.querySelector('.hint')
    field.querySelector('legend').textContent = question.question
    hint.id = `vote-hint-${at}`
    field.setAttribute('aria-describedby', hint.id)
    hint.textContent = isOne(question) ? part.text('choose_one')
      : question.min > 1 ? part.text('choose_from', question.min, question.max) : part.text('choose_some', question.max)
    const labels = [...question.answers, ...(question.blank ? [part.text('blank')] : [])]
    field.querySelector('.tiles').append(...labels.map((label, answer) => {
      const tile = part.template('answer')
      const input = tile.querySelector('input')
      input.type = isOne(question) ? 'radio' : 'checkbox'
      input.name = `q${at}`
      input.value = answer === question.answers.length ? 'blank' : String(answer)
      tile.querySelector('b').textContent = label
      return tile
    }))
    field.addEventListener('change', ({ target }) => {
      if (isOne(question) || !target.checked) return // the blank vote and the others exclude each other
      for (const other of field.querySelectorAll('input')) if ((other.value === 'blank') !== (target.value === 'blank')) other.checked = false
    })
    place.append(field)
  }
}

function readChoice(election) {
  return election.questions.map((question, at) => {
    const chosen = [...document.querySelectorAll(`input[name="q${at}"]:checked`)].map(input => input.value)
    const isBlank = chosen.includes('blank')
    if (!isBlank && chosen.length < question.min) throw new Problem('choice_missing', question.question)
    if (chosen.length > question.max) throw new Problem('choice_many', question.question)
    const bits = question.answers.map((_, answer) => chosen.includes(String(answer)) ? 1 : 0)
    return question.blank ? [isBlank ? 1 : 0, ...bits] : bits
  })
}

function clearChoice(part) {
  for (const input of part.at('questions').querySelectorAll('input')) input.checked = false
}

export function wordsOf(part, question, bits) {
  const answers = answersChosen(question, bits)
  return !answers ? part.text('blank') : answers.length ? answers.join('；') : part.text('none')
}

function showChosen(part, place, vote) {
  list(part.at(place), vote.election.questions.map((question, at) => [question.question, wordsOf(part, question, vote.choice[at])]))
}
