#!/bin/sh
# certificates.sh FOLDER: the authorities and servers that certificates.h lists.
set -e
cd "$1"
exec 2>openssl.log
ec='ec -pkeyopt ec_paramgen_curve:P-256'
p384='ec -pkeyopt ec_paramgen_curve:P-384'

# authority NAME KEY SUBJECT [OPTION...]
authority() {
    name=$1 key=$2 subject=$3
    shift 3
    openssl req -x509 -nodes -newkey $key -keyout $name.key -out $name.pem -subj "/CN=$subject" -days 30 "$@"
}

# request NAME KEY [DNS-NAME]
request() {
    openssl req -new -nodes -newkey $2 -keyout $1.key -out $1.csr -subj /CN=server
    echo "subjectAltName=DNS:${3:-otter.test,DNS:localhost}" >$1.ext
}

# sign NAME AUTHORITY [OPTION...]
sign() {
    name=$1 by=$2
    shift 2
    openssl x509 -req -in $name.csr -CA $by.pem -CAkey $by.key -CAcreateserial -out $name.pem -extfile $name.ext \
        -days 30 "$@"
}

# sign_dated NAME START END: by `ca`; this openssl's x509 cannot set dates.
sign_dated() {
    : >index.txt
    openssl ca -batch -config ca.cnf -name ca -in $1.csr -out $1.pem -extfile $1.ext -startdate $2 -enddate $3 -notext
}

mkdir signed
cat >ca.cnf <<'TEXT'
[ca]
database=index.txt
new_certs_dir=signed
rand_serial=yes
certificate=ca.pem
private_key=ca.key
default_md=sha256
policy=any
[any]
commonName=supplied
TEXT

authority ca "$ec" 'Otter Authority'
authority ca-rsa rsa:2048 'Otter RSA Authority'
authority ca-p384 "$p384" 'Otter P-384 Authority' -sha384
authority ca-false "$ec" 'Otter Authority'
authority ca-weak rsa:1024 'Otter weak Authority'
authority self "$ec" server -addext subjectAltName=DNS:otter.test,DNS:localhost -addext basicConstraints=CA:FALSE

request ec "$ec" && sign ec ca
request rsa rsa:2048 && sign rsa ca-rsa
request p384 "$p384" && sign p384 ca-p384 -sha384
request wildcard "$ec" '*.otter.test' && sign wildcard ca
request other "$ec" other.test && sign other ca
request weak rsa:1024 && sign weak ca
request expired "$ec" && sign_dated expired 20200101000000Z 20200201000000Z
request future "$ec" && sign_dated future 20900101000000Z 20900201000000Z

request middle "$ec"
echo 'basicConstraints=critical,CA:TRUE' >middle.ext
sign middle ca
request chain-cut "$ec" && sign chain-cut middle
cp chain-cut.key chain.key
cp middle.pem chain.chain
cat chain-cut.pem chain.chain >chain.pem
request chain-leaf "$ec" && sign chain-leaf ec
cp ec.pem chain-leaf.chain
cat chain-leaf.chain >>chain-leaf.pem

for suffix in key csr ext; do cp ec.$suffix renewed.$suffix; done
sign renewed ca

for pem in *.pem; do
    name=${pem%.pem}
    openssl x509 -in $pem -outform der -out $name.der
    [ ! -f $name.key ] || openssl pkey -in $name.key -outform der -out $name.key.der
    openssl x509 -in $pem -pubkey -noout | openssl pkey -pubin -outform der | openssl sha256 -r | cut -c1-64 >$name.pin
    openssl x509 -in $pem -noout -fingerprint -sha256 | sed 's/.*=//' >$name.fingerprint
done
