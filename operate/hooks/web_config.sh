#!/bin/sh
# Writes the address of the service into the built web app: into dist/config.json, and into the content security policy
# of dist/staticwebapp.config.json. web/staticwebapp.config.json is not changed.
set -eu
web=$(cd "$(dirname "$0")/../../web" && pwd)
api=${API_BASE_URL:-}
if [ -z "$api" ]; then
  echo "API_BASE_URL is not set because nothing is provisioned yet. The address is written later."
  exit 0
fi

# The value goes into JSON and into a policy. Only a plain HTTPS origin is accepted, so that it cannot inject either.
case $api in
  https://*[!a-z0-9.:-]* | https:// | https://*..*) api= ;;
  https://*) ;;
  *) api= ;;
esac
[ -n "$api" ] || {
  echo "API_BASE_URL is not an HTTPS origin such as https://func-name.azurewebsites.net." >&2
  exit 1
}

if [ ! -f "$web/dist/index.html" ]; then
  echo "The web app is not built yet. The address is written before the upload."
  exit 0
fi
printf '{ "api": "%s" }\n' "$api" >"$web/dist/config.json"
sed "s|connect-src 'self'|connect-src 'self' $api|" "$web/staticwebapp.config.json" >"$web/dist/staticwebapp.config.json"
grep -q "connect-src 'self' $api" "$web/dist/staticwebapp.config.json" || {
  echo "staticwebapp.config.json does not contain connect-src 'self'. Add it to the content security policy." >&2
  exit 1
}
echo "The web app calls $api."
