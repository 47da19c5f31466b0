#!/bin/sh
# Tells the built pages where the service is: dist/config.json, and the one address that their content security policy
# lets them call. web/staticwebapp.config.json itself stays as it is.
set -eu
web=$(cd "$(dirname "$0")/../web" && pwd)
api=${API_BASE_URL:-}
if [ -z "$api" ]; then
  echo "Nothing is provisioned yet: the pages are told later where the service is."
  exit 0
fi

# It goes into JSON and into a policy: an origin, and nothing else.
case $api in
  https://*[!a-z0-9.:-]* | https:// | https://*..*) api= ;;
  https://*) ;;
  *) api= ;;
esac
[ -n "$api" ] || {
  echo "API_BASE_URL is no https origin." >&2
  exit 1
}

if [ ! -f "$web/dist/index.html" ]; then
  echo "The pages are not built yet; they are told before they are uploaded."
  exit 0
fi
printf '{ "api": "%s" }\n' "$api" >"$web/dist/config.json"
sed "s|connect-src 'self'|connect-src 'self' $api|" "$web/staticwebapp.config.json" >"$web/dist/staticwebapp.config.json"
grep -q "connect-src 'self' $api" "$web/dist/staticwebapp.config.json" || {
  echo "staticwebapp.config.json has no connect-src 'self' to extend." >&2
  exit 1
}
echo "The pages call $api."
