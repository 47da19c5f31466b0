/** Tries the numbers in order until the derived key begins as the challenge asks. In a worker, so that the page stays usable. */
import { argon2id } from "hash-wasm";
import type { BotCheckChallenge, Said } from "./challenge";

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const say = (said: Said) => postMessage(said);

onmessage = async ({ data }: MessageEvent<BotCheckChallenge>) => {
  const { nonce, salt, cost, keyLength, keyPrefix, memoryCost, parallelism, data: extra } = data.parameters;
  const head = bytes(nonce);
  const password = new Uint8Array(head.length + 4);
  password.set(head);
  for (let counter = 0; counter < extra.tries; counter += 1) {
    new DataView(password.buffer).setUint32(head.length, counter);
    const derivedKey = await argon2id({
      password,
      salt: bytes(salt),
      iterations: cost,
      memorySize: memoryCost,
      parallelism,
      hashLength: keyLength,
      outputType: "hex",
    });
    if (derivedKey.startsWith(keyPrefix)) return say({ counter, derivedKey });
    say({ tried: counter + 1 });
  }
  throw new Error("no number solves this challenge");
};
