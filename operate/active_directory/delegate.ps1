<#
.SYNOPSIS
Grants the service account of Sésame the rights that it needs on the people of one subtree, and no others.

.DESCRIPTION
On all users below -PeopleDN: reset the password, write lockoutTime and pwdLastSet, and read what says whether an account
may sign in. On fine-grained password policies: read. Run it as an administrator of the domain, on a machine with the
module ActiveDirectory (RSAT). -WhatIf shows what it would do, -Remove takes the same rights away again.

Accounts that the domain protects (adminCount 1) inherit no rights, so this service cannot reset them. Keep it so.

.EXAMPLE
./delegate.ps1 -PeopleDN 'OU=People,DC=example,DC=org' -ServiceAccount 'EXAMPLE\sesame' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)][string] $PeopleDN,
    [Parameter(Mandatory)][string] $ServiceAccount,
    [switch] $Remove
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module ActiveDirectory

$user = [guid]'bf967aba-0de6-11d0-a285-00aa003049e2'
$grants = @(
    @{ Rights = 'ExtendedRight'; Guid = '00299570-246d-11d0-a768-00aa006e0529' }               # Reset Password
    @{ Rights = 'ReadProperty, WriteProperty'; Guid = '28630ebf-41d5-11d1-a9c1-0000f80367c1' } # lockoutTime
    @{ Rights = 'ReadProperty, WriteProperty'; Guid = 'bf967a0a-0de6-11d0-a285-00aa003049e2' } # pwdLastSet
    @{ Rights = 'ReadProperty'; Guid = '4c164200-20c0-11d0-a768-00aa006e0529' }                # set Account Restrictions
    @{ Rights = 'ReadProperty'; Guid = '5f202010-79a5-11d0-9020-00c04fc2d4cf' }                # set Logon Information
    @{ Rights = 'ReadProperty'; Guid = 'bc0ac240-79a9-11d0-9020-00c04fc2d4cf' }                # set Group Membership
    @{ Rights = 'ReadProperty'; Guid = 'bf967918-0de6-11d0-a285-00aa003049e2' }                # adminCount
    @{ Rights = 'ReadProperty'; Guid = 'bf96792d-0de6-11d0-a285-00aa003049e2' }                # badPasswordTime
    @{ Rights = 'ReadProperty'; Guid = 'b77ea093-88d0-4780-9a98-911f8e8b1dca' }                # msDS-ResultantPSO
    @{ Rights = 'ReadProperty'; Guid = '281416c0-1968-11d0-a28f-00aa003049e2' }                # replPropertyMetaData
    @{ Rights = 'ReadProperty'; Guid = '856be0d0-18e7-46e1-8f5f-7ee4d9020e0d' }                # preferredLanguage
)

$account = ([System.Security.Principal.NTAccount]$ServiceAccount).Translate([System.Security.Principal.SecurityIdentifier])

function Update-Access([string] $DN, [System.DirectoryServices.ActiveDirectoryAccessRule[]] $Rules) {
    $path = "AD:\$DN"
    $acl = Get-Acl -Path $path
    foreach ($rule in $Rules) {
        if ($Remove) { $null = $acl.RemoveAccessRule($rule) } else { $acl.AddAccessRule($rule) }
    }
    if ($PSCmdlet.ShouldProcess($DN, "$(if ($Remove) { 'remove' } else { 'grant' }) $($Rules.Count) rights of $ServiceAccount")) {
        Set-Acl -Path $path -AclObject $acl
    }
}

$onPeople = foreach ($grant in $grants) {
    New-Object System.DirectoryServices.ActiveDirectoryAccessRule(
        $account, [System.DirectoryServices.ActiveDirectoryRights]$grant.Rights,
        [System.Security.AccessControl.AccessControlType]::Allow, [guid]$grant.Guid,
        [System.DirectoryServices.ActiveDirectorySecurityInheritance]::Descendents, $user)
}
Update-Access -DN $PeopleDN -Rules $onPeople

$policies = "CN=Password Settings Container,CN=System,$((Get-ADDomain).DistinguishedName)"
$onPolicies = New-Object System.DirectoryServices.ActiveDirectoryAccessRule(
    $account, [System.DirectoryServices.ActiveDirectoryRights]'GenericRead',
    [System.Security.AccessControl.AccessControlType]::Allow,
    [System.DirectoryServices.ActiveDirectorySecurityInheritance]::All)
Update-Access -DN $policies -Rules $onPolicies
