/* Certificates and keys, made by openssl when a test needs them: NAME.pem, NAME.key and NAME.der in the
 * folder of its scene; in NAME.chain what a server sends beside its own certificate. Servers are called
 * otter.test. */
#ifndef OTTER_TEST_CERTIFICATES_H
#define OTTER_TEST_CERTIFICATES_H

#include "tests/support/file.h"
#include "tests/support/scene.h"

/* Authorities:
 *   ca         P-256
 *   ca-rsa     RSA 2048
 *   ca-p384    P-384, signs with SHA-384
 *   ca-false   another one with the name of `ca`
 *   ca-weak    RSA 1024
 * Servers; NAME.pem holds the whole of what they send:
 *   ec, rsa, p384   signed by the authority of that kind
 *   self            signed by itself
 *   chain           by an intermediate authority that `ca` signed
 *   chain-cut       the same without the intermediate
 *   chain-leaf      by `ec`, which may not sign
 *   wildcard        for *.otter.test
 *   other           for other.test
 *   expired, future by `ca`
 *   weak            RSA 1024, by `ca`
 *   renewed         another certificate with the key of `ec` */
void certificates_make(const struct scene *scene);

/* NAME.der, to be freed. */
struct file certificates_read(const struct scene *scene, const char *name);

/* 64 digits: SHA-256 of NAME's SubjectPublicKeyInfo; of its certificate, as openssl prints it, with colons.
 */
void certificates_key(const struct scene *scene, const char *name, char out[65]);
void certificates_fingerprint(const struct scene *scene, const char *name, char out[96]);

#endif
