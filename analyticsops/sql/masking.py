"""Functions from whose result their argument cannot be read: hashes, redactions, counts."""

from __future__ import annotations

from sqlglot import exp

from analyticsops.sql.syntax import kinds

COUNTS = kinds("Count", "CountIf", "ApproxDistinct", "Hll")
"""They say how many values there are, and nothing of a single one."""

HASHES = kinds(
    "CityHash64",
    "Encrypt",
    "EncryptRaw",
    "FarmFingerprint",
    "HashAgg",
    "MD5",
    "MD5Digest",
    "MD5NumberLower64",
    "MD5NumberUpper64",
    "SHA",
    "SHA1Digest",
    "SHA2",
    "SHA2Digest",
    "StandardHash",
)
"""Hashes that sqlglot knows."""

_NAMES = frozenset(
    {
        *("aes_encrypt", "anon", "bit_xxhash", "checksum", "crc32", "digest", "encrypt"),
        *("fnv_hash", "hash", "hashbytes", "halfmd5", "hmac", "hmac_sha256", "hmac_sha512"),
        *("mask", "mask_hash", "mask_show_first_n", "mask_show_last_n", "md5_hex", "md5_binary"),
        *("murmur3", "murmurhash2_64", "murmurhash3_32", "murmurhash3_64", "murmurhash3_128"),
        *("sha1_hex", "sha1_binary", "sha2_hex", "sha2_binary", "sha224", "sha256", "sha384"),
        *("sha512", "siphash64", "spooky_hash_v2_64", "xxhash32", "xxhash64", "xxh3", "xxh64"),
        *("sha1", "sha", "sha2", "md5", "farm_fingerprint", "farmfingerprint64", "cityhash64"),
        *("deterministic_encrypt", "inthash32", "inthash64", "func_sha1", "hashtext"),
        *("hashtextextended", "crypt", "pgp_pub_encrypt", "pgp_sym_encrypt", "encryptbycert"),
        *("encryptbykey", "encryptbypassphrase", "binary_checksum"),
    }
)
"""Names of functions that sqlglot does not know, over all dialects, lower case."""


def is_mask(call: exp.Anonymous) -> bool:
    """True for a call of a hash, an encryption or a redaction that sqlglot does not know."""
    return str(call.this).lower() in _NAMES


_COUNTING = frozenset(
    {
        *("count", "countdistinct", "uniq", "uniqcombined", "uniqcombined64", "uniqexact"),
        *("uniqhll12", "uniqtheta", "uniqupto"),
    }
)


def is_count(name: str) -> bool:
    """True for ClickHouse's names of functions that count, combinators included."""
    plain = name.lower()
    for combinator in ("ornull", "ordefault", "if", "merge"):
        plain = plain.removesuffix(combinator)
    return plain in _COUNTING
