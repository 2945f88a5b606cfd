/**
 * Visits a built page with headless Chromium and reads its table.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { chromium } from 'playwright-core'

export interface Visit {
  /** `done`, or `broken` where the page could not run. */
  readonly state: string
  readonly title: string
  /** The page's own sentence: the count, or what is wrong. */
  readonly sentence: string
  /** The cells of each row. */
  readonly rows: readonly (readonly string[])[]
  readonly faults: string
  /** What the browser logged as errors. */
  readonly errors: readonly string[]
}

/** Where Debian and others install it. */
export const chromiumPath: string | undefined = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path))

const quiet = [
  '--no-sandbox',
  // Chromium on Linux offers WebGPU only when asked; without a GPU it runs on SwiftShader.
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface VisitOptions {
  readonly query?: string
  /** Where to put a picture of the page. */
  readonly screenshot?: string
  readonly timeout?: number
}

/** Serves a folder, opens its page, and waits for it to finish. */
export async function visit(
  folder: string,
  executablePath: string,
  { query = '', screenshot, timeout = 60_000 }: VisitOptions = {},
): Promise<Visit> {
  const { server, address } = await serve(folder)
  const browser = await chromium.launch({ executablePath, headless: true, args: quiet })
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    await page.goto(`${address}/index.html${query}`)
    await page
      .waitForSelector('body:not([data-state="running"])', { timeout })
      .catch(() => errors.push(`not done after ${timeout} ms`))
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true })
    const [title, state, sentence, faults, cells] = await Promise.all([
      page.textContent('#title'),
      page.getAttribute('body', 'data-state'),
      page.textContent('#state'),
      page.textContent('#faults'),
      page.$$eval('#rows tr', (rows) =>
        rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
      ),
    ])
    return {
      title: title ?? '',
      state: state ?? '',
      sentence: sentence ?? '',
      rows: cells,
      faults: faults ?? '',
      errors,
    }
  } finally {
    await browser.close()
    server.close()
  }
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
}

/** What a page must be served with for its threads to share memory. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/** A web server for one folder, on a port of its own. */
function serve(folder: string): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = join(folder, normalize(decodeURIComponent(pathname)))
    const type = types[extname(path)]
    if (type === undefined || !existsSync(path)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': type, ...isolation }).end(readFileSync(path))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const place = server.address()
      const port = typeof place === 'object' && place !== null ? place.port : 0
      resolve({ server, address: `http://127.0.0.1:${port}` })
    })
  })
}
