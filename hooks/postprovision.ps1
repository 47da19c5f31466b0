# After azd has made the resources: draw the keys that are missing, then say what only a person can do.
$ErrorActionPreference = 'Stop'
& (Join-Path $PSScriptRoot 'keys.ps1')
& (Join-Path $PSScriptRoot 'next_steps.ps1')
