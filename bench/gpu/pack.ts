/**
 * The GPU bench as a folder that runs by itself: `node gpu.js`, on a machine with Node and a GPU.
 *
 *   npx tsx bench/gpu/pack.ts FOLDER    →    gpu.js, torch_times.py, jax-page, node_modules/webgpu
 *
 * One script holds this project and its dependencies; of the package `webgpu` comes what this
 * platform loads. The page of jax-js is there if the bench's own dependencies are installed. The
 * folder packs into an archive as it is.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'
import { buildJaxPage, hasJax } from './jax/build.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

export async function packGpuBench(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: join(root, 'bench/gpu.ts'),
      outDir: folder,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: { output: { codeSplitting: false, entryFileNames: 'gpu.js' } },
    },
  })
  if (hasJax()) await buildJaxPage(join(folder, 'jax-page'))
  cpSync(join(root, 'bench/gpu/torch_times.py'), join(folder, 'torch_times.py'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  const [from, to] = [root, folder].map((place) => join(place, 'node_modules/webgpu'))
  const system = `dist/${process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`}`
  mkdirSync(join(to, 'dist'), { recursive: true })
  for (const part of ['package.json', 'index.js', system]) {
    cpSync(join(from, part), join(to, part), { recursive: true })
  }
}

const [, script, folder] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  if (folder === undefined) throw new Error('npx tsx bench/gpu/pack.ts FOLDER')
  await packGpuBench(resolve(folder))
}
