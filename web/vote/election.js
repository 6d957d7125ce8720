// web/vote/election.js -- an election as it is served: the raw text counts, byte for byte; what a voter may choose in it.
import { base64Of, hashOf } from './bytes.js'
import { groupOf } from './group.js'

// {raw, fingerprint, uuid, group, key, questions: [{question, answers, blank, min, max}]}; throws when this program can't vote in it
export function readElection(raw) {
  const said = JSON.parse(raw)
  if (said.version !== 1 || typeof said.uuid !== 'string' || !Array.isArray(said.questions)) throw new Error('not an election')
  const questions = said.questions.map(one => {
    const { question, answers, min, max, blank = false } = one
    const isSound = !('type' in one) && Array.isArray(answers) && answers.length > 0 && Number.isInteger(min) && Number.isInteger(max) &&
      0 <= min && min <= max && max <= answers.length && typeof blank === 'boolean'
    if (!isSound) throw new Error('unsupported question')
    return { question, answers, blank, min, max }
  })
  const group = groupOf(said.group), key = group.decode(said.public_key)
  if (group.equal(key, group.neutral)) throw new Error('a key that seals nothing')
  return { raw, fingerprint: base64Of(hashOf(raw)), uuid: said.uuid, group, key, questions }
}

// Is CHOICE (one array of 0 and 1 for each question; the blank vote in front where there is one) one that may be made?
export function mayChoose(election, choice) {
  return choice.length === election.questions.length && election.questions.every((question, at) => {
    const bits = choice[at]
    if (bits.length !== question.answers.length + (question.blank ? 1 : 0) || bits.some(bit => bit !== 0 && bit !== 1)) return false
    const blank = question.blank && bits[0] === 1
    const sum = bits.slice(question.blank ? 1 : 0).reduce((all, bit) => all + bit, 0)
    return blank ? sum === 0 : question.min <= sum && sum <= question.max
  })
}

// The answers chosen of QUESTION, in words; null for the blank vote.
export function answersChosen(question, bits) {
  if (question.blank && bits[0] === 1) return null
  const own = question.blank ? bits.slice(1) : bits
  return question.answers.filter((_, at) => own[at] === 1)
}
