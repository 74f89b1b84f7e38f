/** A slow, salted hash for secrets that people choose or that are short. */
export interface PasswordHasher {
  /** A text that holds the algorithm, its costs and the salt (PHC string). */
  hash(secret: string): Promise<string>;
  /** Takes as long whether it answers yes or no. */
  verify(hash: string, secret: string): Promise<boolean>;
}
