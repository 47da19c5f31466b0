"""The project's own rules: no keys, no secrets in outputs, role assignments in one file, known settings."""

import re
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from tests.infra.bicep.syntax import Finding, literal, text_of, walk
from tests.infra.bicep.template import Declared, Template

ROLES_FILE = "app/roles.bicep"
# Built-in roles with the names that Azure documents.
ROLES = {
    "storageBlobDataOwner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "storageQueueDataContributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "storageQueueDataMessageSender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "storageTableDataContributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "monitoringMetricsPublisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "keyVaultSecretsUser": "4633458b-17de-408a-b874-0445c86b69e6",
    "keyVaultSecretsOfficer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "communicationOwner": "09976791-48a7-449e-bb21-39d1a415f350",
}
MUST_BE = {
    "Microsoft.Storage/storageAccounts": {
        "properties.allowSharedKeyAccess": "false",
        "properties.allowBlobPublicAccess": "false",
        "properties.allowCrossTenantReplication": "false",
        "properties.defaultToOAuthAuthentication": "true",
        "properties.supportsHttpsTrafficOnly": "true",
        "properties.minimumTlsVersion": "TLS1_2",
    },
    "Microsoft.KeyVault/vaults": {
        "properties.enableRbacAuthorization": "true",
        "properties.enableSoftDelete": "true",
        "properties.enablePurgeProtection": "true",
    },
    "Microsoft.Communication/communicationServices": {"properties.disableLocalAuth": "true"},
    "Microsoft.Communication/emailServices/domains": {"properties.userEngagementTracking": "Disabled"},
    "Microsoft.Insights/components": {
        "properties.DisableLocalAuth": "true",
        "properties.DisableIpMasking": "false",
    },
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": "true"},
    "Microsoft.Web/sites": {
        "properties.httpsOnly": "true",
        "properties.siteConfig.minTlsVersion": "1.2",
        "properties.siteConfig.cors.supportCredentials": "false",
        "properties.functionAppConfig.runtime.version": "3.13",
        "properties.functionAppConfig.deployment.storage.authentication.type": "UserAssignedIdentity",
        "identity.type": "UserAssigned",
    },
}
# Resource types that have tags, except child resources.
UNTAGGED = {"Microsoft.Insights/diagnosticSettings", "Microsoft.Consumption/budgets"}
SECRET_CALL = re.compile(r"\b(list[A-Z]\w*|reference|getSecret)\b")
CONNECTION = re.compile(r"AccountKey|SharedAccess|ConnectionString|InstrumentationKey", re.IGNORECASE)
SECRET_NAME = re.compile(r"password|pwd|secret|accountkey|acctkey", re.IGNORECASE)


def judge(templates: Mapping[str, Template]) -> Iterator[Finding]:
    """Return every finding about the project's own rules."""
    for template in templates.values():
        for resource in template.resources.values():
            if not resource.existing:
                yield from _posture(template, resource)
                yield from _tags(template, resource)
                yield from _role(template, resource)
        yield from _secrets(template)
        yield from _role_ids(template)


def _posture(template: Template, resource: Declared) -> Iterator[Finding]:
    for path, wanted in MUST_BE.get(resource.target.partition("@")[0], {}).items():
        value = resource.property(*path.split("."))
        given = None if value is None else literal(value) or text_of(value)
        if given != wanted:
            yield template.source.finding(value or resource.node, f"`{resource.name}.{path}` must be {wanted}")


def _tags(template: Template, resource: Declared) -> Iterator[Finding]:
    kind = resource.target.partition("@")[0]
    inside_another = resource.property("parent") is not None or resource.property("scope") is not None
    tags = resource.property("tags")
    if kind in UNTAGGED or (inside_another and tags is None):
        return
    if tags is None or not re.match(r"(union\()?tags\b", text_of(tags)):
        yield template.source.finding(resource.node, f"`{resource.name}` lacks the tags with which azd finds it")


def _role(template: Template, resource: Declared) -> Iterator[Finding]:
    if not resource.target.startswith("Microsoft.Authorization/roleAssignments@"):
        return
    if template.source.name != ROLES_FILE:
        yield template.source.finding(resource.node, f"only {ROLES_FILE} may assign roles")
    for wanted in ("scope", "name"):
        if resource.property(wanted) is None:
            yield template.source.finding(resource.node, f"`{resource.name}` lacks `{wanted}`")
    if resource.property("properties", "principalType") is None:
        yield template.source.finding(
            resource.node,
            f"`{resource.name}` lacks `principalType`: without it, the assignment can fail for a new identity",
        )
    name = resource.property("name")
    if name is None:
        return
    said = re.fullmatch(r"guid\((\w+)\.id, \w+, (\w+)\)", text_of(name))
    if said is None:
        yield template.source.finding(name, "the name of an assignment is guid(scope, principal, role)")
        return
    # A role variable's name states what it grants, and the scope states where. This finds a wider scope, or the id of
    # another role under a harmless name.
    scope, role = resource.property("scope"), resource.property("properties", "roleDefinitionId")
    if scope is not None and text_of(scope) != said[1]:
        yield template.source.finding(scope, f"`{resource.name}` has a scope other than `{said[1]}`")
    if role is not None and not re.search(rf"\b{said[2]}\)$", text_of(role)):
        yield template.source.finding(role, f"`{resource.name}` assigns a role other than `{said[2]}`")


def _role_ids(template: Template) -> Iterator[Finding]:
    """Check that a role id is assigned to a variable with the name of its role."""
    for variable in template.variables.values():
        if variable.name in ROLES and literal(variable.value) != ROLES[variable.name]:
            yield template.source.finding(variable.node, f"`{variable.name}` is {ROLES[variable.name]}")
    for node in walk(template.source.root):
        text = literal(node) if node.type == "string" else None
        if text and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) and text not in ROLES.values():
            yield template.source.finding(node, f"{text} is not the id of a role that this service assigns")


def _secrets(template: Template) -> Iterator[Finding]:
    secure = {parameter.name for parameter in template.parameters.values() if parameter.is_secure}
    for output in template.outputs.values():
        text = text_of(output.value)
        if SECRET_CALL.search(text) or CONNECTION.search(text) or secure & set(re.findall(r"\w+", text)):
            yield template.source.finding(
                output.node, f"the output `{output.name}` writes a secret into the deployment history"
            )
    for parameter in template.parameters.values():
        if parameter.is_secure and parameter.default is not None:
            yield template.source.finding(parameter.node, f"the secret `{parameter.name}` has a default")
        if SECRET_NAME.search(parameter.name) and not parameter.is_secure and parameter.type in {"string", "object"}:
            yield template.source.finding(
                parameter.node, f"`{parameter.name}` has the name of a secret and lacks @secure()"
            )
    for node in walk(template.source.root):
        if node.type == "call_expression" and SECRET_CALL.match(_called(node)):
            yield template.source.finding(node, f"`{_called(node)}` reads a key; no resource here needs one")
        text = literal(node) if node.type == "string" else None
        if text and re.search(
            r"(AccountKey|SharedAccessKey|accesskey)=|\.(windows|azure|azurewebsites)\.net|login\.microsoft", text
        ):
            yield template.source.finding(
                node, "a key, or an address of one cloud: use environment() or a reference instead"
            )


def _called(node: Node) -> str:
    function = node.child_by_field_name("function")
    return text_of(function).rpartition(".")[2] if function is not None else ""
