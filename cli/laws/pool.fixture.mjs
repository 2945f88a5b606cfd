/** Answers as a worker does; of its laws one holds, one never ends and one ends the process. */
process.on('message', ({ tag, group, at, options }) => {
  if (tag === 'open') {
    process.send(
      group === 'none'
        ? { tag: 'absent', why: 'there is no adapter' }
        : { tag: 'opened', laws: ['holds', 'never ends', 'dies'] },
    )
    return
  }
  if (at === 2) process.exit(9)
  if (at === 1) {
    process.send({ tag: 'input', runs: 5 })
    return
  }
  process.send({ tag: 'examined', runs: options.runs, decided: options.runs, seconds: 0 })
})
