# Runs one step of operate/hooks with a Python that is recent enough: run.ps1 STEP. azure.yaml calls it.
# A Python that fails is not an error of this script: its exit code is passed on.
$ErrorActionPreference = 'Continue'
$PSNativeCommandUseErrorActionPreference = $false
$root = Resolve-Path (Join-Path $PSScriptRoot '../..')
foreach ($python in 'python3', 'python', 'py') {
    if (-not (Get-Command $python -CommandType Application -ErrorAction SilentlyContinue)) { continue }
    # The alias of the Microsoft Store starts no Python: only one that answers counts.
    $answer = try { & $python -c 'import sys; print(int(sys.version_info >= (3, 11)))' 2>$null } catch { '' }
    if ("$answer".Trim() -ne '1') { continue }
    Set-Location $root
    & $python -E -B -m operate.hooks @args
    exit $LASTEXITCODE
}
[Console]::Error.WriteLine('Python 3.11 or later was not found on PATH. Install it, then run the same azd command again.')
exit 1
