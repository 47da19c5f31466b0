#!/bin/sh
# Generates the keys of the service that are missing from its key vault. A key is never shown, put on a command line or
# replaced: a new value would lock everybody out (docs/decisions/0010). The hook reads names of secrets, never values.
set -eu
umask 077

vault=${AZURE_KEY_VAULT_NAME:?set by azd: run this script as an azd hook, or export the variable}
command -v az >/dev/null || {
  echo "The Azure CLI is needed to write the keys. Install az, sign in (az login), and run azd provision again." >&2
  exit 1
}

# A new role assignment can take some minutes to take effect.
tries=0
until present=$(az keyvault secret list --vault-name "$vault" --query "[].name" --output tsv); do
  tries=$((tries + 1))
  if [ "$tries" -ge "${SESAME_HOOK_TRIES:-20}" ]; then
    echo "Cannot list the secrets of the key vault $vault. Check that az and azd are signed in with the same account, then run azd provision again." >&2
    exit 1
  fi
  sleep "${SESAME_HOOK_PAUSE:-15}"
done

drawn=0
file=$(mktemp)
trap 'rm -f "$file"' EXIT
trap 'exit 130' INT TERM

# draw NAME VERSION: writes 32 random bytes from the kernel in base64, prefixed with "VERSION:" unless VERSION is empty.
draw() {
  case "
$present
" in *"
$1
"*) return 0 ;;
  esac
  # printf is a shell builtin, so the key does not appear in the process list.
  printf '%s%s' "${2:+$2:}" "$(head -c 32 /dev/urandom | base64 | tr -d '\n')" >"$file"
  [ "$(wc -c <"$file")" -eq $((44 + ${#2} + (${#2} > 0))) ] || {
    echo "Could not read 32 random bytes from /dev/urandom." >&2
    exit 1
  }
  az keyvault secret set --vault-name "$vault" --name "$1" --file "$file" --encoding utf-8 --output none
  echo "Key generated: $1"
  drawn=$((drawn + 1))
}

draw sesame-index-key ""
draw sesame-code-keys 1
draw sesame-token-keys 1
draw sesame-seal-keys 1
draw sesame-peppers 1

if [ "$drawn" -gt 0 ]; then
  # The app started before its keys existed. A restart makes it read them.
  az functionapp restart --name "$AZURE_FUNCTION_APP_NAME" --resource-group "$AZURE_RESOURCE_GROUP" --output none ||
    echo "The restart failed. Restart the function app $AZURE_FUNCTION_APP_NAME, so that it reads its keys." >&2
else
  echo "All keys exist. Nothing was changed."
fi
