#!/bin/sh
# Runs before azd creates or changes resources: looks up what a template cannot know, and passes it on.
set -eu

# `azd up` asks for the last two; `azd provision` alone would ask for them after this hook.
group=rg-${AZURE_ENV_NAME:?is not set: run this script as a hook of azd}
region=${AZURE_LOCATION:?is not set: run azd up, or azd env set AZURE_LOCATION}
subscription=${AZURE_SUBSCRIPTION_ID:?is not set: run azd up, or azd env set AZURE_SUBSCRIPTION_ID}
stop() {
  echo "Cannot look up $1 in the subscription $subscription. Sign in to the Azure CLI with the account that azd uses (az login), then run azd provision again." >&2
  exit 1
}

exists=$(az group exists --name "$group" --subscription "$subscription") || stop "the resource group $group"

# The budget: Azure refuses another start for an existing one, and a past month for a new one.
start=
if [ "$exists" = true ] && [ "${MONTHLY_SPEND:-}" != 0 ]; then
  start=$(az rest --method get --url "/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.Consumption/budgets?api-version=2023-11-01" \
    --query "value[?name=='sesame'].properties.timePeriod.startDate | [0]" --output tsv) || stop "the budget"
fi
azd env set --environment "$AZURE_ENV_NAME" BUDGET_START "$(printf '%.10s' "${start:-$(date -u +%Y-%m-01)}")"

# The vault of an earlier `azd down`: purge protection keeps it and its name, so it must be recovered, but only once.
deleted=$(az keyvault list-deleted --resource-type vault --subscription "$subscription" --output tsv \
  --query "[?contains(properties.vaultId, '/resourceGroups/$group/') && properties.location=='$region'].name") || stop "deleted key vaults"
azd env set --environment "$AZURE_ENV_NAME" RECOVER_KEY_VAULT "$([ -n "$deleted" ] && echo true || echo false)"

# A mail domain that was deleted has to be declared and verified again.
if [ "$exists" = false ] && [ "${EMAIL_DOMAIN_VERIFIED:-}" = true ]; then
  azd env set --environment "$AZURE_ENV_NAME" EMAIL_DOMAIN_VERIFIED false
fi

# Role assignments of an earlier `azd down` can outlive their resources. Azure then refuses a new identity under the same
# name of the assignment (RoleAssignmentUpdateNotPermitted).
if [ "$exists" = false ]; then
  left=$(az role assignment list --all --subscription "$subscription" --output tsv \
    --query "[?contains(scope, '/resourceGroups/$group/')].id") || stop "role assignments"
  for assignment in $left; do
    az role assignment delete --ids "$assignment" --subscription "$subscription"
  done
fi
