/**
 * jax-js in Chromium, beside ours: a page is built, served and visited, and posts its times.
 *
 * Of a packed bench the page lies beside it; else it is built from the bench's own dependencies.
 * Where there is no Chromium or no jax-js, one line says so.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scale } from '../workload.js'

/** A line of the page: of a workload, or what is wrong; the last one is empty. */
export interface JaxLine {
  readonly name?: string
  /** Results at the tiny size. */
  readonly tiny?: readonly (readonly number[])[]
  readonly jaxJsMs?: number
  readonly jaxJs?: string
}

export interface JaxOptions {
  readonly names: readonly string[]
  readonly scale: Scale
  readonly seconds: number
}

/** Lines in their order, of what was reached in so many seconds. */
export async function linesOfJax(
  options: JaxOptions,
  browsers = usualBrowsers,
): Promise<readonly JaxLine[]> {
  if (options.seconds === 0) return []
  const chromium = browsers.find((path) => existsSync(path))
  if (chromium === undefined) return [absent('no Chromium')]
  const packed = fileURLToPath(new URL('jax-page/', import.meta.url))
  if (existsSync(packed)) return visitPage(packed, chromium, options)
  const script = fileURLToPath(new URL('jax/build.ts', import.meta.url))
  if (!existsSync(script)) return [absent('jax-js was absent when this was packed')]
  const folder = mkdtempSync(join(tmpdir(), 'jax-page-'))
  try {
    const built = spawnSync(process.execPath, [...process.execArgv, script, folder], {
      encoding: 'utf8',
    })
    if (built.status !== 0) return [absent(built.stderr.match(/Error: (.*)/)?.[1] ?? 'no page')]
    return await visitPage(folder, chromium, options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const absent = (why: string): JaxLine => ({ name: 'jax-js', jaxJs: why })

/** Where Debian and others install it. */
export const usualBrowsers: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

/** Serves the page to a browser until it has said all, or ended, or the time is up. */
export async function visitPage(
  folder: string,
  chromium: string,
  { names, scale, seconds }: JaxOptions,
): Promise<readonly JaxLine[]> {
  const lines: JaxLine[] = []
  let finish: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    finish = resolve
  })
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST') {
      let body = ''
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => {
        const line = JSON.parse(body) as JaxLine // as the page writes
        if (line.name === undefined) finish()
        else lines.push(line)
        response.writeHead(204).end()
      })
      return
    }
    const path = join(folder, normalize(decodeURIComponent(pathname)))
    const type = types[extname(path)]
    if (type === undefined || !existsSync(path)) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': type }).end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  const port = typeof place === 'object' && place !== null ? place.port : 0
  const profile = mkdtempSync(join(tmpdir(), 'jax-profile-'))
  const url = `http://127.0.0.1:${port}/index.html?scale=${scale}&only=${names.join(',')}`
  const child = spawn(chromium, [...flags, `--user-data-dir=${profile}`, url], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.on('error', () => resolve())
  })
  const timer = setTimeout(finish, 1000 * seconds)
  try {
    await Promise.race([done, ended])
    return lines.length === 0 ? [absent('the browser said nothing')] : lines
  } finally {
    clearTimeout(timer)
    child.kill()
    await ended
    server.closeAllConnections()
    server.close()
    // The browser's helpers may write there a little longer: what stays is in the system's keeping.
    await rm(profile, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined)
  }
}

const flags = [
  '--headless=new',
  '--no-sandbox',
  // On Linux WebGPU is offered only when asked for.
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
