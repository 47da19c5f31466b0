# Generates the keys of the service that are missing from its key vault. A key is never shown, put on a command line or
# replaced: a new value would lock everybody out (docs/decisions/0010). The hook reads names of secrets, never values.
$ErrorActionPreference = 'Stop'

$vault = $env:AZURE_KEY_VAULT_NAME
if (-not $vault) { throw 'AZURE_KEY_VAULT_NAME is not set. Run this script as an azd hook.' }
if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
    throw 'The Azure CLI is needed to write the keys. Install az, sign in (az login), and run azd provision again.'
}

# A new role assignment can take some minutes to take effect.
$most = if ($env:SESAME_HOOK_TRIES) { [int]$env:SESAME_HOOK_TRIES } else { 20 }
$pause = if ($env:SESAME_HOOK_PAUSE) { [int]$env:SESAME_HOOK_PAUSE } else { 15 }
for ($try = 1; ; $try++) {
    $present = @(az keyvault secret list --vault-name $vault --query '[].name' --output tsv)
    if ($LASTEXITCODE -eq 0) { break }
    if ($try -ge $most) { throw "Cannot list the secrets of the key vault $vault. Check that az and azd are signed in with the same account, then run azd provision again." }
    Start-Sleep -Seconds $pause
}

$drawn = 0
$file = [System.IO.Path]::GetTempFileName()
try {
    foreach ($key in @(
            @('sesame-index-key', ''),
            @('sesame-code-keys', '1:'),
            @('sesame-token-keys', '1:'),
            @('sesame-seal-keys', '1:'),
            @('sesame-peppers', '1:'))) {
        if ($present -contains $key[0]) { continue }
        $bytes = [byte[]]::new(32)
        [System.Security.Cryptography.RandomNumberGenerator]::Fill($bytes)
        [System.IO.File]::WriteAllText($file, $key[1] + [System.Convert]::ToBase64String($bytes))
        az keyvault secret set --vault-name $vault --name $key[0] --file $file --encoding utf-8 --output none
        if ($LASTEXITCODE -ne 0) { throw "Could not write the secret $($key[0])." }
        Write-Output "Key generated: $($key[0])"
        $drawn++
    }
}
finally {
    Remove-Item -Force $file
}

if ($drawn -gt 0) {
    # The app started before its keys existed. A restart makes it read them.
    az functionapp restart --name $env:AZURE_FUNCTION_APP_NAME --resource-group $env:AZURE_RESOURCE_GROUP --output none
    if ($LASTEXITCODE -ne 0) {
        Write-Warning "The restart failed. Restart the function app $($env:AZURE_FUNCTION_APP_NAME), so that it reads its keys."
    }
}
else {
    Write-Output 'All keys exist. Nothing was changed.'
}
