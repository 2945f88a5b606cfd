/**
 * Builds the page twice, each a folder that any web server can serve as it is.
 *
 *   bundle   one script, by vite
 *   plain    the modules as the compiler emits them, found through an import map
 *
 * Case files are copied to `cases/` of either, with a list of their names.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** The page as one script, in `out`. */
export async function bundle(out: string, cases: readonly string[]): Promise<void> {
  await build({
    root: here,
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: { outDir: out, emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 2000 },
  })
  copyCases(out, cases)
}

/** The page over the modules of the package, in `out`. */
export function plain(out: string, cases: readonly string[]): void {
  rmSync(out, { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['-p', join(here, 'tsconfig.json'), '--outDir', out]
  execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' })
  cpSync(join(root, 'node_modules/effect/dist'), join(out, 'effect'), {
    recursive: true,
    filter: (path) => !/\.(d\.ts|map)$/.test(path),
  })
  const page = readFileSync(join(here, 'index.html'), 'utf8')
    .replace('<!-- imports -->', importMap(out))
    .replace('./page.ts', './examples/browser/page.js')
  writeFileSync(join(out, 'index.html'), page)
  copyCases(out, cases)
}

/** Every module of effect that the emitted ones import, by name and address. */
function importMap(out: string): string {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js') && !path.startsWith('effect'))
    .flatMap((path) => [
      ...readFileSync(join(out, path), 'utf8').matchAll(/ from '(effect\/\w+)'/g),
    ])
    .map(([, name]) => name)
  const imports = Object.fromEntries([...new Set(names)].map((name) => [name, `./${name}.js`]))
  return `<script type="importmap">${JSON.stringify({ imports })}</script>`
}

function copyCases(out: string, cases: readonly string[]): void {
  const folder = join(out, 'cases')
  mkdirSync(folder, { recursive: true })
  for (const path of cases) cpSync(path, join(folder, basename(path)))
  writeFileSync(join(folder, 'index.json'), JSON.stringify(cases.map((path) => basename(path))))
}
