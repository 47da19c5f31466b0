"""What `azd` runs before and after its own steps: `python -m operate.hooks STEP`, with the standard library only.

run.sh, run.ps1   find a Python; azure.yaml calls them
__main__.py       the steps by name
az.py             calls of the Azure CLI and of azd
environment.py    the variables of azd, and the parameters that they fill
refusals.py       what azd would drop in silence or choke on, and what Azure or the service would refuse half-way
"""
