# What is done on the machine of walk.py, by root, in /srv/keepsake; again after it was booted anew.
# Its steps are the commands under "systemd" in docs/operating.md, each in a file.
set -Eeuo pipefail
trap 'echo "walk: failed: $BASH_COMMAND"; journalctl --no-pager --lines 60 --unit "keepsake*" || true; systemctl poweroff' ERR
export KEEPSAKE_URL=http://127.0.0.1:8000 KEEPSAKE_API_KEY_FILE=/srv/key
keepsake=/opt/keepsake/bin/keepsake

say() { echo "walk: $*"; }

within() {  # SECONDS COMMAND…: until the command succeeds
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ]
        sleep 1
    done
}

is_up() {
    within 120 "$keepsake" status
    systemctl is-active --quiet keepsake.target keepsake-web keepsake-worker@1 keepsake-worker@2
}

is_found() {
    "$keepsake" recall "Where do I live?" --user ana | grep Lisbon >/dev/null
    "$keepsake" search-code walk/tree steps --json | grep walk.py >/dev/null
}

if [ -e /srv/booted ]; then
    is_up
    say "after a boot all units are up by themselves"
    is_found
    say "what was remembered and scanned before is found"
    touch /srv/done
    systemctl poweroff
    exit
fi

say "$(. /etc/os-release && echo "$PRETTY_NAME"), $(systemctl --version | head -1)"

export PIP_NO_INDEX=1 PIP_FIND_LINKS=/srv/wheels
bash -euo pipefail /srv/step-0.sh
unset PIP_NO_INDEX PIP_FIND_LINKS
systemd-analyze verify --man=no keepsake.target keepsake-web.service keepsake-worker@1.service
for unit in keepsake-web keepsake-worker@1; do
    systemd-analyze security --no-pager --threshold=30 "$unit.service" | tail -1
done
say "installed, and systemd takes the units"

# Servers are the operator's: here those of this machine, with a replica set of one member.
within 60 /opt/keepsake/bin/python -c '
from pymongo import MongoClient
admin = MongoClient("127.0.0.1", 27017, directConnection=True).admin
members = [{"_id": 0, "host": "127.0.0.1:27017"}]
admin.command("hello").get("setName") or admin.command("replSetInitiate", {"_id": "rs0", "members": members})'
within 120 rabbitmqctl await_startup
bash -euo pipefail /srv/step-1.sh
echo 'KEEPSAKE_SCAN_PROTOCOLS=["file"]' >/etc/keepsake/keepsake.env
bash -euo pipefail /srv/step-2.sh
bash -euo pipefail /srv/step-3.sh | grep -o 'ksk_[A-Za-z0-9_-]*' | install -m 600 /dev/stdin /srv/key
is_up
say "MongoDB, RabbitMQ, web and workers are up"

"$keepsake" remember "I live in Lisbon." --user ana --wait
say "a turn was accepted and remembered"
bash -euo pipefail /srv/step-4.sh
git init --quiet /srv/walk/tree && cp -r deploy/walk /srv/walk/tree
git -C /srv/walk/tree add . && git -C /srv/walk/tree -c user.name=walk -c user.email=walk@localhost commit --quiet -m walk
chown -R keepsake: /srv/walk
"$keepsake" scan file:///srv/walk/tree --wait
say "a repository was scanned"
is_found
say "both are found"

first=$(systemctl show --property MainPID --value keepsake-worker@1)
kill -KILL "$first"
within 30 sh -c "! systemctl show --property MainPID keepsake-worker@1 | grep -q -e '=$first$' -e '=0$'"
say "a worker that was killed is up again"
touch /srv/booted
systemctl reboot
