// modelmerit: leaves a note when a sub-agent has ended or the human has spoken, for the servers to look.
// A note holds ids and paths, never texts. Nothing in here can stop or slow OpenCode: a fault is one line in a log.

import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs"

const HOME = null;
const LARGEST_LOG = 64 * 1024
const LONGEST_ID = 200

const env = process.env

function dataFolder() {
  const named = env.XDG_DATA_HOME
  return named && named.startsWith("/") ? named : `${env.HOME}/.local/share`
}

function home() {
  const named = HOME || env.MODELMERIT_HOME
  if (named) return named.startsWith("~/") ? `${env.HOME}${named.slice(1)}` : named
  const mac = process.platform === "darwin" && !(env.XDG_DATA_HOME || "").startsWith("/")
  return `${mac ? `${env.HOME}/Library/Application Support` : dataFolder()}/modelmerit`
}

// Where OpenCode keeps its sessions; a build of another release channel has a store of its own.
function store() {
  const folder = `${dataFolder()}/opencode`
  const named = env.OPENCODE_DB
  if (named) return named.startsWith("/") ? named : `${folder}/${named}`
  const usual = `${folder}/opencode.db`
  if (existsSync(usual)) return usual
  const others = readdirSync(folder).filter((name) => /^opencode-.*\.db$/.test(name))
  const newest = others.sort((a, b) => statSync(`${folder}/${b}`).mtimeMs - statSync(`${folder}/${a}`).mtimeMs)[0]
  return newest && `${folder}/${newest}`
}

function noteFault(error) {
  try {
    const log = `${home()}/hook-faults.log`
    if (existsSync(log) && statSync(log).size > LARGEST_LOG) renameSync(log, `${log}.1`)
    const at = new Date().toISOString().replace(/\.\d+Z$/, "Z")
    appendFileSync(log, `${at} opencode: ${error?.code || error?.name || "fault"}\n`, { mode: 0o600 })
  } catch {
    // Where it cannot be told, it is still no reason to fail.
  }
}

let notes = 0

function spool(event, ids) {
  const folder = `${home()}/spool`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const now = Date.now()
  const note = { v: 1, client: "opencode", event, at: now / 1000, ...ids, store: store() }
  // The count keeps two notes of one millisecond apart, and in order.
  const name = `${BigInt(now) * 1000000n + BigInt(notes++ % 1000000)}-${process.pid}.json`
  writeFileSync(`${folder}/.${name}`, JSON.stringify(note), { mode: 0o600, flag: "wx" })
  renameSync(`${folder}/.${name}`, `${folder}/${name}`)
}

const isId = (value) => typeof value === "string" && value.length > 0 && value.length <= LONGEST_ID

export const Modelmerit = async ({ directory }) => {
  const parents = new Map()
  const callers = new Set()

  function learn(session) {
    if (!isId(session?.id) || !isId(session.parentID)) return
    parents.set(session.id, session.parentID)
    callers.add(session.parentID)
  }

  function note(event, sessionID) {
    const parent = parents.get(sessionID)
    spool(event, { session_id: sessionID, ...(parent && { parent_id: parent }), cwd: directory })
  }

  return {
    event: async ({ event }) => {
      try {
        const about = event.properties
        if (event.type === "session.created" || event.type === "session.updated") learn(about.info)
        if (event.type !== "session.idle" && event.type !== "session.error") return
        // A session that called agents may have run the tests on their work.
        const id = about.sessionID
        if (isId(id) && (parents.has(id) || callers.has(id))) note(event.type, id)
      } catch (error) {
        noteFault(error)
      }
    },
    "chat.message": async ({ sessionID }) => {
      try {
        if (isId(sessionID) && !parents.has(sessionID)) note("chat.message", sessionID)
      } catch (error) {
        noteFault(error)
      }
    },
  }
}
