#include "crypto/tls_client.h"

#define ALERT_HANDSHAKE_FAILURE 40 /* RFC 5246, section 7.2 */
#define ALERT_PROTOCOL_VERSION  70
#define ALERT_UNKNOWN_NAME      112 /* RFC 6066, section 3 */

#define NOT_TLS  "the server does not speak TLS 1.2: is the port right?"
#define DAMAGED  "the server's certificate is damaged, or of a kind that is not understood"
#define BROKEN   "the connection was disturbed, or tampered with"
#define VERSION  "the server does not offer TLS 1.2"
#define RULES    "the server broke the rules of TLS"
#define NO_SUITE "the server and this device have no cipher in common"

/* In the order of the numbers, with the least number that each text is for. */
static const struct {
    uint16_t from;
    const char *text;
} reasons[] = {
    {BR_ERR_OK, ""},
    {BR_ERR_BAD_PARAM, "wrong settings: the buffer is too small, or the server's name too long"},
    {BR_ERR_UNSUPPORTED_VERSION, NOT_TLS},
    {BR_ERR_BAD_LENGTH, BROKEN},
    {BR_ERR_TOO_LARGE,
     "the server sends larger pieces than fit the buffer: it needs OTTER_TLS_BUFFER_ANY bytes"},
    {BR_ERR_BAD_MAC, BROKEN},
    {BR_ERR_NO_RANDOM, "there are no random numbers"},
    {BR_ERR_UNKNOWN_TYPE, RULES},
    {BR_ERR_BAD_CIPHER_SUITE, NO_SUITE},
    {BR_ERR_BAD_COMPRESSION, RULES},
    {BR_ERR_BAD_FINISHED, BROKEN},
    {BR_ERR_RESUME_MISMATCH, RULES},
    {BR_ERR_INVALID_ALGORITHM, NO_SUITE},
    {BR_ERR_BAD_SIGNATURE, "the server does not have the key of its certificate"},
    {BR_ERR_WRONG_KEY_USAGE, "the server's certificate is not meant for a server of this kind"},
    {BR_ERR_NO_CLIENT_AUTH, "the server wants a certificate of the device"},
    {BR_ERR_X509_OK, DAMAGED},
    {BR_ERR_X509_EMPTY_CHAIN, "the server sent no certificate"},
    {BR_ERR_X509_INNER_TRUNC, DAMAGED},
    {BR_ERR_X509_BAD_SIGNATURE, "the server's certificate has a wrong signature"},
    {BR_ERR_X509_TIME_UNKNOWN, "the time is not known: set the clock first"},
    {BR_ERR_X509_EXPIRED, "the server's certificate is expired, or not valid yet; or the clock is wrong"},
    {BR_ERR_X509_DN_MISMATCH, "the server's certificates do not belong together"},
    {BR_ERR_X509_BAD_SERVER_NAME, "the server's certificate is for another name"},
    {BR_ERR_X509_CRITICAL_EXTENSION, DAMAGED},
    {BR_ERR_X509_NOT_CA, "the server's certificate was signed by one that may not sign"},
    {BR_ERR_X509_WEAK_PUBLIC_KEY, "the server's key is too weak, or of a kind that is not understood"},
    {BR_ERR_X509_NOT_TRUSTED, "the server's certificate is signed by nobody trusted"},
    {BR_ERR_RECV_FATAL_ALERT, "the server refused the connection"},
    {BR_ERR_RECV_FATAL_ALERT + ALERT_HANDSHAKE_FAILURE,
     "the server and this device have no cipher in common, or the server wants a certificate of the device"},
    {BR_ERR_RECV_FATAL_ALERT + ALERT_HANDSHAKE_FAILURE + 1, "the server refused the connection"},
    {BR_ERR_RECV_FATAL_ALERT + ALERT_PROTOCOL_VERSION, VERSION},
    {BR_ERR_RECV_FATAL_ALERT + ALERT_PROTOCOL_VERSION + 1, "the server refused the connection"},
    {BR_ERR_RECV_FATAL_ALERT + ALERT_UNKNOWN_NAME, "the server does not know the name that it was asked for"},
    {BR_ERR_RECV_FATAL_ALERT + ALERT_UNKNOWN_NAME + 1, "the server refused the connection"},
    {BR_ERR_SEND_FATAL_ALERT, RULES},
    {OTTER_TLS_OTHER_KEY, "the server has another key than the pinned one"},
    {OTTER_TLS_OTHER_CERTIFICATE, "the server has another certificate than the one of the fingerprint"},
};

const char *otter_tls_client_reason(const struct otter_tls_client *client)
{
    const int error = br_ssl_engine_last_error(&client->ssl.eng);
    const char *text = "";
    if (br_ssl_engine_current_state(&client->ssl.eng) == OTTER_TLS_STUCK)
        return RULES;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]) && reasons[i].from <= error; i++)
        text = reasons[i].text;
    return text;
}
