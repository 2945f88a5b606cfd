/**
 * Modules of the sandbox, evaluated in this process as often as one likes.
 *
 * A module system keeps what it has loaded, so a change in a declaration that is read once would
 * need a process of its own. Here files become CommonJS, compiled once and kept; `fresh` evaluates
 * them anew. Packages are loaded once, by Node.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { transformSync } from 'esbuild'

/** What `fresh` gets stands for one package. */
export function modulesOf(root, replaced) {
  const compiled = new Map()
  const packages = createRequire(join(root, 'package.json'))

  function codeOf(file) {
    let code = compiled.get(file)
    if (code === undefined) {
      const { code: text } = transformSync(readFileSync(file, 'utf8'), {
        loader: 'ts',
        format: 'cjs',
        target: 'node20',
        define: { 'import.meta.url': JSON.stringify(String(pathToFileURL(file))) },
      })
      code = vm.compileFunction(text, ['module', 'exports', 'require'], { filename: file })
      compiled.set(file, code)
    }
    return code
  }

  return function fresh(provided) {
    const loaded = new Map()
    return function load(file) {
      const known = loaded.get(file)
      if (known !== undefined) return known.exports
      const module = { exports: {} }
      loaded.set(file, module)
      codeOf(file)(module, module.exports, (name) => {
        if (name === replaced) return provided
        return name.startsWith('.') ? load(sourceAt(join(dirname(file), name))) : packages(name)
      })
      return module.exports
    }
  }
}

/** Imports say `.js`. */
function sourceAt(file) {
  const source = file.replace(/\.js$/, '.ts')
  return existsSync(source) ? source : file
}
