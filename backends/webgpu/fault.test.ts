import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { PullbackError } from '../../lib/data/index.js'
import {
  add,
  broadcastTo,
  cos,
  f32,
  fn,
  i32,
  lt,
  matmul,
  mul,
  tanh,
  whileLoop,
} from '../../lib/index.js'
import { compile, run } from '../run.js'
import { openDevice } from './device.js'
import { closed } from './fault.js'
import { testGpu, watchedGpu } from './gpu.fixture.js'
import { makeWebgpu, type WebgpuOptions } from './index.js'

const gpu = await testGpu()

async function opened(options: WebgpuOptions = {}) {
  const { gpu, devices } = await watchedGpu()
  return { backend: await makeWebgpu({ gpu, ...options }), devices }
}

const scaled = fn({ x: f32('n') }, ({ x }) => mul(tanh(x), 2))
const x = Float32Array.of(0, 1, -1)
const right = [...x].map((v) => 2 * Math.tanh(v))

const close = (data: ArrayLike<number>): void =>
  right.forEach((v, i) => {
    expect(data[i]).toBeCloseTo(v, 6)
  })

async function errorOf(promise: Promise<unknown>): Promise<PullbackError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(PullbackError)
  return error as PullbackError // the line above
}

describe('without a device', () => {
  it('says that there is no adapter, and what to install', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU // all that is used
    const error = await errorOf(makeWebgpu({ gpu }))
    expect(error.code).toBe('backend')
    expect(error.message).toContain('no adapter')
    expect(error.message).toContain('VK_ADD_DRIVER_FILES')
  })

  it('says why the adapter gives none', async () => {
    const adapter = { features: new Set(), limits: {}, requestDevice: () => Promise.reject('busy') }
    const gpu = { requestAdapter: async () => adapter } as unknown as GPU // all that is used
    expect((await errorOf(makeWebgpu({ gpu }))).message).toContain('gives no device: busy')
  })
})

describe.skipIf(gpu.absent)(`faults of a device${gpu.why}`, () => {
  it('a lost device takes its arrays with it; the next call opens another', async () => {
    const { backend, devices } = await opened()
    const program = await compile(scaled, { backend })
    const kept = program.resident({ x })
    close((await program.read(kept)).data)
    devices[0]?.destroy()
    const error = await errorOf(program.read(kept))
    expect(error.message).toContain('the device was lost, and the arrays on it with it')
    // Both start before the new device is there, and keep their order and what they were given.
    const given = x.slice()
    const first = program.resident({ x: given })
    given.fill(7)
    const second = program.resident({ x: first })
    close((await program.read(first)).data)
    const twice = (await program.read(second)).data
    expect(twice[1]).toBeCloseTo(2 * Math.tanh(right[1]), 6)
    expect(devices).toHaveLength(2)
    expect(program.describe().compilations).toEqual([
      'first load of the program',
      'the device was lost',
    ])
    // An array of the lost device cannot be an argument either.
    const later = await errorOf((async () => program.read(program.resident({ x: kept })))())
    expect(later.message).toContain('lost')
    await program.release()
    backend.close()
  })

  it('a shortage of memory fails the call that met it, and no other', async () => {
    const { backend, devices } = await opened()
    const program = await compile(scaled, { backend })
    const [device] = devices
    const { pushErrorScope, popErrorScope } = device
    const scopes: GPUErrorFilter[] = []
    device.pushErrorScope = (filter) => {
      scopes.push(filter)
      pushErrorScope.call(device, filter)
    }
    let short = 1
    device.popErrorScope = async () => {
      const isMemory = scopes.pop() === 'out-of-memory'
      const said = await popErrorScope.call(device)
      return isMemory && short-- > 0 ? ({ message: 'no memory' } as GPUError) : said
    }
    const error = await errorOf(program({ x }))
    expect([error.code, error.message]).toEqual([
      'limit',
      expect.stringContaining('the device has no memory for 256 bytes'),
    ])
    close((await program({ x })).data)
    await program.release()
    backend.close()
  })

  it('arrays beyond the limits of the adapter or the option are refused', async () => {
    const { backend } = await opened({ maximumBytes: 1 << 20 })
    const wide = fn({ x: f32('n') }, ({ x }) => tanh(broadcastTo(x, [1 << 19, 'n'])))
    const program = await compile(wide, { backend })
    expect(() => program.resident({ x: Float32Array.of(1) })).toThrow('the option maximumBytes')
    const unbounded = (await opened()).backend
    const other = await compile(wide, { backend: unbounded })
    expect(() => other.resident({ x: new Float32Array(4096) })).toThrow('of this adapter')
    expect((await run(scaled, { x }, { backend })).data).toHaveLength(3)
    unbounded.close()
    backend.close()
  })

  it('commands that the device refuses are told with the program, when results are read', async () => {
    const { backend, devices } = await opened()
    const program = await compile(scaled, { backend })
    const buffers: GPUBuffer[] = []
    const { createBuffer } = devices[0]
    devices[0].createBuffer = (descriptor) => {
      const buffer = createBuffer.call(devices[0], descriptor)
      buffers.push(buffer)
      return buffer
    }
    const bad = backend.place({ dtype: 'f32', shape: [3], data: x })
    buffers[0]?.destroy()
    const error = await errorOf(program.read(program.resident({ x: bad })))
    expect(error.message).toMatch(/program scaled|the device refuses the commands/)
    close((await program({ x })).data)
    backend.close()
  })

  it('a shader that does not compile is told with its kernel and lines', async () => {
    const device = await openDevice({})
    const layout = device.groups.layout({ access: [], uniformBytes: 0 })
    const source = '@compute @workgroup_size(1)\nfn main() {\n  let x: f32 = 1u;\n}\n'
    const error = await errorOf(device.pipelines.open('softmax', source, layout))
    expect(error.code).toBe('compile')
    expect(error.message).toContain('kernel softmax')
    expect(error.message).toContain('> 3 |   let x: f32 = 1u;')
    expect(device.pipelines.count()).toBe(0)
    device.lose(closed())
  })

  it('a loop of kernels that does not end is stopped in time', async () => {
    // Each answer comes far sooner, on a loaded machine too; the loop as a whole does not.
    const { backend, devices } = await opened({ timeout: 2000 })
    const inputs = { i: i32(), w: f32(64, 64) }
    const powers = fn(inputs, ({ i, w }) =>
      whileLoop(
        { i, y: w },
        (c) => lt(c.i, 5),
        (c) => ({ i: add(c.i, 1), y: tanh(matmul(c.y, w)) }),
      ),
    )
    const stuck = fn(inputs, ({ i, w }) =>
      whileLoop(
        { i, y: w },
        (c) => lt(c.i, 5),
        (c) => ({ i: mul(c.i, 1), y: tanh(matmul(c.y, w)) }),
      ),
    )
    const w = { data: new Float32Array(64 * 64), shape: [64, 64] }
    const error = await errorOf(run(stuck, { i: 0, w }, { backend }))
    expect(error.message).toContain('program fn: a loop has not come to its end after 2000 ms')
    const { i } = await run(powers, { i: 0, w }, { backend })
    expect([i.data[0], devices.length]).toEqual([5, 1])
    backend.close()
  })

  it('a kernel that does not end costs the device; the next call opens another', async () => {
    const { backend, devices } = await opened({ timeout: 200 })
    // Ends after some seconds, so that the tests do.
    const long = fn({ x: f32(), n: i32() }, ({ x, n }) =>
      whileLoop(
        { i: mul(n, 0), x },
        ({ i }) => lt(i, n),
        (c) => ({ i: add(c.i, 1), x: cos(c.x) }),
      ),
    )
    const program = await compile(long, { backend })
    expect((await program({ x: 1, n: 2 })).x.data[0]).toBeCloseTo(Math.cos(Math.cos(1)), 6)
    const error = await errorOf(program({ x: 1, n: 30_000_000 }))
    expect(error.message).toContain('program fn: no answer from the device for 200 ms')
    expect(error.message).toMatch(/kernel \S+ has one:\n[^>]*> *\d+ \| *loop \{/)
    expect((await program({ x: 1, n: 2 })).x.data[0]).toBeCloseTo(Math.cos(Math.cos(1)), 6)
    expect(devices).toHaveLength(2)
    backend.close()
  })

  it('an endless kernel keeps no process from its end', { timeout: 120_000 }, async () => {
    const from = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
    const script = `
      const { cos, f32, fn, i32, lt, mul, whileLoop } = await import(${from('../../lib/index.js')})
      const { run } = await import(${from('../run.js')})
      const { makeWebgpu } = await import(${from('./index.js')})
      const backend = await makeWebgpu({ timeout: 500 })
      const loop = fn({ x: f32(), n: i32() }, ({ x, n }) =>
        whileLoop(
          { i: mul(n, 0), x },
          (c) => lt(c.i, n),
          (c) => ({ i: mul(c.i, 1), x: cos(c.x) }),
        ),
      )
      const after = async (n) => (await run(loop, { x: 1, n }, { backend })).x.data[0]
      console.log(await after(1).catch(({ code }) => code), await after(0))
      process.exitCode = 3`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    const [code] = await once(child, 'close')
    expect([said.trim(), code]).toEqual(['backend 1', 3])
  })

  it('a loop in a kernel ends where its steps are bounded', async () => {
    const { backend } = await opened()
    const bounded = fn({ x: f32() }, ({ x }) =>
      whileLoop(x, (y) => lt(y, 1), cos, { maxSteps: 1000 }),
    )
    // From 0 on, cos y goes to 0.739…, below 1.
    expect((await run(bounded, { x: 0.5 }, { backend })).data[0]).toBeCloseTo(0.739085, 5)
    backend.close()
  })
})
