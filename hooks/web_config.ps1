# Tells the built pages where the service is: dist/config.json, and the one address that their content security policy
# lets them call. web/staticwebapp.config.json itself stays as it is.
$ErrorActionPreference = 'Stop'
$web = Resolve-Path (Join-Path $PSScriptRoot '../web')
$api = $env:API_BASE_URL
if (-not $api) {
    Write-Output 'Nothing is provisioned yet: the pages are told later where the service is.'
    exit 0
}

# It goes into JSON and into a policy: an origin, and nothing else.
if ($api -cnotmatch '^https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?$') { throw 'API_BASE_URL is no https origin.' }

if (-not (Test-Path (Join-Path $web 'dist/index.html'))) {
    Write-Output 'The pages are not built yet; they are told before they are uploaded.'
    exit 0
}
$policy = [System.IO.File]::ReadAllText((Join-Path $web 'staticwebapp.config.json'))
if (-not $policy.Contains("connect-src 'self'")) { throw "staticwebapp.config.json has no connect-src 'self' to extend." }
[System.IO.File]::WriteAllText((Join-Path $web 'dist/config.json'), "{ `"api`": `"$api`" }`n")
[System.IO.File]::WriteAllText(
    (Join-Path $web 'dist/staticwebapp.config.json'),
    $policy.Replace("connect-src 'self'", "connect-src 'self' $api"))
Write-Output "The pages call $api."
