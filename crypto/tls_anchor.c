/* Trust in whoever was certified by an authority: BearSSL's own validation of chains. */
#include "crypto/certificate.h"
#include "crypto/tls_client.h"

#define DAYS_TO_1970    719528u /* from the year 0, as BearSSL counts */
#define SECONDS_PER_DAY 86400u

bool otter_tls_anchor_decode(br_x509_trust_anchor *anchor, const void *der, size_t size)
{
    struct otter_certificate certificate;
    if (!otter_certificate_decode(&certificate, der, size) || certificate.size != size)
        return false;
    anchor->dn =
        (br_x500_name){.data = (unsigned char *)certificate.subject, .len = certificate.subject_size};
    anchor->flags = certificate.authority ? BR_X509_TA_CA : 0;
    return otter_public_key_decode(&anchor->pkey, certificate.key, certificate.key_size);
}

static void add_hash(struct otter_tls_client *client, int id, const br_hash_class *hash)
{
    br_ssl_engine_set_hash(&client->ssl.eng, id, hash); /* servers choose their chain by what is known here */
    br_x509_minimal_set_hash(&client->trust.chain, id, hash);
}

void otter_tls_client_trust_anchors(struct otter_tls_client *client, const br_x509_trust_anchor *anchors,
                                    size_t count, uint64_t utc)
{
    br_x509_minimal_context *chain = &client->trust.chain;
    br_x509_minimal_init(chain, &br_sha256_vtable, anchors, count);
    br_x509_minimal_set_rsa(chain, br_rsa_i15_pkcs1_vrfy);
    br_x509_minimal_set_ecdsa(chain, &br_ec_all_m15, br_ecdsa_i15_vrfy_asn1);
    br_x509_minimal_set_minrsa(chain, OTTER_RSA_MIN_SIZE);
    br_x509_minimal_set_time(chain, (uint32_t)(utc / SECONDS_PER_DAY) + DAYS_TO_1970,
                             (uint32_t)(utc % SECONDS_PER_DAY));
    add_hash(client, br_sha256_ID, &br_sha256_vtable);
    add_hash(client, br_sha384_ID, &br_sha384_vtable);
    add_hash(client, br_sha512_ID, &br_sha512_vtable);
    br_ssl_engine_set_x509(&client->ssl.eng, &chain->vtable);
}
