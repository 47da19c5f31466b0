# Writes the address of the service into the built web app: into dist/config.json, and into the content security policy
# of dist/staticwebapp.config.json. web/staticwebapp.config.json is not changed.
$ErrorActionPreference = 'Stop'
$web = Resolve-Path (Join-Path $PSScriptRoot '../../web')
$api = $env:API_BASE_URL
if (-not $api) {
    Write-Output 'API_BASE_URL is not set because nothing is provisioned yet. The address is written later.'
    exit 0
}

# The value goes into JSON and into a policy. Only a plain HTTPS origin is accepted, so that it cannot inject either.
if ($api -cnotmatch '^https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?$') { throw 'API_BASE_URL is not an HTTPS origin such as https://func-name.azurewebsites.net.' }

if (-not (Test-Path (Join-Path $web 'dist/index.html'))) {
    Write-Output 'The web app is not built yet. The address is written before the upload.'
    exit 0
}
$policy = [System.IO.File]::ReadAllText((Join-Path $web 'staticwebapp.config.json'))
if (-not $policy.Contains("connect-src 'self'")) { throw "staticwebapp.config.json does not contain connect-src 'self'. Add it to the content security policy." }
[System.IO.File]::WriteAllText((Join-Path $web 'dist/config.json'), "{ `"api`": `"$api`" }`n")
[System.IO.File]::WriteAllText(
    (Join-Path $web 'dist/staticwebapp.config.json'),
    $policy.Replace("connect-src 'self'", "connect-src 'self' $api"))
Write-Output "The web app calls $api."
