/** Sizes of GGUF's values of a fixed size, by the number of their type. */
const SIZES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 }
const TEXT = 8
const ARRAY = 9
const ALIGNMENT = 32

const textOf = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([length, bytes])
}

/** The same model with other texts in its header. @param texts By key; those that it has not are added. */
export function retold(file: Buffer, texts: Readonly<Record<string, string>>): Buffer {
  let at = 8
  const long = (): number => Number(file.readBigUInt64LE((at += 8) - 8))
  const word = (): number => file.readUInt32LE((at += 4) - 4)
  const text = (): string => {
    const length = long()
    return file.toString('utf8', at, (at += length))
  }
  const skip = (type: number): void => {
    if (type === TEXT) void text()
    else if (type === ARRAY) {
      const of = word()
      for (let left = long(); left > 0; left--) skip(of)
    } else at += SIZES[type]!
  }

  const tensors = long()
  const facts: Buffer[] = []
  const left = new Map(Object.entries(texts))
  for (let many = long(); many > 0; many--) {
    const from = at
    const key = text()
    const type = word()
    const value = at
    skip(type)
    const other = type === TEXT ? left.get(key) : undefined
    facts.push(other === undefined ? file.subarray(from, at) : Buffer.concat([file.subarray(from, value), textOf(other)]))
    if (other !== undefined) left.delete(key)
  }
  const kind = Buffer.from([TEXT, 0, 0, 0])
  for (const [key, value] of left) facts.push(Buffer.concat([textOf(key), kind, textOf(value)]))

  const infos = at
  for (let many = tensors; many > 0; many--) {
    void text()
    const dimensions = word()
    at += dimensions * 8 + 4 + 8
  }
  const head = Buffer.alloc(16)
  head.writeBigUInt64LE(BigInt(tensors))
  head.writeBigUInt64LE(BigInt(facts.length), 8)
  const header = Buffer.concat([file.subarray(0, 8), head, ...facts, file.subarray(infos, at)])
  return Buffer.concat([header, Buffer.alloc(-header.length & (ALIGNMENT - 1)), file.subarray(at + (-at & (ALIGNMENT - 1)))])
}
