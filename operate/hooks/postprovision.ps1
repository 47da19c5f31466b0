# Runs after azd has created the resources: generates missing keys, then prints the manual steps.
$ErrorActionPreference = 'Stop'
& (Join-Path $PSScriptRoot 'keys.ps1')
& (Join-Path $PSScriptRoot 'next_steps.ps1')
