#!/bin/sh
# Draws the keys of the service into its vault, each once. A key is never shown, never put on a command line, and never
# drawn anew: whoever replaces one locks everybody out (docs/decisions/0010). Names are asked for, values never.
set -eu
umask 077

vault=${AZURE_KEY_VAULT_NAME:?azd sets it: run this as a hook of azd, or export it}
command -v az >/dev/null || {
  echo "The keys are drawn with the Azure CLI: install az, sign in (az login), and run azd provision again." >&2
  exit 1
}

# A right that was given a moment ago may take minutes to hold.
tries=0
until present=$(az keyvault secret list --vault-name "$vault" --query "[].name" --output tsv); do
  tries=$((tries + 1))
  if [ "$tries" -ge "${SESAME_HOOK_TRIES:-20}" ]; then
    echo "The vault $vault does not answer. Are you signed in to az as whoever runs azd?" >&2
    exit 1
  fi
  sleep "${SESAME_HOOK_PAUSE:-15}"
done

drawn=0
file=$(mktemp)
trap 'rm -f "$file"' EXIT
trap 'exit 130' INT TERM

# draw NAME VERSION: 32 bytes of the kernel's generator, in base64, after "VERSION:" if there is one.
draw() {
  case "
$present
" in *"
$1
"*) return 0 ;;
  esac
  # printf belongs to the shell, so that the key is in no list of processes.
  printf '%s%s' "${2:+$2:}" "$(head -c 32 /dev/urandom | base64 | tr -d '\n')" >"$file"
  [ "$(wc -c <"$file")" -eq $((44 + ${#2} + (${#2} > 0))) ] || {
    echo "No 32 random bytes could be drawn." >&2
    exit 1
  }
  az keyvault secret set --vault-name "$vault" --name "$1" --file "$file" --encoding utf-8 --output none
  echo "drawn: $1"
  drawn=$((drawn + 1))
}

draw sesame-index-key ""
draw sesame-code-keys 1
draw sesame-token-keys 1
draw sesame-seal-keys 1
draw sesame-peppers 1

if [ "$drawn" -gt 0 ]; then
  # The app looked for its keys before they were there; a restart makes it look again.
  az functionapp restart --name "$AZURE_FUNCTION_APP_NAME" --resource-group "$AZURE_RESOURCE_GROUP" --output none ||
    echo "Restart the function app $AZURE_FUNCTION_APP_NAME once, so that it reads its keys." >&2
else
  echo "All keys are there; none was touched."
fi
