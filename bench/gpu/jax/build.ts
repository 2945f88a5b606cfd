/**
 * The page of jax-js as a folder that any web server can serve.
 *
 *   npx tsx bench/gpu/jax/build.ts FOLDER
 */
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

/** Whether the bench's own dependencies are installed. */
export const hasJax = (): boolean =>
  existsSync(fileURLToPath(new URL('../../node_modules/@jax-js/jax', import.meta.url)))

export async function buildJaxPage(folder: string): Promise<void> {
  await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 4000 },
  })
}

const [, script, folder] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  if (folder === undefined) throw new Error('npx tsx bench/gpu/jax/build.ts FOLDER')
  if (!hasJax()) throw new Error('jax-js is absent: npm ci --prefix bench')
  await buildJaxPage(folder)
}
