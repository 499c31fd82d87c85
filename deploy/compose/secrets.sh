#!/bin/sh
# secrets.sh [DIRECTORY]: writes the secrets of compose.yaml, as root; those that are there stay.
# Each belongs to the user that reads it: 999 is MongoDB's and RabbitMQ's in their images, 10001 ours.
set -eu
umask 077
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
cd "$directory"

keep() {  # OWNER MODE NAME: what stands on standard input
    cat >".$3.new"
    chown "$1" ".$3.new"
    chmod "$2" ".$3.new"
    mv ".$3.new" "$3"
}

random() {  # NAME: a password that is made once
    [ -e "$1" ] || openssl rand -hex 24 | keep 999:999 400 "$1"
    cat "$1"
}

random mongo-administrator-password >/dev/null
random mongo-monitoring-password >/dev/null
mongo=$(random mongo-keepsake-password)
rabbitmq=$(random rabbitmq-keepsake-password)
operator=$(random rabbitmq-operator-password)
[ -e mongo-keyfile ] || openssl rand -base64 48 | keep 999:999 400 mongo-keyfile
[ -e secret-key ] || openssl rand -base64 32 | keep 0:10001 440 secret-key
[ -e llm-api-key ] || keep 0:10001 440 llm-api-key </dev/null
if [ ! -e mongo-certificate ]; then  # for deploy/compose/tls.yaml: it answers for itself, for ten years
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=mongo \
        -addext subjectAltName=DNS:mongo,DNS:localhost,IP:127.0.0.1 -keyout .key -out .certificate 2>.trouble ||
        { cat .trouble >&2; exit 1; }
    keep 0:0 444 mongo-authority <.certificate
    cat .key .certificate | keep 999:999 400 mongo-certificate
    rm .key .certificate .trouble
fi

url="mongodb://keepsake:$mongo@mongo:27017/?replicaSet=rs0&authSource=admin"
echo "$url" | keep 0:10001 440 mongo-url
echo "$url&tls=true&tlsCAFile=/run/secrets/mongo-authority" | keep 0:10001 440 mongo-tls-url
echo "amqp://keepsake:$rabbitmq@rabbitmq:5672/keepsake" | keep 0:10001 440 amqp-url
echo "http://operator:$operator@rabbitmq:15672" | keep 0:10001 440 management-url
# The users and rights of the private node of `make run`: one for Keepsake, one for people.
keep 999:999 400 rabbitmq-definitions.json <<END
{
  "vhosts": [{"name": "keepsake"}],
  "users": [
    {"name": "keepsake", "password": "$rabbitmq", "tags": ""},
    {"name": "operator", "password": "$operator", "tags": "monitoring"}
  ],
  "permissions": [
    {"user": "keepsake", "vhost": "keepsake",
     "configure": "^keepsake\\\\.", "write": "^(amq\\\\.default|keepsake\\\\..*)\$", "read": "^keepsake\\\\."},
    {"user": "operator", "vhost": "keepsake", "configure": "^\$", "write": "^\$", "read": "^\$"}
  ]
}
END
