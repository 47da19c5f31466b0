# Draws the keys of the service into its vault, each once. A key is never shown, never put on a command line, and never
# drawn anew: whoever replaces one locks everybody out (docs/decisions/0010). Names are asked for, values never.
$ErrorActionPreference = 'Stop'

$vault = $env:AZURE_KEY_VAULT_NAME
if (-not $vault) { throw 'AZURE_KEY_VAULT_NAME is not set: run this as a hook of azd.' }
if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
    throw 'The keys are drawn with the Azure CLI: install az, sign in (az login), and run azd provision again.'
}

# A right that was given a moment ago may take minutes to hold.
$most = if ($env:SESAME_HOOK_TRIES) { [int]$env:SESAME_HOOK_TRIES } else { 20 }
$pause = if ($env:SESAME_HOOK_PAUSE) { [int]$env:SESAME_HOOK_PAUSE } else { 15 }
for ($try = 1; ; $try++) {
    $present = @(az keyvault secret list --vault-name $vault --query '[].name' --output tsv)
    if ($LASTEXITCODE -eq 0) { break }
    if ($try -ge $most) { throw "The vault $vault does not answer. Are you signed in to az as whoever runs azd?" }
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
        if ($LASTEXITCODE -ne 0) { throw "$($key[0]) could not be written." }
        Write-Output "drawn: $($key[0])"
        $drawn++
    }
}
finally {
    Remove-Item -Force $file
}

if ($drawn -gt 0) {
    # The app looked for its keys before they were there; a restart makes it look again.
    az functionapp restart --name $env:AZURE_FUNCTION_APP_NAME --resource-group $env:AZURE_RESOURCE_GROUP --output none
    if ($LASTEXITCODE -ne 0) {
        Write-Warning "Restart the function app $($env:AZURE_FUNCTION_APP_NAME) once, so that it reads its keys."
    }
}
else {
    Write-Output 'All keys are there; none was touched.'
}
