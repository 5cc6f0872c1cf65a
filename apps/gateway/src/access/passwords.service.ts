import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

/** OWASP’s parameters for argon2id: 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Passwords as argon2id hashes (ACC-4). */
@Injectable()
export class PasswordsService {
  private readonly nobody = hash('nobody has this password', COST);

  hash(password: string) {
    return hash(password, COST);
  }

  /** Where there is no hash, the same work is done against nobody’s: the time tells nothing about who exists. */
  async fits(password: string, stored: string | undefined): Promise<boolean> {
    const fits = await verify(stored ?? (await this.nobody), password);
    return fits && stored !== undefined;
  }
}
